import json
from pathlib import Path

import pytest

from tests.analysis.documents import SHOP
from tests.cli.terminal import Run, runner


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    return runner(capsys, monkeypatch)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A valid schema in a file."""
    path = tmp_path / "shop.json"
    path.write_text(json.dumps(SHOP))
    return path
