"""A behavior on two siblings stands at their parent, and the message says so."""

from __future__ import annotations

from datagen.engine.dry_run import check


def test_noise_on_a_sibling_is_reported_where_both_can_share_it() -> None:
    column = {"columns": {"id": {"type": "key"}}}
    events = {"parent": "shops", "rows": {"type": "events", "mean_per_day": 2}, **column}
    noise = {"type": "noise", "sd": 0.1, "of": ["rows", "returns"]}
    document = {
        "datagen": 1,
        "name": "siblings",
        "window": {"start": "2024-01-01", "end": "2024-03-01"},
        "tables": {"shops": {"rows": 5, **column}, "sales": {**events, "behaviors": [noise]}, "returns": dict(events)},
    }
    (problem,) = check(document)
    assert "'shops', their common ancestor" in problem.hint
