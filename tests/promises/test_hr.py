"""The hr example: a tree of managers, salaries below that of each boss, no overlaps, and a dirty twin with its key."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

import datagen
from tests.views import views

EXAMPLE = Path(__file__).parents[2] / "examples" / "hr.yaml"
BOSS = "FROM employees e JOIN employees b ON b.employee_id = e.manager_id"
NEVER = {
    "somebody but the chief has no manager": "SELECT 1 FROM employees WHERE (manager_id IS NULL) <> (level = 0)",
    "a manager is hired later": f"SELECT 1 {BOSS} WHERE b.hired_at > e.hired_at",
    "a manager is not one level above": f"SELECT 1 {BOSS} WHERE b.level <> e.level - 1",
    "a manager starts with a lower salary": f"SELECT 1 {BOSS} WHERE b.starting_salary <= e.starting_salary",
    "a manager is in another department": f"SELECT 1 {BOSS} WHERE b.level > 0 AND b.department_id <> e.department_id",
    "a head leads another department": """
        SELECT 1 FROM employees JOIN departments USING (department_id) WHERE level < 2 AND level > 0
        AND employee_id <> head""",
    "a number or an address comes twice": """
        SELECT 1 FROM employees GROUP BY employee_no HAVING COUNT(*) > 1
        UNION ALL SELECT 1 FROM employees GROUP BY email HAVING COUNT(*) > 1""",
    "a phone or an account is of another country": """
        SELECT 1 FROM employees JOIN offices USING (office_id) WHERE employees.country <> offices.country
        OR (LEFT(iban, 2) <> employees.country AND iban IS NOT NULL)""",
    "two salaries of one employee overlap": """
        SELECT 1 FROM (SELECT valid_to, LEAD(valid_from) OVER (PARTITION BY employee_id ORDER BY year_no) AS next
        FROM salaries) WHERE valid_to > next""",
    "a leave begins before the employment or before the last one ends": """
        SELECT 1 FROM (SELECT begins_at, hired_at, LAG(ends_at, 1, hired_at) OVER (PARTITION BY employee_id
        ORDER BY begins_at) AS last FROM leaves JOIN employees USING (employee_id)) WHERE begins_at < last""",
}


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    folder = tmp_path_factory.mktemp("hr")
    return views(folder, datagen.generate(EXAMPLE, folder, workers=1, clean=True).tables)


@pytest.mark.parametrize("what", NEVER)
def test_it_never_happens_that(clean: duckdb.DuckDBPyConnection, what: str) -> None:
    assert clean.execute(NEVER[what]).fetchall() == []


def test_there_are_eight_countries_and_five_levels(clean: duckdb.DuckDBPyConnection) -> None:
    found = clean.execute("SELECT COUNT(DISTINCT country), COUNT(DISTINCT level), COUNT(*) FROM employees").fetchone()
    assert found == (8, 5, 900)


def test_the_dirty_twin_differs_in_the_cells_of_its_key(clean: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    dirty = views(tmp_path, datagen.generate(EXAMPLE, tmp_path, workers=1).tables)
    key = f"read_parquet('{tmp_path}/_truth/faults/*.parquet')"
    named = f"SELECT key::BIGINT FROM {key} WHERE \"table\" = 'employees' AND \"column\" = 'last_name'"
    query = "SELECT employee_id, last_name FROM employees"
    before, after = (dict(one.execute(query).fetchall()) for one in (clean, dirty))
    hit = {row for (row,) in dirty.execute(named).fetchall()}
    assert len(hit) > 30 and {row for row in before if before[row] != after[row]} == hit
