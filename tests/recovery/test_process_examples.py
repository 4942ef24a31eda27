"""What the examples of processes say is found by an analyst's own queries and by the tools of the field."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from lifelines import CoxPHFitter, KaplanMeierFitter, NelsonAalenFitter, WeibullFitter

import datagen
from tests.kinds.processes.worlds import world
from tests.views import views

EXAMPLES = Path(__file__).parents[2] / "examples"
SAAS, SHOP, CARE, IOT, WHOLE = (
    "saas_subscription_churn",
    "ecommerce_conversion_funnel",
    "healthcare_patient_journey",
    "iot_machine_states",
    "comprehensive_saas_analytics",
)


SEEDS = [1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (2, 3))]


class Made:
    """The tables of a dataset, for questions in SQL."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.database = folder, views(folder, datagen.Dataset(folder).tables)

    def asked(self, text: str) -> list[tuple[Any, ...]]:
        return self.database.sql(text).fetchall()

    def columns(self, text: str) -> dict[str, np.ndarray]:
        return self.database.sql(text).fetchnumpy()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, int, float], Made]:
    """A dataset of an example by its seed and scale; made when first asked for."""

    @cache
    def one(example: str, seed: int, scale: float) -> Made:
        folder = tmp_path_factory.mktemp(example) / "out"
        datagen.generate(EXAMPLES / f"{example}.json", folder, seed=seed, scale=scale)
        return Made(folder)

    return one


BRIDGE = """
    with levels as (select month, sum(mrr::decimal(18, 2)) as mrr from mrr_snapshots where month >= '2022-01-01'
        group by month),
    moves as (
        select date_trunc('month', changed_at) + interval 1 month as month, movement,
            sum(to_mrr::decimal(18, 2) - from_mrr::decimal(18, 2)) as amount
        from changes group by all),
    bridge as (
        select month, sum(amount) filter (movement in ('new', 'expansion', 'reactivation')) as more,
            sum(amount) filter (movement in ('contraction', 'churn')) as less,
            sum(amount) filter (movement = 'none') as none
        from moves group by month)
    select mrr - lag(mrr) over (order by month) - more - less as gap, none from levels left join bridge using (month)
    order by month offset 1"""


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("example", "changes", "months"), [(SAAS, "changes", 35), (WHOLE, "mrr_changes", 35)])
def test_the_revenue_bridge_closes_to_the_cent(example: str, changes: str, months: int, seed: int, made: Any) -> None:
    """MRR(t) = MRR(t - 1) + new + expansion + reactivation - contraction - churn."""
    found = made(example, seed, 1.0 if example == SAAS else 0.5)
    found.database.sql(f"create view if not exists changes as from {changes}")
    gaps = found.asked(BRIDGE)
    assert len(gaps) == months
    assert set(gaps) == {(0, 0)}
    movements = {
        name for (name,) in found.asked("select distinct movement from changes where changed_at >= '2022-01-01'")
    }
    assert movements == {"new", "expansion", "contraction", "churn", "reactivation", "none"}


ANCHORS = """
    with spells as (
        select customer_id, min(entered_at) as began, max(coalesce(left_at, timestamp '{end}')) as ended from (
            select *, sum(fresh) over (partition by customer_id order by entered_at, left_at nulls last) as spell from (
                select *, (lag(left_at) over w is distinct from entered_at)::int as fresh from stays
                where state in ({states}) window w as (partition by customer_id order by entered_at,
                    left_at nulls last)))
        group by customer_id, spell),
    due as (
        select customer_id, began + to_months(n::int) as at from spells, range(0, 75) r(n)
        where began + to_months(n::int) < least(ended, timestamp '{end}'))
    select (select count(*) from due), (select count(*) from invoices),
        (select count(*) from due join invoices i on i.customer_id = due.customer_id and i.starts_at = due.at)"""
"""Interval arithmetic clips to the end of the month and keeps the day: 31 January, 28 February, 31 March."""


def contracts(count: int) -> dict[str, Any]:
    document = world(count=count)
    document["tables"] = {name: document["tables"][name] for name in ("customers", "stays", "invoices")}
    document["tables"]["invoices"]["rows"]["in"] = ["active", "past_due"]
    return document


