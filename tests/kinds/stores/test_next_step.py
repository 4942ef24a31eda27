"""Wherever a first run into an object store fails, the next step that the refusal of a second run names works."""

from __future__ import annotations

import pytest

import datagen
from datagen.errors import OutputError, RunError
from datagen.kinds.stores.support import object_store
from tests.kinds.stores.servers import Proxy
from tests.kinds.stores.test_s3 import SHOP, objects

pytestmark = pytest.mark.integration


@pytest.mark.parametrize(
    ("writes", "way"),
    [(0, ""), (1, "resume"), (4, "overwrite")],
)
def test_a_run_that_failed_is_continued_or_replaced_as_its_refusal_says(
    s3: Proxy, prefix: str, monkeypatch: pytest.MonkeyPatch, writes: int, way: str
) -> None:
    monkeypatch.setattr(object_store, "PAUSES", (0.01,))
    done = list[str]()

    def fault(method: str, path: str) -> str:
        if method != "PUT":
            return ""
        done.append(path)
        return "slow" if len(done) > writes else ""

    s3.fault = fault
    with pytest.raises(RunError, match="cannot write"):
        datagen.generate(SHOP, prefix, workers=1)
    s3.fault = lambda _method, _path: ""
    if way:
        with pytest.raises(OutputError, match=f"has an unfinished run .*--{way}"):
            datagen.generate(SHOP, prefix, workers=1)
    datagen.generate(SHOP, prefix, workers=1, resume=way == "resume", overwrite=way == "overwrite")
    assert "_SUCCESS" in objects(prefix)
