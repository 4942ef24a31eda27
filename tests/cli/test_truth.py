import json
from pathlib import Path

import pytest

import datagen
from tests.cli.terminal import Run
from tests.interop.export.hostile import HOSTILE


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    datagen.generate(HOSTILE, tmp_path / "out", scale=0.2)
    return tmp_path / "out"


def test_truth_shows_what_was_planted(run: Run, folder: Path) -> None:
    reported = run("truth", folder)
    assert reported.code == 0
    assert 'behavior: segments latent={"truth_column": "habit"' in reported.out
    assert "hidden, in _truth/customers:" in reported.out


def test_truth_of_one_table_as_json(run: Run, folder: Path) -> None:
    reported = run("truth", folder, "--table", "orders", "--json")
    assert json.loads(reported.out) == datagen.Dataset(folder).truth.parameters["tables"]["orders"]


def test_a_table_or_a_folder_that_is_not_there_is_reported(run: Run, folder: Path, tmp_path: Path) -> None:
    reported = run("truth", folder, "--table", "order")
    assert reported.code == 1 and "did you mean 'orders'?" in reported.err
    assert run("truth", tmp_path / "nothing").code == 1
