"""A pytest plugin: the fixture `datagen` gives datasets, each generated once and kept by its plan's id.

def test_orders(datagen):
    orders = datagen("shop.yaml", scale=0.01)["orders"].to_pandas()
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from datagen.runtime.dataset import Dataset


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds --datagen-fresh."""
    parser.addoption("--datagen-fresh", action="store_true", help="generate datasets anew that an earlier session made")


@pytest.fixture(scope="session", name="datagen")
def datasets(pytestconfig: pytest.Config) -> Callable[..., Dataset]:
    """Datasets of schemas: `datagen(source, seed=..., scale=...)`. One plan is generated once, in this session or an
    earlier one.

    The files are in the cache of pytest below `d/datagen/<plan id>`. Tests only read them.
    """
    from datagen.api import generate, plan  # seconds of start-up that other test sessions do without
    from datagen.runtime.dataset import Dataset

    cache = getattr(pytestconfig, "cache", None)
    folder = Path(cache.mkdir("datagen")) if cache is not None else Path(".pytest_cache/d/datagen")
    fresh, made = pytestconfig.getoption("--datagen-fresh"), set[str]()

    def dataset(source: Any, **choices: Any) -> Dataset:
        planned = plan(source, **choices)
        out = folder / planned.id[:32]
        if not (out / "_SUCCESS").exists() or (fresh and planned.id not in made):
            generate(source, out, overwrite=True, **choices)
        made.add(planned.id)
        return Dataset(out)

    return dataset
