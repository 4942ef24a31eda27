from pathlib import Path

from datagen.interop.export import export
from tests.cli.terminal import Run


def test_an_export_is_printed_or_written(run: Run, shop: Path, tmp_path: Path) -> None:
    assert run("export", shop, "--to", "ddl", "--dialect", "duckdb").out == export(shop, "ddl", dialect="duckdb")
    path = tmp_path / "er.mmd"
    assert run("export", shop, "--to", "mermaid", "--out", path).code == 0
    assert path.read_text() == export(shop, "mermaid")


def test_a_format_or_a_file_that_cannot_be_is_told(run: Run, shop: Path, tmp_path: Path) -> None:
    told = run("export", shop, "--to", "dbtt")
    assert told.code == 2 and "did you mean 'dbt'?" in told.err
    assert run("export", shop, "--to", "dbt", "--out", tmp_path).code == 1
