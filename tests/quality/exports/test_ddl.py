from pathlib import Path

import duckdb
import pytest
import sqlglot

import datagen
from datagen.quality.exports import export
from datagen.quality.exports.sql import DIALECTS
from tests.quality.exports.hostile import HOSTILE, TEXTS

EXAMPLES = Path(__file__).parents[3] / "examples"
MUTUAL = {
    "datagen": 1,
    "name": "mutual",
    "tables": {
        "people": {"rows": 9, "columns": {"id": {"type": "key"}, "team": {"type": "reference", "table": "teams"}}},
        "teams": {
            "rows": 3,
            "columns": {
                "id": {"type": "key"},
                "head": {"type": "reference", "table": "people"},
                "above": {"type": "reference", "table": "teams"},
            },
        },
    },
}


@pytest.mark.parametrize("source", [HOSTILE, EXAMPLES / "shop.json"], ids=["hostile", "shop"])
def test_the_tables_are_made_in_duckdb_and_hold_what_is_generated(source: object, tmp_path: Path) -> None:
    """Keys, foreign keys, ranges and values are kept by the database itself."""
    dataset = datagen.generate(source, tmp_path / "out", scale=1.0 if source is HOSTILE else 0.02)  # type: ignore[arg-type]
    with duckdb.connect() as duck:
        duck.execute(export(source, "ddl", dialect="duckdb"))  # type: ignore[arg-type]
        order = [
            name for (name,) in duck.execute("SELECT table_name FROM duckdb_tables() ORDER BY table_oid").fetchall()
        ]
        assert sorted(order) == sorted(dataset.tables)
        for name in order:
            duck.execute(f"INSERT INTO \"{name}\" SELECT * FROM '{tmp_path}/out/{name}/*.parquet'")
            row = duck.execute(f'SELECT count(*) FROM "{name}"').fetchone()
            assert row == (dataset.table(name).rows,)


def test_a_row_that_the_schema_does_not_allow_is_refused() -> None:
    with duckdb.connect() as duck:
        duck.execute(export(HOSTILE, "ddl", dialect="duckdb"))
        duck.execute("INSERT INTO \"Stores\" VALUES (1, ?, true, 1.0, 5, '2005-01-01')", [TEXTS[4]])
        for row in ((1, TEXTS[4], 1.0), (2, "nowhere", 1.0), (3, TEXTS[4], 9.0)):
            with pytest.raises(duckdb.ConstraintException):
                duck.execute("INSERT INTO \"Stores\" VALUES (?, ?, true, ?, 5, '2005-01-01')", row)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect_reads_its_own_as_one_statement_per_table(dialect: str) -> None:
    statements = sqlglot.parse(export(HOSTILE, "ddl", dialect=dialect), read=dialect)
    assert [type(one).__name__ for one in statements if one is not None] == ["Create"] * 3


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_text_stays_a_text(dialect: str) -> None:
    from sqlglot import exp

    if dialect in ("bigquery", "snowflake"):
        pytest.skip("has no CHECK constraints, so no text of the document stands in it")
    tree = sqlglot.parse(export(HOSTILE, "ddl", dialect=dialect), read=dialect)[0]
    assert tree is not None
    assert {one.this for one in tree.find_all(exp.Literal) if one.is_string} == set(TEXTS)


def test_tables_that_refer_to_each_other_are_made_one_after_the_other() -> None:
    text = export(MUTUAL, "ddl", dialect="postgres")
    assert text.count("CREATE TABLE") == 2 and text.count("ALTER TABLE") == 1 and text.count("REFERENCES") == 3
    with duckdb.connect() as duck:
        duck.execute(export(MUTUAL, "ddl", dialect="duckdb"))
