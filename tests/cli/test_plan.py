import json
from pathlib import Path

import datagen
from tests.cli.terminal import Run


def test_a_plan_as_json_is_that_of_python(run: Run, shop: Path) -> None:
    reported, plan = run("plan", shop, "--json", "--scale", 2), datagen.plan(shop, scale=2)
    made = json.loads(reported.out)
    assert (made["plan_id"], made["rows"], made["bytes"]) == (plan.id, plan.total_rows, plan.total_bytes)
    assert made["tables"].keys() == plan.tables.keys()
    assert sum(family["partitions"] for family in made["families"].values()) == made["partitions"]


def test_problems_of_a_plan_are_reported_and_nothing_printed(run: Run) -> None:
    broken = Path(__file__).parents[1] / "schema" / "broken" / "two_keys.json"
    reported = run("plan", broken, "--json")
    assert (reported.code, reported.out) == (2, "")
