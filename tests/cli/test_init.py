from pathlib import Path

import pytest

from datagen.authoring.starters import starters
from tests.cli.terminal import Run


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_all_are_listed_with_what_they_show(run: Run) -> None:
    reported = run("init")
    assert reported.code == 0
    assert all(name in reported.out for name in starters())


def test_a_document_is_written_and_never_replaced_unasked(run: Run, here: Path) -> None:
    assert "Next: datagen generate shop.yaml" in run("init", "shop").out
    assert (here / "shop.yaml").read_text() == starters()["shop"].text
    again = run("init", "shop")
    assert (again.code, "is there already" in again.err) == (1, True)
    assert run("init", "shop", "--force").code == 0
    assert run("check", "shop.yaml").code == 0


def test_a_document_is_printed(run: Run) -> None:
    assert run("init", "bank", "--out", "-").out == starters()["bank"].text


def test_an_unknown_name_gets_the_nearest_as_a_hint(run: Run) -> None:
    reported = run("init", "shopp")
    assert reported.code == 2
    assert "did you mean 'shop'?" in reported.err
