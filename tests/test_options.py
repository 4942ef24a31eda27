"""What is asked of the public face is used or refused, never silently ignored."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import datagen
from datagen.errors import PlanError

DOCUMENT = {"datagen": 1, "name": "x", "tables": {"a": {"rows": 30, "columns": {"a_id": {"type": "key"}}}}}

ASKED = {
    "generate": lambda **asked: datagen.generate(DOCUMENT, "never", **asked),
    "plan": lambda **asked: datagen.plan(DOCUMENT, **asked),
    "preview": lambda **asked: datagen.preview(DOCUMENT, **asked),
    "to_dask": lambda **asked: datagen.to_dask(DOCUMENT, **asked),
    "fingerprint": lambda **asked: datagen.fingerprint(DOCUMENT, **asked),
    "validate": lambda **asked: datagen.validate(DOCUMENT, "never", **asked),
}


@pytest.mark.parametrize("name", ASKED)
def test_an_unknown_option_is_refused_with_the_nearest(name: str, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(TypeError, match="unexpected keyword argument 'memry'; did you mean 'memory'"):
        ASKED[name](memry=1)
    assert not list(tmp_path.iterdir())


def test_names_of_earlier_versions_tell_the_new_name(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(TypeError, match="'listen'; did you mean 'on_event'"):
        ASKED["generate"](listen=print)
    with pytest.raises(TypeError, match="'listen'; did you mean 'on_event'"):
        ASKED["validate"](listen=print)
    with pytest.raises(AttributeError, match="to_dask"):
        datagen.lazy  # noqa: B018


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"scale": 0}, "scale is 0; it must be a number above 0 and at most a billion"),
        ({"scale": float("nan")}, "scale is nan; it must be a number above 0 and at most a billion"),
        ({"scale": "2"}, "scale is '2'; it must be a number above 0 and at most a billion"),
        ({"seed": 1.5}, "seed is 1.5; it must be a whole number"),
        ({"partition_rows": 0}, "partition_rows is 0; it must be at least 1"),
        ({"memory": "1GB"}, "memory is '1GB'; it must be a whole number of bytes"),
        ({"workers": 0}, "workers is 0; it must be at least 1"),
    ],
)
def test_a_value_out_of_range_is_refused(asked: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(PlanError) as refused:
        datagen.generate(DOCUMENT, tmp_path / "out", **asked)
    assert str(refused.value) == message
    assert not (tmp_path / "out").exists()


def test_none_is_as_good_as_not_asked_and_numbers_of_numpy_are_numbers() -> None:
    plain = datagen.plan(DOCUMENT, seed=7, scale=2.0)
    assert datagen.plan(DOCUMENT, seed=np.int64(7), scale=np.float64(2), memory=None) == plain  # type: ignore[arg-type]
