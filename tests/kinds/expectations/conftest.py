from pathlib import Path

import pytest

import datagen
from tests.kinds.expectations.judging import PARTITION_ROWS, shop


@pytest.fixture(scope="package")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("shop") / "out"
    datagen.generate(shop(), out, partition_rows=PARTITION_ROWS)
    assert len(list((out / "orders").iterdir())) > 4
    return out
