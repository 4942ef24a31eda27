from __future__ import annotations

from pathlib import Path

import pytest

from tests.helm.tools import Chart, helm_binary


@pytest.fixture(scope="session")
def chart(tmp_path_factory: pytest.TempPathFactory) -> Chart:
    # one folder for all processes of a test run: the program is 60 MB
    folder = tmp_path_factory.getbasetemp()
    shared = folder.parent if folder.name.startswith("popen-") else folder
    return Chart(helm_binary(shared), Path(tmp_path_factory.mktemp("home")))
