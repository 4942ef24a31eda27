"""What an expectation finds is what SQL finds, however the files are cut."""

from pathlib import Path

import pytest

from tests.kinds.expectations.judging import judged
from tests.views import views

FROM = "FROM orders JOIN customers USING (customer_id)"
CASES = {
    "share": ({"type": "share", "expression": "amount > 30"}, f"SELECT avg(CAST(amount > 30 AS INT)) {FROM}"),
    "share-of-unknown": (
        {"type": "share", "expression": "note < 'M'"},
        "SELECT count(*) FILTER (note < 'M') / count(*) FROM orders",
    ),
    "mean": ({"type": "mean", "expression": "amount"}, f"SELECT avg(amount) {FROM}"),
    "mean-where": (
        {"type": "mean", "expression": "amount * 2", "where": "customers.segment = 'vip'"},
        f"SELECT avg(amount * 2) {FROM} WHERE segment = 'vip'",
    ),
    "sum": ({"type": "sum", "expression": "amount"}, f"SELECT sum(amount) {FROM}"),
    "min": ({"type": "min", "expression": "amount"}, f"SELECT min(amount) {FROM}"),
    "max": ({"type": "max", "expression": "amount"}, f"SELECT max(amount) {FROM}"),
    "max-time": ({"type": "max", "expression": "ordered_at"}, f"SELECT epoch_us(max(ordered_at)) {FROM}"),
    "count": ({"type": "count", "where": "status = 'refunded'"}, f"SELECT count(*) {FROM} WHERE status = 'refunded'"),
    "distinct": ({"type": "distinct", "expression": "note"}, f"SELECT count(DISTINCT note) {FROM}"),
    "median": ({"type": "quantile", "level": 0.5, "expression": "amount"}, f"SELECT quantile_disc(amount, 0.5) {FROM}"),
    "quantile": (
        {"type": "quantile", "level": 0.99, "expression": "amount"},
        f"SELECT quantile_disc(amount, 0.99) {FROM}",
    ),
    "unique": ({"type": "unique", "columns": "note"}, "SELECT count(note) - count(DISTINCT note) FROM orders"),
    "always": (
        {"type": "row_condition", "condition": "note < 'M'"},
        "SELECT avg(CAST(coalesce(note >= 'M', false) AS INT)) FROM orders",
    ),
}


@pytest.fixture(scope="module")
def found(folder: Path) -> dict[str, float | None]:
    """What one validation finds of all of them."""
    every = []
    for case, (declared, _) in CASES.items():
        most = 0.99 if case.startswith("share") else "2050-01-01" if case == "max-time" else 1e12
        wanted = {} if case in ("unique", "always") else {"at_most": most}
        every.append({**declared, **wanted, "name": case})
    return {finding.subject: finding.statistic for finding in judged(folder, *every)}


@pytest.mark.parametrize("case", CASES)
def test_an_expectation_finds_what_sql_finds(case: str, folder: Path, found: dict[str, float | None]) -> None:
    with views(folder, ("orders", "customers")) as duck:
        row = duck.execute(CASES[case][1]).fetchone()
    assert row is not None
    assert found[case] == pytest.approx(float(row[0]), rel=1e-12)
