"""Validation recovers what a process plants, and finds views that break its rules."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

import datagen
from datagen.kinds.processes.support.examples import LIFECYCLE
from datagen.validation.report.chart_data import charts_of
from tests.kinds.processes.test_lifecycle import EVERYTHING
from tests.kinds.processes.worlds import world

SOUND = (EVERYTHING[0], EVERYTHING[2], EVERYTHING[3])


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path]:
    folder = tmp_path_factory.mktemp("processes") / "out"
    document = world(None, *SOUND, count=3000)
    datagen.generate(document, folder)
    return document, folder


def verdicts(document: dict[str, Any], folder: Path, *measures: str) -> dict[tuple[str, str], str]:
    found = datagen.validate(document, folder).findings
    return {(f.table, f.subject or f.measure): f.verdict for f in found if f.measure in measures}


def test_a_sound_dataset_passes(made: tuple[dict[str, Any], Path]) -> None:
    report = datagen.validate(*made)
    assert report.score >= 95
    assert [f.message for f in report.findings if f.verdict in ("fail", "not recovered")] == []
    recovered = [f for f in report.findings if f.measure == "TransitionRecovery"]
    assert len(recovered) == 6
    assert {f.verdict for f in recovered} == {"recovered"}


def test_another_process_is_reported(made: tuple[dict[str, Any], Path]) -> None:
    """A hazard, a share and a stay that are not those of the data."""
    folder = made[1]
    other = world({**LIFECYCLE, "states": {**LIFECYCLE["states"]}}, *SOUND, count=3000)
    states = other["tables"]["customers"]["processes"]["subscription"]["states"]
    states["active"] = {"exits": {**states["active"]["exits"], "cancelled": {"type": "exponential", "mean": 18}}}
    states["past_due"] = {**states["past_due"], "next": {"active": 0.5, "cancelled": 0.5}}
    found = verdicts(other, folder, "TransitionRecovery")
    assert found["stays", "active to cancelled (hazard per month)"] == "not recovered"
    assert found["stays", "past_due to active (share)"] == "not recovered"
    assert found["stays", "active to past_due (hazard per month)"] == "recovered"
    assert found["stays", "trial to active (share)"] == "recovered"


def test_edges_that_hardly_anyone_takes(tmp_path: Path) -> None:
    """None of a share that is as good as 0 is no finding; many of a share of one in 100,000 are."""
    document = world(copy.deepcopy(LIFECYCLE), count=1000)
    after = document["tables"]["customers"]["processes"]["subscription"]["states"]["past_due"]["next"]
    after["trial"] = 0.05
    datagen.generate(document, tmp_path / "often")
    after["trial"] = 1e-5
    edge = "stays", "past_due to trial (share)"
    assert verdicts(document, tmp_path / "often", "TransitionRecovery")[edge] == "not recovered"
    after["trial"] = 5e-324
    datagen.generate(document, tmp_path / "never")
    assert verdicts(document, tmp_path / "never", "TransitionRecovery")[edge] == "not identifiable"
    assert datagen.validate(document, tmp_path / "never").score >= 95


@pytest.mark.parametrize(
    ("cured", "back", "trend"),
    [(0.5, True, False), (0.5, True, True), (0.5, False, False), (0.0, False, False)],
)
def test_the_hazards_of_an_experiment_from_birth_are_recovered(
    cured: float, back: bool, trend: bool, tmp_path: Path
) -> None:
    """Where some are cured, only the hazard of the others is multiplied: a fifth of it is more than a fifth of all."""
    again = {"type": "exponential", "mean": 4, **({"cure_share": cured} if cured else {})}
    leave = {"exits": {"cancelled": {"type": "exponential", "mean": 3}}} if back else {}
    process = {"type": "lifecycle", "start": "cancelled",
               "states": {"cancelled": {"exits": {"active": again}}, "active": leave}}  # fmt: skip
    arms = {"control": {}, "fewer": {"share": 3, "multiply": {"subscription.cancelled>active": 0.2}}}
    growth = {"type": "trend", "of": "subscription.cancelled>active", "shape": "exponential", "growth_per_year": 0.5}
    behaviors = [{"type": "experiment", "name": "mails", "arms": arms}, growth]
    document = world(process, *behaviors[: 1 + trend], count=3000)
    document["tables"]["customers"]["rows"]["before_window"] = 0
    datagen.generate(document, tmp_path / "out")
    found = [f for f in datagen.validate(document, tmp_path / "out").findings if f.measure == "TransitionRecovery"]
    assert {f.verdict for f in found} == {"recovered"}
    assert max(abs(f.z or 0.0) for f in found) < 3.0


def test_a_hidden_multiplier_makes_a_hazard_unknown(tmp_path: Path) -> None:
    document = world(None, EVERYTHING[1], count=500)
    datagen.generate(document, tmp_path / "out")
    found = verdicts(document, tmp_path / "out", "TransitionRecovery")
    assert found["stays", "active to past_due (hazard per month)"] == "not identifiable"


def changed(folder: Path, to: Path, table: str, change: Any) -> Path:
    """A copy of the tables as bare Parquet files, one of them changed."""
    for source in sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("_")):
        data = pa.concat_tables([pq.read_table(file) for file in sorted(source.glob("*.parquet"))])
        (to / source.name).mkdir(parents=True)
        pq.write_table(change(data) if source.name == table else data, to / source.name / "part.parquet")
    return to


def _later(data: pa.Table) -> pa.Table:
    """Every stay begins a second late."""
    moved = pc.add(data["entered_at"], pa.scalar(1_000_000, pa.duration("us")))
    return data.set_column(data.column_names.index("entered_at"), "entered_at", moved)


def _illegal(data: pa.Table) -> pa.Table:
    """Transitions that lead back to where the process began."""
    to = pa.array(["trial"] * data.num_rows).cast(data.schema.field("to").type)
    return data.set_column(data.column_names.index("to"), "to", to)


@pytest.mark.parametrize(
    ("table", "change", "broken"),
    [
        ("stays", _later, "ContiguousStays"),
        ("changes", _illegal, "LegalTransitions"),
        ("changes", lambda data: data.slice(1), "ViewsAgree"),
        (
            "stays",
            lambda data: data.filter(pc.not_equal(data["state"].cast(pa.string()), "past_due")),
            "ContiguousStays",
        ),
    ],
)
def test_views_that_break_the_rules_are_reported(
    made: tuple[dict[str, Any], Path], tmp_path: Path, table: str, change: Any, broken: str
) -> None:
    found = datagen.validate(made[0], changed(made[1], tmp_path, table, change)).findings
    assert "fail" in {f.verdict for f in found if f.measure == broken}


def _halved(data: pa.Table) -> pa.Table:
    """Shares of periods half as large."""
    at = data.column_names.index("share")
    return data.set_column(at, "share", pc.multiply(data["share"], 0.5))


@pytest.mark.parametrize(
    ("change", "verdict"), [(lambda data: data, "pass"), (_halved, "fail"), (pc.drop_null, "fail")]
)
def test_periods_as_long_as_a_column_of_the_entity_says_are_rebuilt(change: Any, verdict: str, tmp_path: Path) -> None:
    """The attribute with the length never changes, so the stays need not show it."""
    document = world({**LIFECYCLE, "attributes": {"billed": {"column": "plan", "values": ["basic", "pro"]}}}, count=300)
    every = {"attribute": "billed", "cases": {"basic": "month", "pro": "quarter"}}
    document["tables"]["invoices"]["rows"]["every"] = every
    datagen.generate(document, tmp_path / "out")
    folder = changed(tmp_path / "out", tmp_path / "changed", "invoices", change)
    assert verdicts(document, folder, "ViewsAgree")["invoices", "ViewsAgree"] == verdict


def test_the_example_shows_every_view_and_is_sound(tmp_path: Path) -> None:
    example = Path(__file__).parents[2] / "examples" / "subscription_lifecycle.json"
    datagen.generate(example, tmp_path / "out", scale=0.3)
    assert {*datagen.plan(example).tables} == {"customers", "stays", "transitions", "invoices", "subscriptions"}
    report = datagen.validate(example, tmp_path / "out")
    assert report.score >= 95
    assert [f.message for f in report.findings if f.verdict in ("fail", "not recovered")] == []


def charts(report: datagen.Report) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for finding in report.findings:
        for chart in charts_of(finding.details):
            found.setdefault(str(chart["form"]), []).append({**chart, "measure": finding.measure})
    return found


def test_the_report_shows_the_states_and_the_cohorts(made: tuple[dict[str, Any], Path]) -> None:
    """Who reaches each state, a state diagram with the shares found and planted, and the retention triangle of the
    periods.
    """
    found = charts(datagen.validate(*made))
    reached = next(chart for chart in found["bars"] if chart["measure"] == "TransitionRecovery")
    assert reached["labels"] == list(LIFECYCLE["states"])
    assert reached["found"][0] == 1.0
    (diagram,) = found["state_diagram"]
    assert len(diagram["origin"]) == 6
    assert diagram["found"] == pytest.approx(diagram["planted"], rel=0.2)
    triangle = next(chart for chart in found["heatmap"] if chart["measure"] == "CohortRetention")
    first = [row[0] for row in triangle["values"]]
    assert set(first) == {1.0}
    months = pq.read_table(made[1] / "invoices", columns=["customer_id", "starts_at"]).to_pandas()
    months["month"] = months["starts_at"].dt.year * 12 + months["starts_at"].dt.month
    begun = months.groupby("customer_id")["month"].min()
    cohort = begun[(begun >= 2023 * 12 + 4) & (begun <= 2023 * 12 + 6)]
    later = months.merge(cohort.rename("first"), left_on="customer_id", right_index=True)
    kept = later[later["month"] == later["first"] + 6]["customer_id"].nunique() / len(cohort)
    row = triangle["rows"].index("2023-04")
    assert triangle["values"][row][2] == pytest.approx(kept)


def report_of(example: str, folder: Path, scale: float) -> dict[str, list[dict[str, Any]]]:
    source = Path(__file__).parents[2] / "examples" / f"{example}.json"
    datagen.generate(source, folder, scale=scale)
    return charts(datagen.validate(source, folder))


def test_the_report_shows_the_bridge_of_an_amount(tmp_path: Path) -> None:
    """Movements between the first months of a year and the next, as SQL finds them, and they add up to the cent."""
    shown = report_of("saas_subscription_churn", tmp_path / "out", 0.3)["waterfall"]
    bridge = next(chart for chart in shown if chart["title"] == "mrr_snapshots: bridge of mrr")
    assert bridge["labels"] == ["2023-12", "began", "returned", "increased", "decreased", "ended", "2024-12"]
    levels = duckdb.sql(f"""
        with paid as (select customer_id, month, mrr::decimal(18, 2) as mrr
            from '{tmp_path}/out/mrr_snapshots/*.parquet'),
        steps as (
            select *, lag(month) over w as before, lag(mrr) over w as was, lead(month) over w as after
            from paid window w as (partition by customer_id order by month))
        select sum(mrr) filter (month = '2023-12-01'),
            sum(mrr) filter (month > '2023-12-01' and before is null),
            sum(mrr) filter (month > '2023-12-01' and before < month - interval 1 month),
            sum(mrr - was) filter (month > '2023-12-01' and before = month - interval 1 month and mrr > was),
            sum(mrr - was) filter (month > '2023-12-01' and before = month - interval 1 month and mrr < was),
            -sum(mrr) filter (month between '2023-12-01' and '2024-11-01' and after is distinct
                from month + interval 1 month),
            sum(mrr) filter (month = '2024-12-01')
        from steps""").fetchall()[0]
    assert sum(levels[:-1]) == levels[-1]
    assert bridge["values"] == pytest.approx([float(level) for level in levels], rel=1e-5)


def test_the_report_shows_what_each_channel_brings(tmp_path: Path) -> None:
    """Touches, their cost, what they caused and their credits, as SQL finds them."""
    shown = report_of("marketing_attribution", tmp_path / "out", 0.1)["heatmap"]
    table = next(chart for chart in shown if chart["title"] == "credits: what each channel brings")
    assert table["columns"][:4] == ["touches", "cost", "caused", "first"]
    own = f"from '{tmp_path}/out"
    counted = duckdb.sql(f"""
        select channel::varchar, count(*), sum(cost),
            (select count(*) {own}/_truth/conversions/*.parquet' c where c.channel::varchar = t.channel::varchar),
            (select sum(last) {own}/credits/*.parquet' c where c.channel::varchar = t.channel::varchar)
        {own}/touches/*.parquet' t group by channel""").fetchall()
    total = np.array([row[1:] for row in counted], float).sum(axis=0)
    for channel, *sums in counted:
        parts = table["values"][table["rows"].index(channel)]
        last = parts[table["columns"].index("last")]
        assert [*parts[:3], last] == pytest.approx([*(np.array(sums, float) / total)], rel=1e-4)


def test_the_report_shows_the_curve_of_an_adoption(tmp_path: Path) -> None:
    """The share found follows the planted one within its interval, and both grow."""
    shown = report_of("product_adoption_diffusion", tmp_path / "out", 0.2)["curve"]
    curve = next(chart for chart in shown if chart["title"] == "adoption_states: share adopted")
    found, planted = np.array(curve["found"]), np.array(curve["planted"])
    assert found[0] == planted[0] == 0.0
    assert np.all(np.diff(planted) >= 0) and planted[-1] > 0.6
    reach = 2 * (np.array(curve["high"], float) - found) + 0.002
    assert np.all(np.abs(found - planted) < reach)


@pytest.mark.slow
def test_distances_are_those_of_chance(tmp_path: Path) -> None:
    """Over 200 seeds, what is found lies about what is planted as a standard normal does."""
    distances: list[float] = []
    for seed in range(200):
        document = {**world(None, *SOUND, count=600), "seed": seed}
        document["tables"] = {name: document["tables"][name] for name in ("customers", "stays")}
        datagen.generate(document, tmp_path / str(seed))
        found = datagen.validate(document, tmp_path / str(seed)).findings
        distances += [f.z for f in found if f.measure == "TransitionRecovery" and f.z is not None]
    values = np.array(distances)
    assert len(values) >= 1000
    assert abs(values.mean()) < 0.12
    assert abs(values.std() - 1) < 0.08
    assert np.mean(np.abs(values) > 3) < 0.006


def test_stays_without_their_states_do_not_overlap(tmp_path: Path) -> None:
    """Bookings of rooms: only when they begin and end is shown."""
    states = {
        "free": {"exits": {"taken": {"type": "exponential", "mean": 4, "unit": "day"}}},
        "taken": {"next": "free", "stay": {"type": "gamma", "shape": 2, "mean": "3d"}},
    }
    bookings = {
        "booking_id": {"type": "key"},
        "room_id": {"type": "parent_key"},
        "starts_at": {"type": "row_attribute", "attribute": "entered_at"},
        "ends_at": {"type": "row_attribute", "attribute": "left_at"},
    }
    document = {
        "datagen": 1, "name": "rooms", "window": {"start": "2024-01-01", "end": "2024-07-01"},
        "tables": {
            "rooms": {
                "rows": 40,
                "columns": {
                    "room_id": {"type": "key"}, "opened": {"type": "constant", "value": "2024-01-01", "as": "timestamp"}
                },
                "processes": {"use": {"type": "lifecycle", "start": "free", "born": "opened", "states": states}},
            },
            "bookings": {
                "parent": "rooms", "rows": {"type": "stays", "process": "use", "in": "taken"}, "columns": bookings
            },
        },
    }  # fmt: skip
    datagen.generate(document, tmp_path / "out")
    assert verdicts(document, tmp_path / "out", "NoOverlap") == {("bookings", "NoOverlap"): "pass"}
    file = next((tmp_path / "out" / "bookings").glob("*.parquet"))
    table = pq.read_table(file)
    longer = pc.add(table["ends_at"], pa.scalar(20 * 86_400_000_000, pa.duration("us")))
    pq.write_table(table.set_column(3, table.schema.field("ends_at"), longer), file)
    assert verdicts(document, tmp_path / "out", "NoOverlap") == {("bookings", "NoOverlap"): "fail"}