@pytest.mark.parametrize("count", [2000, pytest.param(100_000, marks=pytest.mark.slow)])
def test_exactly_one_invoice_for_each_active_anchor(count: int, tmp_path: Path) -> None:
    """Contracts over three years with months of 28 to 31 days, counted anew by DuckDB from the stays."""
    datagen.generate(contracts(count), tmp_path / "out")
    text = ANCHORS.format(end="2026-01-01", states="'active', 'past_due'")
    due, invoices, both = Made(tmp_path / "out").asked(text)[0]
    assert due == invoices == both
    assert invoices > 4 * count


def test_the_time_in_a_state_under_censoring(made: Any) -> None:
    """Kaplan-Meier of the trials of the year, and of dunning: constant 14 days; a mixture of laws."""
    found = made(SAAS, 1, 1.0)
    stays = found.columns("""
        select state, epoch(coalesce(left_at, timestamp '2025-01-01') - entered_at) / 86400 as days,
            left_at is not null as ended
        from stays where state in ('trial', 'past_due')""")
    trial = stays["state"] == "trial"
    alive = KaplanMeierFitter().fit(stays["days"][trial], stays["ended"][trial])
    assert alive.predict(13.9) == 1.0
    assert alive.predict(14.1) == 0.0
    due = KaplanMeierFitter().fit(stays["days"][~trial], stays["ended"][~trial])
    below_median = 0.7 * 0.5  # those who pay do so after a median of three days, the others after ten
    assert abs(float(due.predict(3.0)) - (1 - below_median)) < 0.03
    assert abs(float(due.predict(9.9)) - 0.3) < 0.06


def test_wear_is_a_weibull_distribution_with_the_other_exits_as_censoring(made: Any) -> None:
    found = made(IOT, 1, 0.25)
    stays = found.columns("""
        select epoch(coalesce(left_at, timestamp '2025-01-01') - entered_at) / 86400 as days,
            coalesce(next_state = 'worn', false) as worn
        from states join machines using (machine_id) where state = 'running'""")
    fitted = WeibullFitter().fit(np.maximum(stays["days"], 1e-6), np.asarray(stays["worn"], bool))
    assert abs(fitted.rho_ - 1.8) < 3.5 * fitted.summary.loc["rho_", "se(coef)"]
    assert abs(fitted.lambda_ - 24) < 3.5 * fitted.summary.loc["lambda_", "se(coef)"]


@pytest.mark.parametrize("seed", SEEDS)
def test_churn_falls_by_segment_as_planted(seed: int, made: Any) -> None:
    """Cancellations per time at risk, on one plan and one billing interval: mid-market at 0.7 of self-serve."""
    found = made(SAAS, seed, 1.0)
    rates = found.asked("""
        select segment, count(*) filter (next_state = 'cancelled')
                / sum(epoch(coalesce(left_at, timestamp '2025-01-01') - entered_at)),
            count(*) filter (next_state = 'cancelled')
        from stays join customers using (customer_id)
        where state = 'active' and plan = 'team' and customers.billing = 'monthly'
            and entered_at >= created_at + interval 120 day
        group by segment order by segment""")
    _, (_, low, n), (_, high, m) = rates
    assert abs(np.log(low / high / 0.7)) < 3.5 * (1 / n + 1 / m) ** 0.5


HAZARD_RATIOS = {
    "starter": 1.5, "business": 0.7, "mid_market": 0.7, "enterprise": 0.35, "annual": 0.5, "rise": 2.0,
}  # fmt: skip


