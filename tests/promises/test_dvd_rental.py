"""The DVD rental example holds what its sample databases hold: every key resolves, no copy is rented twice at a
time.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import psycopg
import pytest

import datagen
from datagen.kinds.formats.postgresql import ADDRESS
from tests.postgres_server import INSTALLED, postgres
from tests.views import views

EXAMPLE = Path(__file__).parents[2] / "examples" / "dvd_rental.yaml"
FOREIGN_KEYS = (
    ("city", "country_id", "country"),
    ("address", "city_id", "city"),
    ("film", "language_id", "language"),
    ("film_actor", "film_id", "film"),
    ("film_actor", "actor_id", "actor"),
    ("film_category", "category_id", "category"),
    ("store", "address_id", "address"),
    ("staff", "store_id", "store"),
    ("customer", "address_id", "address"),
    ("inventory", "film_id", "film"),
    ("inventory", "store_id", "store"),
    ("rental", "inventory_id", "inventory"),
    ("rental", "customer_id", "customer"),
    ("rental", "staff_id", "staff"),
    ("payment", "rental_id", "rental"),
)
NEVER = {
    "a copy is rented twice at a time": """
        SELECT 1 FROM rental a JOIN rental b ON a.inventory_id = b.inventory_id AND a.rental_id < b.rental_id
        AND a.rental_date < COALESCE(b.return_date, 'infinity') AND b.rental_date < COALESCE(a.return_date,
            'infinity')""",
    "an actor plays twice in a film": "SELECT 1 FROM film_actor GROUP BY film_id, actor_id HAVING COUNT(*) > 1",
    "a clerk serves in another store": """
        SELECT 1 FROM rental JOIN inventory USING (inventory_id) JOIN staff USING (staff_id)
            WHERE staff.store_id <> inventory.store_id""",
    "a manager works in another store": """
        SELECT 1 FROM store JOIN staff ON staff_id = manager_staff_id WHERE staff.store_id <> store.store_id""",
    "a customer rents before there was an account": """
        SELECT 1 FROM rental JOIN customer USING (customer_id) WHERE rental_date < created_at""",
    "somebody else pays": """
        SELECT 1 FROM payment JOIN rental USING (rental_id) WHERE payment.customer_id <> rental.customer_id""",
    "a city lies in another country": """
        SELECT 1 FROM city JOIN country USING (country_id) WHERE (country = 'Japan') <> (city IN
        ('Tokyo', 'Yokohama', 'Osaka', 'Nagoya', 'Sapporo', 'Kyoto', 'Kobe', 'Kawasaki', 'Saitama', 'Fukuoka'))
            AND city IN ('Tokyo', 'Osaka')""",
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    folder = tmp_path_factory.mktemp("dvd")
    return views(folder, datagen.generate(EXAMPLE, folder, workers=1).tables)


def test_there_are_fifteen_tables() -> None:
    assert len(datagen.plan(EXAMPLE).tables) == 15


@pytest.mark.parametrize("table, column, target", FOREIGN_KEYS)
def test_every_key_resolves(shop: duckdb.DuckDBPyConnection, table: str, column: str, target: str) -> None:
    found = shop.execute(f"SELECT COUNT(*) FROM {table} LEFT JOIN {target} t USING ({column}) WHERE t.{column} IS NULL")
    assert found.fetchone() == (0,)


@pytest.mark.parametrize("what", NEVER)
def test_it_never_happens_that(shop: duckdb.DuckDBPyConnection, what: str) -> None:
    assert shop.execute(NEVER[what]).fetchall() == []


@pytest.mark.skipif(not INSTALLED, reason="PostgreSQL is not installed")
def test_a_database_validates_every_key_and_that_no_copy_is_rented_twice_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with postgres() as url:
        monkeypatch.setenv(ADDRESS, url)
        datagen.generate(EXAMPLE, tmp_path / "out", format="postgresql", workers=1)
        with psycopg.connect(url) as database:
            foreign = database.execute(
                """SELECT conrelid::regclass::text, attname::text, confrelid::regclass::text FROM pg_constraint
                JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1] WHERE contype = 'f' AND convalidated"""
            ).fetchall()
            database.execute(
                """ALTER TABLE rental ADD EXCLUDE USING gist
                (int8range(inventory_id, inventory_id, '[]') WITH &&, tsrange(rental_date, return_date) WITH &&)"""
            )
            assert set(FOREIGN_KEYS) <= {(table, column, target) for table, column, target in foreign}
