import json
from pathlib import Path

import duckdb
import pytest
import sqlglot

import datagen
from datagen.interop.export import export
from datagen.interop.export.sql import DIALECTS
from tests.interop.export.hostile import HOSTILE, TEXTS

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
    scale = 1.0 if source is HOSTILE else 0.02
    dataset = datagen.generate(source, tmp_path / "out", scale=scale)  # type: ignore[arg-type]
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
    assert text.count("CREATE TABLE") == 2 and text.count("REFERENCES") == 3
    assert text.count("ALTER TABLE") == text.count("DEFERRABLE INITIALLY DEFERRED;") == 2
    assert text.rindex("CREATE TABLE") < text.index("ALTER TABLE")
    with duckdb.connect() as duck:
        duck.execute(export(MUTUAL, "ddl", dialect="duckdb"))


RING = {
    "datagen": 1,
    "name": "ring",
    "tables": {
        name: {"rows": 3, "columns": {"id": {"type": "key"}, "next": {"type": "reference", "table": target}}}
        for name, target in (("a", "b"), ("b", "c"), ("c", "a"), ("hook", "a"))
    },
}


def test_every_key_of_a_longer_cycle_is_added_afterwards() -> None:
    """A table that only refers to the cycle has its key at once."""
    lines = export(RING, "ddl").splitlines()
    assert {line.split('"')[1] for line in lines if line.startswith("ALTER")} == {"a", "b", "c"}
    assert sum(line.strip().startswith("FOREIGN KEY") for line in lines) == 1


@pytest.mark.parametrize("dialect", DIALECTS)
def test_one_table_alone_keeps_its_foreign_keys(dialect: str) -> None:
    text = export(RING, "ddl", dialect=dialect, table="hook")
    assert "REFERENCES" in text and "-- refers to tables that are not created here: a" in text
    assert "left out: hook.next holds keys of a" in export(RING, "mermaid", table="hook")
    assert "holds keys of a.id" in export(RING, "datapackage", table="hook")


def damaged(fault: dict[str, object]) -> dict[str, object]:
    """A table of ships, each in a port; the table of ports has a fault."""
    columns = {"port_id": {"type": "formatted_key", "format": "P{number:4}"}, "berths": {"type": "poisson", "mean": 9}}
    ships = {"ship_id": {"type": "key"}, "port_id": {"type": "reference", "table": "ports"}}
    tables = {"ports": {"rows": 80, "columns": columns}, "ships": {"rows": 300, "columns": ships}}
    return {"datagen": 1, "name": "ports", "seed": 4, "tables": tables, "faults": {"ports": [fault]}}


COPIED, MISSPELLED = {"type": "duplicate", "rate": 0.2}, {"type": "typo", "columns": ["port_id"], "rate": 0.4}


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("fault", [COPIED, MISSPELLED], ids=["copied rows", "damaged keys"])
def test_no_foreign_key_leads_to_columns_that_faults_leave_without_a_key(
    fault: dict[str, object], dialect: str
) -> None:
    """A database refuses a foreign key to columns without a primary or unique key."""
    document = damaged(fault)
    text = export(document, "ddl", dialect=dialect)
    assert text.count("PRIMARY KEY") == 1 and "REFERENCES" not in text
    if dialect == "duckdb":
        with duckdb.connect() as duck:
            duck.execute(text)


def test_a_reference_to_copied_rows_holds_and_one_to_damaged_keys_does_not() -> None:
    """So other tools are told of the first one only."""
    for kind, told in {"dbt": "ref('ports')", "pandera": "('ships', 'port_id', 'ports', 'port_id')"}.items():
        assert told in export(damaged(COPIED), kind)
        assert told not in export(damaged(MISSPELLED), kind)
    for fault, keys in ((COPIED, 1), (MISSPELLED, 0)):
        resources = json.loads(export(damaged(fault), "datapackage"))["resources"]
        assert sum(len(one["schema"].get("foreignKeys", ())) for one in resources) == keys


def test_columns_stand_in_the_order_of_the_document_whatever_is_made_first(tmp_path: Path) -> None:
    """In files, in SQL and in previews: a sum may stand before what it adds."""
    columns = {
        "total": {"type": "expression", "expression": "b + a"},
        "b": {"type": "expression", "expression": "a * 2"},
        "a": {"type": "uniform", "min": 1, "max": 9, "decimals": 0},
        "id": {"type": "key"},
    }
    for kind in ("parquet", "csv", "jsonl"):
        document = {
            "datagen": 1,
            "name": "o",
            "output": {"type": kind},
            "tables": {"t": {"rows": 9, "columns": columns}},
        }
        dataset = datagen.generate(document, tmp_path / kind)
        table = dataset.table("t")
        assert table.read(table.files[0]).column_names == list(columns)
        assert datagen.preview(document)["t"].column_names == list(columns)
        assert datagen.validate(document, tmp_path / kind).passed
    made = export(document, "ddl")
    assert [line.split('"')[1] for line in made.splitlines()[1:5]] == list(columns)
