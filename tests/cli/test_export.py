from pathlib import Path

from datagen.interop.export import export
from tests.cli.terminal import Run


def test_an_export_is_printed_or_written(run: Run, shop: Path, tmp_path: Path) -> None:
    assert run("export", shop, "--to", "ddl", "--dialect", "duckdb").out == export(shop, "ddl", dialect="duckdb")
    path = tmp_path / "er.mmd"
    assert run("export", shop, "--to", "mermaid", "--out", path).code == 0
    assert path.read_text() == export(shop, "mermaid")


def test_a_format_or_a_file_that_cannot_be_is_reported(run: Run, shop: Path, tmp_path: Path) -> None:
    reported = run("export", shop, "--to", "dbtt")
    assert reported.code == 2 and "did you mean 'dbt'?" in reported.err
    assert run("export", shop, "--to", "dbt", "--out", tmp_path).code == 1


def test_a_picture_is_printed_or_written(run: Run, shop: Path, tmp_path: Path) -> None:
    assert run("export", shop, "--to", "svg").out.startswith("<svg")
    path = tmp_path / "er.png"
    assert run("export", shop, "--to", "png", "--out", path).out == f"wrote {path}\n"
    assert path.read_bytes().startswith(b"\x89PNG")
    assert "name a file" in run("export", shop, "--to", "png").err
    assert run("export", shop, "--to", "png", "--out", tmp_path / "er.svg").code == 2
    assert "leave out --table" in run("export", shop, "--to", "svg", "--table", "orders").err
