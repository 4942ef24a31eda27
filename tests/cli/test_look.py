"""plan, preview and fingerprint."""

import json
from pathlib import Path

from tests.cli.terminal import Run


def test_a_plan_names_tables_rows_and_memory(run: Run, shop: Path) -> None:
    reported = run("plan", shop)
    assert reported.code == 0
    assert all(word in reported.out for word in ("shop", "customers", "orders", "memory"))


def test_a_plan_over_the_budget_is_refused(run: Run, shop: Path) -> None:
    reported = run("plan", shop, "--memory", "1MB")
    assert reported.code == 2
    assert reported.err.startswith("error: ")


def test_a_preview_shows_the_first_rows_of_every_table(run: Run, shop: Path) -> None:
    reported = run("preview", shop, "--rows", 3)
    assert reported.code == 0
    assert "customers" in reported.out
    assert "orders" in reported.out
    assert "null" in reported.out or "x" in reported.out


def test_a_preview_of_one_table_shows_that_one(run: Run, shop: Path) -> None:
    assert "orders" not in run("preview", shop, "--table", "customers").out
    assert run("preview", shop, "--table", "nothing").code == 2


def test_a_fingerprint_is_the_same_of_files_and_of_their_schema(run: Run, shop: Path, tmp_path: Path) -> None:
    run("generate", shop, "--out", tmp_path / "data", "--partition-rows", 100)
    files, schema = run("fingerprint", tmp_path / "data"), run("fingerprint", shop)
    assert files.out == schema.out
    assert json.loads(run("fingerprint", shop, "--json").out).keys() == {"customers", "orders"}
