from __future__ import annotations

import pytest

from tests.validation.folders import shop


@pytest.fixture(scope="session")
def whole(tmp_path_factory):
    """A sound dataset; not to be changed."""
    return shop(tmp_path_factory.mktemp("shop") / "out")