@pytest.mark.parametrize("seed", SEEDS)
def test_multipliers_of_a_hazard_are_found_by_cox_regression(made: Any, seed: int) -> None:
    """Cancellation among other exits, by age as the time scale, with late entry: plan, segment, billing and the rise
    of prices. The stays are cut where prices rise and fall again.
    """
    found = made(SAAS, seed, 1.0)
    table = found.database.sql("""
        with cut as (
            select s.*, greatest(entered_at, b) as low, b = '2024-03-01' as rise,
                least(coalesce(left_at, timestamp '2025-01-01'), e) as high
            from stays s, (values (timestamp '2000-01-01', timestamp '2024-03-01'),
                (timestamp '2024-03-01', timestamp '2024-05-15'),
                (timestamp '2024-05-15', timestamp '2025-01-01')) r(b, e)
            where state = 'active')
        select epoch(low - created_at) / 86400 as low, epoch(high - created_at) / 86400 as high,
            coalesce(next_state = 'cancelled' and left_at = high, false)::int as cancelled, rise::int as rise,
            (plan = 'starter')::int as starter, (plan = 'business')::int as business,
            (cut.billing = 'annual')::int as annual,
            (segment = 'mid_market')::int as mid_market, (segment = 'enterprise')::int as enterprise
        from cut join customers using (customer_id) where high > low""").df()
    fitted = CoxPHFitter().fit(table, "high", "cancelled", entry_col="low").summary
    for name, ratio in HAZARD_RATIOS.items():
        assert abs(fitted.loc[name, "coef"] - np.log(ratio)) < 3.8 * fitted.loc[name, "se(coef)"], name
    assert (fitted["se(coef)"] < 0.35).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_the_hazard_of_one_of_the_exits_is_found_by_nelson_and_aalen(made: Any, seed: int) -> None:
    """Failed payments of those who pay monthly, one in 14 months; other exits and the window's end are censoring."""
    found = made(SAAS, seed, 1.0)
    stays = found.columns("""
        select epoch(coalesce(left_at, timestamp '2025-01-01') - entered_at) / 3600 / 730.5 as months,
            coalesce(next_state = 'past_due', false) as failed
        from stays where state = 'active' and billing = 'monthly'""")
    fitted = NelsonAalenFitter(nelson_aalen_smoothing=False).fit(np.maximum(stays["months"], 1e-6), stays["failed"])
    for month in (3, 6, 12):
        steps = fitted.cumulative_hazard_.loc[:month].diff().iloc[1:, 0]
        error = float((steps**2).sum()) ** 0.5
        assert abs(float(fitted.predict(month)) - month / 14) < 3.8 * error
        assert error < 0.04


def test_the_twin_of_the_whole_differs_in_those_treated_and_what_they_bring(tmp_path: Path) -> None:
    """Of a funnel and a subscription on which an experiment acts, only rows of treated accounts differ."""
    example = EXAMPLES / f"{WHOLE}.json"
    datagen.generate(example, tmp_path / "with", scale=0.1)
    datagen.generate(example, tmp_path / "without", scale=0.1, without=["accounts.behaviors.guided_setup"])
    tables = [Made(tmp_path / name) for name in ("with", "without")]
    treated = {key for (key,) in tables[0].asked("select account_id from accounts where variant = 'guided'")}
    differs: set[int] = set()
    for table in ("onboarding_steps", "subscription_stays", "feature_adoption", "touches", "sign_ins"):
        shown = "* exclude (sign_in_id)" if table == "sign_ins" else "*"
        rows = [set(one.asked(f"select account_id, {shown} from {table}")) for one in tables]
        differs |= {row[0] for row in rows[0] ^ rows[1]}
    assert len(differs) > 20
    assert differs <= treated


def test_the_whole_has_rings_abuse_campaigns_contagion_and_spillover(made: Any) -> None:
    """An analyst's own query finds each of them."""
    found, truth = made(WHOLE, 1, 0.3), made(WHOLE, 1, 0.3).folder / "_truth"
    hops = found.asked(f"""
        select count(*), sum((later.sent_at > earlier.sent_at)::int)
        from '{truth}/transfers/*.parquet' k join transfers earlier using (transfer_id)
        join transfers later on later.transfer_id = earlier.transfer_id + 1
        join '{truth}/transfers/*.parquet' l on l.transfer_id = later.transfer_id and l.case_id = k.case_id
        where k.case_kind in ('ring', 'pool') and later.payer_id = earlier.payee_id
            and later.sent_at is not null""")[0]
    assert hops[0] == hops[1] > 90
    refunded = dict(
        found.asked(f"""
        select coalesce(case_kind::varchar, 'none'), avg((refund_id is not null)::int) from top_ups
        join '{truth}/top_ups/*.parquet' using (top_up_id) left join refunds using (top_up_id) group by 1""")
    )
    assert refunded["refund_abuse"] > 0.6
    assert max(refunded["none"], refunded["migration"]) < 0.08
    over = found.asked("""
        select count(*) from (select campaign_id, sum(cost) as spent from touches group by 1)
        join campaigns using (campaign_id) where spent > budget""")
    assert over == [(0,)]
    apps = dict(
        found.asked("""
        select prompt, count(*) filter (state = 'waiting' and next_state = 'adopted') / sum(epoch(
            coalesce(left_at, timestamp '2025-01-01') - greatest(entered_at, timestamp '2023-06-01')))
        from app_adoption join users using (user_id) join accounts using (account_id)
        where state = 'waiting' and coalesce(left_at, timestamp '2025-01-01') > '2023-06-01' group by 1""")
    )
    assert apps["prompted"] / apps["control"] > 1.8  # users of an account move each other as well
    steps = {
        arm: (gone, stayed)
        for arm, gone, stayed in found.asked("""
        select referrer_arm, count(*) filter (next_step <> 'abandoned'), count(*) filter (next_step = 'abandoned')
        from onboarding_steps join accounts using (account_id)
        where step = 'signed_up' and reached_at between '2023-09-01' and '2024-09-01' and variant = 'control'
            and referrer_arm is not null group by 1""")
    }
    odds = np.log(steps["guided"][0] / steps["guided"][1] / (steps["control"][0] / steps["control"][1]))
    error = sum(1 / n for both in steps.values() for n in both) ** 0.5
    assert abs(odds - np.log(1.3)) < 3.5 * error + 0.05  # of a mean intent, a little less


