from __future__ import annotations

from typing import Any

import datagen
from datagen.kinds.processes.support.examples import PLANS
from tests.kinds.processes.test_funnel import asked
from tests.kinds.processes.worlds import shown, world
from tests.promises.documents import tables


def history(count: int = 1500, **rows: Any) -> dict[str, Any]:
    """Customers whose plans change, with all stays and the versions."""
    document = world(PLANS, count=count)
    document["tables"]["stays"]["columns"]["held_plan"] = {"type": "row_attribute", "attribute": "plan"}
    attributes = ("valid_from", "valid_to", "current", "version", *rows.get("of", ("state", "plan")))
    document["tables"]["history"] = shown({"type": "versions", **rows}, *attributes)
    return document


def test_a_version_lasts_as_long_as_what_it_keeps() -> None:
    """One after the other without a gap, each unlike the one before, the last one current."""
    made = tables(history(of=["plan"]))
    steps = asked(
        made,
        """
        select count(*), count(*) filter (valid_from <> before), count(*) filter (plan = former),
            count(*) filter (ended)
        from (select valid_from, plan, lag(valid_to) over w as before, lag(plan) over w as former,
            lag(current) over w as ended
            from history window w as (partition by customer_id order by version)) where before is not null""",
    )
    assert steps[0][0] > 500
    assert steps[0][1:] == (0, 0, 0)
    last = "select count(*) from (select customer_id from history group by 1 having count(*) filter (current) <> 1)"
    assert asked(made, last) == [(0,)]
    at_all_times = """
        select count(*) from stays s left join history h on h.customer_id = s.customer_id
            and h.valid_from <= s.entered_at
            and (s.entered_at < h.valid_to or h.valid_to is null) where h.plan is distinct from s.held_plan"""
    assert asked(made, at_all_times) == [(0,)]


def test_each_stay_is_a_version_if_nothing_is_named() -> None:
    made = tables(history())
    assert made["history"].num_rows == made["stays"].num_rows


def test_states_have_versions_too() -> None:
    made = tables(history(of=["state"]))
    assert asked(made, "select distinct version from history order by 1") == [(1,), (2,)]


def test_validation_rebuilds_versions_from_stays(tmp_path: Any) -> None:
    document = history(of=["plan"])
    datagen.generate(document, tmp_path / "out")
    report = datagen.validate(document, tmp_path / "out")
    assert report.score >= 95
    assert {f.verdict for f in report.findings if (f.table, f.measure) == ("history", "ViewsAgree")} == {"pass"}


def test_an_attribute_that_is_not_there_is_reported() -> None:
    document = history()
    document["tables"]["history"]["rows"]["of"] = ["plann"]
    problem = datagen.check(document)[0]
    assert (problem.code, problem.place, problem.hint) == (
        "unknown-process",
        "$.tables.history.rows.of",
        "did you mean 'plan'?",
    )


def test_no_partitioning_changes_a_row() -> None:
    document = history(count=200, of=["plan"])
    assert datagen.fingerprint(document, partition_rows=80) == datagen.fingerprint(document)
