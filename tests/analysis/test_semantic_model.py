from typing import Any

import pytest

from datagen.analysis import SemanticModel, analyze_or_raise
from datagen.analysis.dependencies import needs_graph
from datagen.columnar.block import CATEGORY, INT, TIMESTAMP, decimal
from datagen.errors import ExpressionError, SchemaError
from datagen.schema.reading.read import read
from datagen.scope import Scope
from tests.analysis.documents import SHOP, shop


@pytest.fixture
def model() -> SemanticModel:
    return SemanticModel(read(SHOP))


def test_a_table_knows_its_place_among_the_others(model: SemanticModel) -> None:
    orders = model.tables["orders"]
    assert (orders.parent, orders.root, orders.depth, orders.lineage) == (
        "customers",
        "customers",
        1,
        ("orders", "customers"),
    )
    assert (orders.key, orders.moment, orders.row_times) == ("order_id", "ordered_at", ("event_time",))
    assert model.tables["customers"].moment == "created_at"


def test_types_are_known_here_above_and_elsewhere(model: SemanticModel) -> None:
    place: Scope = model.column("orders", "note")
    assert place.type_of("amount") == decimal(2)
    assert place.type_of("customers.segment") == CATEGORY
    assert place.type_of("created_at", "customers") == TIMESTAMP
    assert place.type_of("nothing") is None
    assert place.type_of("nowhere.nothing") is None


def test_modifiers_decide_whether_cells_can_be_missing(model: SemanticModel) -> None:
    place = model.column("orders", "note")
    assert place.nullable("note")
    assert not place.nullable("amount")
    assert not place.nullable("customers.customer_id")


def test_an_expression_sees_its_row_and_the_rows_above(model: SemanticModel) -> None:
    place = model.column("orders", "note")
    compiled = place.expression("CASE WHEN customers.segment = 'vip' THEN amount ELSE 0 END")
    assert compiled.columns == {"customers.segment", "amount"}
    assert place.expression("customer_id + 1", "customers").type == INT
    with pytest.raises(ExpressionError, match="no column 'segment'"):
        place.expression("segment = 'vip'")


def test_a_deeper_place_reports_deeper(model: SemanticModel) -> None:
    place = model.column("orders", "note").at("cases", "a")
    assert str(place.problem("range", "is wrong", "do right", "min")) == (
        "$.tables.orders.columns.note.cases.a.min: is wrong; do right [range]"
    )


@pytest.mark.parametrize(
    "column, words",
    [
        ("amount", None),
        ("customers.segment", None),
        ("note", None),
        ("amuont", "'orders' has no column 'amuont'"),
        ("customers.amount", "'customers' has no column 'amount'"),
        ("custmers.segment", "there is no table 'custmers'"),
    ],
)
def test_a_column_that_cannot_be_read_gets_a_reason(model: SemanticModel, column: str, words: str | None) -> None:
    here = model.column("orders", "note" if column == "amount" else "amount")
    problem = here.column_problem(column, "of")
    assert (problem.message if problem else None) == words


def test_rows_cannot_read_the_columns_that_are_filled_after_them(model: SemanticModel) -> None:
    problem = model.rows("orders").column_problem("amount")
    assert problem is not None
    assert problem.message == "the columns of 'orders' are filled after its rows are made"
    assert model.rows("orders").column_problem("customers.segment") is None


@pytest.mark.parametrize(
    "question",
    [
        ("grid",),
        ("rate",),
        ("effect",),
        ("reference_weights", "t"),
        ("chosen_by", "t"),
        ("planted",),
        ("stream", "a"),
        ("table_stream", "a"),
        ("rows_in", "orders"),
        ("existing", "customers"),
        ("recompute", "customers", "segment"),
        ("freeze", "a", dict),
    ],
    ids=lambda question: question[0],
)
def test_what_needs_a_plan_is_refused_while_checking(model: SemanticModel, question: tuple[Any, ...]) -> None:
    with pytest.raises(TypeError, match="is available only after planning"):
        getattr(model.column("orders", "amount"), question[0])(*question[1:])


def test_latent_columns_stand_after_the_declared_ones_and_are_hidden() -> None:
    segments = {
        "type": "segments",
        "latent": {"truth_column": "habit", "values": {"a": 1, "b": 2}},
        "multiply": {"a": {"orders": 2}},
    }
    model = SemanticModel(read(shop(customers={"behaviors": [segments]})))
    customers = model.tables["customers"]
    assert customers.latent == {"habit"}
    assert "habit" not in customers.declared
    assert customers.columns["habit"].hidden
    assert model.type_of("customers", "habit") == CATEGORY


def test_needs_lead_from_columns_to_rows_to_parents() -> None:
    total = {"type": "sum_of", "table": "orders", "expression": "amount"}
    graph = needs_graph(SemanticModel(read(shop(customers={"columns": {"spent": total}}))))
    assert graph["customers", "spent"] >= {("customers", None), ("orders", "amount")}
    assert graph["orders", "amount"] == {("orders", None)}
    assert graph["orders", None] == {("customers", None)}
    assert graph["customers", None] == set()


def test_a_document_without_problems_becomes_a_semantic_model() -> None:
    assert set(analyze_or_raise(SHOP).tables) == {"customers", "orders"}
    with pytest.raises(SchemaError, match="there is no table 'customer'"):
        analyze_or_raise(shop(orders={"parent": "customer"}))