def test_alarms_rise_in_the_days_before_a_failure(made: Any) -> None:
    found = made(IOT, 1, 0.25)
    rates = found.asked("""
        with worn as (select machine_id, greatest(entered_at, timestamp '2024-01-01') as entered_at, left_at from states
            where state = 'worn' and next_state = 'failed' and left_at >= '2024-01-01'),
        seen as (select w.*, raised_at from worn w left join alarms a on a.machine_id = w.machine_id
            and raised_at >= w.entered_at and raised_at < w.left_at)
        select count(raised_at) filter (raised_at >= left_at - interval 3 day),
            count(raised_at) filter (raised_at < left_at - interval 3 day)
        from seen""")[0]
    days = found.asked("""
        select sum(least(d, 3)), sum(greatest(d - 3, 0)) from (
            select epoch(left_at - greatest(entered_at, timestamp '2024-01-01')) / 86400 as d from states
            where state = 'worn' and next_state = 'failed' and left_at >= '2024-01-01')""")[0]
    ratio = rates[0] / days[0] / (rates[1] / days[1])
    assert abs(np.log(ratio / 5)) < 3.5 * (1 / rates[0] + 1 / rates[1]) ** 0.5 + 0.1


def test_urgent_patients_wait_a_quarter_as_long(made: Any) -> None:
    found = made(CARE, 1, 1.0)
    waits = dict(
        found.asked("""
        select urgency, median(epoch(left_at - entered_at)) / 86400 from stages join patients using (patient_id)
        where stage = 'triage' and left_at is not null and entered_at < '2024-06-01' group by urgency""")
    )
    assert waits["routine"] == pytest.approx(10, rel=0.05)
    assert waits["urgent"] == pytest.approx(2.5, rel=0.12)


def test_phones_convert_at_lower_odds_at_the_first_step(made: Any) -> None:
    """The odds ratio of going on, by the intent of each visit, which _truth holds; a logistic regression finds it."""
    import statsmodels.api as sm

    found = made(SHOP, 1, 0.5)
    truth = found.folder / "_truth" / "visits"
    seen = found.columns(f"""
        select (next_stage <> 'abandoned')::int as on_, (device = 'phone')::int as phone,
            (device = 'tablet')::int as tablet,
            (channel = 'email')::int as email, (channel = 'ads')::int as ads, ln(intent) as intent,
            (visited_at between '2023-11-20' and '2023-11-29' or visited_at between '2024-11-25'
                and '2024-12-04')::int as sale
        from steps join visits using (visit_id) join users using (user_id) join '{truth}/*.parquet' using (visit_id)
        where stage = 'landing' and next_stage is not null""")
    names = ["phone", "tablet", "email", "ads", "sale", "intent"]
    fitted = sm.Logit(seen["on_"], sm.add_constant(np.column_stack([seen[name] for name in names]))).fit(disp=False)
    planted = np.log([0.57 / 0.43, 0.65, 0.85, 1.6, 0.7, 1.5, np.e])
    assert np.all(np.abs(fitted.params - planted) < 3.8 * fitted.bse)
