"""A server of the page in this process, and a browser to look at it."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from datagen.authoring.playground.server import SECONDS, Playground, PlaygroundServer

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser")
SMALL = """datagen: 1
name: small
window: {start: 2024-01-01, end: 2024-07-01}
tables:
  customers:
    rows: {type: arrivals, count: 200}
    columns:
      id: {type: key}
      joined_at: {type: arrival_time}
      segment: {type: choice, values: {basic: 70, pro: 30}}
  orders:
    parent: customers
    rows: {type: per_parent, count: 3}
    columns:
      id: {type: key}
      customer_id: {type: parent_key}
      amount: {type: lognormal, median: 40, sigma: 0.5, decimals: 2}
"""


@pytest.fixture(scope="package")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("playground") / "small.yaml"
    path.write_text(SMALL)
    return path


@pytest.fixture(scope="package")
def server(file: Path) -> Iterator[PlaygroundServer]:
    """Its answers may take as long as a busy machine needs."""
    made = PlaygroundServer(Playground(file))
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    with pytest.MonkeyPatch.context() as patch:
        for name in SECONDS:
            patch.setitem(SECONDS, name, 150.0)
        yield made
    made.shutdown()
    thread.join()
    made.close()
