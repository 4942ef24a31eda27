"""A report as a real validation of the shop gives it, from plausible numbers."""

from pathlib import Path

import numpy as np

from datagen.analysis import analyze_or_raise
from datagen.analysis.semantic_model import SemanticModel
from datagen.validation.metrics.base import Finding
from datagen.validation.report import chart_data
from datagen.validation.report.report import Report
from datagen.validation.score import score_of

EXAMPLE = Path(__file__).parents[4] / "examples" / "shop.json"
ROWS = {"products": 2000, "customers": 20_000, "orders": 364_512, "order_items": 801_944}
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
DAY = 86_400_000_000
START = 1_672_531_200_000_000


def shop() -> SemanticModel:
    return analyze_or_raise(EXAMPLE)


def report(*extra: Finding) -> Report:
    """The findings below and `extra`, scored."""
    found = (*constraints(), *recovery(), *distributions(), *over_time(), *signs(), *extra)
    score, losses = score_of(found)
    return Report("shop", "./output", ROWS, found, score, losses, "3f9c2a77e1d04b55", 42, {"profiles": profiles()})


def profiles() -> dict[str, object]:
    """What a validation sees of every column: the same plain numbers for each, and a histogram."""
    return {table: profile(table, list(facts.declared)) for table, facts in shop().tables.items()}


def profile(table: str, columns: list[str]) -> dict[str, object]:
    rows = ROWS[table]
    numbers = {
        "rows": rows,
        "missing": 0,
        "distinct": rows,
        "distinct_is_exact": False,
        "units": "",
        "counted": False,
        "min": 1,
        "mean": rows / 2,
        "max": rows,
    }
    shares = np.full(10, 0.1)
    charts = {name: chart_data.histogram(f"{table}.{name}", np.arange(11), shares, x=name) for name in columns}
    weeks = START + np.arange(104) * 7 * DAY
    return {
        "rows": rows,
        "columns": {name: {**numbers, "chart": charts[name]} for name in columns},
        "sample": {"names": columns, "rows": [["1"] * len(columns), [None] * len(columns)]},
        "missing": chart_data.bars(f"{table}: missing cells", columns[:1], [0.06]),
        "dependence": chart_data.heatmap(
            f"{table}: association of columns", ["a", "b"], ["a", "b"], [[None, 0.4], [0.4, None]], span=(0, 1)
        ),
        "over_time": [
            chart_data.series(f"{table} per week", weeks, np.full(104, 50.0), y="rows per week"),
            chart_data.series(f"{table}: sum of amount per week", weeks, np.full(104, 900.0)),
        ],
    }


def failed_gate(**row: object) -> Finding:
    rows = (row,) if row else ({"order_id": 17, "customer_id": 9_999_999}, {"order_id": 902, "customer_id": None})
    return Finding(
        "constraint",
        "ReferentialIntegrity",
        "orders",
        "customer_id",
        "fail",
        "1,204 of 364,512 point to no row of customers",
        score=0.9967,
        weight=0.0,
        statistic=0.0033,
        threshold=0.0,
        count=1204,
        share=0.0033,
        rows=rows,
    )


def constraints() -> list[Finding]:
    model = shop()
    return [
        Finding("constraint", measure, table, column, "pass", f"holds for all {ROWS[table]:,}", score=1.0, weight=0.0)
        for table, facts in model.tables.items()
        for column in facts.declared
        for measure in ("ColumnType", "NotNull")
    ]


def planted(table: str, subject: str, values: tuple[float, float, float], column: str | None = None) -> Finding:
    plan, found, error = values
    z = (found - plan) / error
    sound = abs(z) < 4
    verdict = "recovered" if sound else "not recovered"
    return Finding(
        "recovery",
        "ParameterRecovery",
        table,
        column,
        verdict,
        f"{subject}: {found:g} against {plan:g}",
        subject=subject,
        score=1.0 if sound else 0.35,
        planted=plan,
        found=found,
        error=error,
        z=z,
    )


def recovery() -> list[Finding]:
    return [
        planted("orders", "orders per month", (1.2, 1.193, 0.008)),
        planted("orders", "segment vip", (3.0, 3.04, 0.045)),
        planted("orders", "segment bargain", (0.8, 0.797, 0.006)),
        planted("orders", "growth per year", (0.25, 0.196, 0.012)),
        planted("orders", "weekday sat", (1.4, 1.41, 0.011)),
        planted("orders", "weekday sun", (1.3, 1.295, 0.01)),
        planted("orders", "trend offset", (0.0, 0.004, 0.006)),
        planted("customers", "sBG alpha/(alpha+beta)", (0.25, 0.255, 0.004)),
        planted("products", "median of coffee", (12.0, 14.1, 0.12), "list_price"),
        planted("products", "sigma of coffee", (0.3, 0.302, 0.007), "list_price"),
        Finding(
            "recovery",
            "ParameterRecovery",
            "orders",
            None,
            "not identifiable",
            "two years hold too few launches to tell the lag",
            subject="Bass p",
            planted=0.03,
            found=0.031,
            error=0.4,
            z=0.0,
        ),
        Finding(
            "recovery",
            "ParameterFamily",
            "customers",
            None,
            "recovered",
            "15 ages, one factor each",
            subject="vintage of orders",
            score=1.0,
            details=chart_data.interval(
                "orders by age of customer",
                [f"month {k}" for k in range(8)],
                [1, 0.75, 0.6, 0.5, 0.45, 0.4, 0.4, 0.4],
                [1.01, 0.74, 0.61, 0.51, 0.44, 0.41, 0.40, 0.37],
                [0.01, 0.01, 0.012, 0.012, 0.014, 0.015, 0.015, 0.02],
                unit="factor",
            ),
        ),
    ]


def distributions() -> list[Finding]:
    edges = np.geomspace(2, 200, 31)
    middle = np.sqrt(edges[1:] * edges[:-1])
    shares = np.exp(-(np.log(middle / 24) ** 2) / (2 * 0.5**2))
    shares /= shares.sum()
    wobble = shares * (1 + 0.06 * np.sin(np.arange(30) * 2.2))
    k = np.arange(16)
    negative = 0.7 * np.exp(-k / 4) / (0.7 * np.exp(-k / 4)).sum()
    return [
        Finding(
            "distribution",
            "KSComplement",
            "orders",
            "amount",
            "pass",
            "largest distance 0.004",
            score=0.996,
            details=chart_data.histogram(
                "order totals", edges, wobble, shares, x="amount (EUR), logarithmic", axis="log"
            ),
        ),
        Finding(
            "distribution",
            "TVComplement",
            "products",
            "category",
            "pass",
            "total variation 0.006",
            score=0.994,
            details=chart_data.bars(
                "products.category", ["coffee", "tea", "mugs"], [0.506, 0.297, 0.197], [0.5, 0.3, 0.2], x="category"
            ),
        ),
        Finding(
            "distribution",
            "TVComplement",
            "customers",
            "country",
            "fail",
            "total variation 0.09",
            score=0.71,
            details=chart_data.bars(
                "customers.country",
                ["US", "GB", "DE", "FR", "ES"],
                [0.41, 0.22, 0.17, 0.11, 0.09],
                [0.5, 0.18, 0.14, 0.1, 0.08],
                x="country",
            ),
        ),
        Finding(
            "cardinality",
            "CardinalityShapeSimilarity",
            "orders",
            None,
            "pass",
            "distance 0.01",
            score=0.99,
            subject="orders per customer",
            details=chart_data.counts(
                "orders per customer", k, negative * (1 + 0.05 * np.cos(k)), negative, open_end=True
            ),
        ),
        Finding("dependence", "KendallTau", "orders", "amount", "not applicable", "no pair is declared"),
    ]


def over_time() -> list[Finding]:
    rng = np.random.default_rng(7)
    days = np.arange(731)
    smooth = 300 * np.exp(days / 900) * (1 + 0.25 * np.sin(2 * np.pi * days / 365))
    values = rng.poisson(smooth * np.where(days % 7 >= 5, 1.35, 0.88))
    hours = 0.2 + 1.8 * np.exp(-((np.arange(24) - 15) ** 2) / 30)
    hours /= hours.mean()
    age = np.arange(0, 19)
    alive = 1 / (1 + 0.09 * age) ** 1.1
    cohorts = [f"2023-{m:02d}" for m in range(1, 13)]
    cells = [[None if a > 23 - c else alive[a] * (1 + 0.03 * np.sin(c + a)) for a in range(19)] for c in range(12)]
    week, planned = [0.82, 0.85, 0.9, 0.93, 1.05, 1.27, 1.18], [0.83, 0.85, 0.89, 0.93, 1.05, 1.28, 1.17]
    return [
        Finding(
            "time",
            "VolumeOverTime",
            "orders",
            None,
            "pass",
            "as planted, day by day",
            score=0.98,
            subject="orders per day",
            details=chart_data.series("orders per day", START + days * DAY, values, smooth, y="orders"),
        ),
        Finding(
            "time",
            "SeasonalProfile",
            "orders",
            None,
            "pass",
            "all indices within their errors",
            score=0.99,
            details=chart_data.several(
                chart_data.profile(
                    "orders by hour", range(24), hours * (1 + 0.02 * np.sin(np.arange(24))), hours, x="hour (UTC)"
                ),
                chart_data.profile("orders by weekday", DAYS, week, planned, [0.01] * 7),
                chart_data.profile(
                    "orders by month",
                    MONTHS,
                    1 + 0.25 * np.sin(np.arange(12) / 2),
                    1 + 0.25 * np.sin(np.arange(12) / 2),
                ),
            ),
        ),
        Finding(
            "time",
            "Retention",
            "customers",
            None,
            "pass",
            "largest distance 0.012",
            score=0.97,
            subject="retention",
            details=chart_data.several(
                chart_data.curve(
                    "customers still active (Kaplan-Meier)",
                    age,
                    alive * 0.99,
                    alive,
                    (alive * 0.96, alive * 1.02),
                    x="months since the first order",
                    steps=True,
                ),
                chart_data.heatmap(
                    "active customers by cohort",
                    cohorts,
                    age,
                    cells,
                    [["" if cell is None else f"{cell * 100:.0f}" for cell in row] for row in cells],
                    x="months since the first order",
                    y="cohort",
                ),
            ),
        ),
    ]


def signs() -> list[Finding]:
    return [
        sign("orders", "uniform foreign keys", (4.7, 1.5), "variance over mean of orders per customer", good=True),
        sign("orders", "no concentration", (0.52, 0.4), "share of the top 20 % customers", good=True),
        sign("orders", "pile-up at the end", (1.04, 1.5), "last day over the median day", good=True),
        sign("orders", "no day", (0.993, 0.99), "entropy of the 24 hours", good=False),
        Finding(
            "realism", "RealismSign", "products", None, "not applicable", "nothing happens over time", subject="no week"
        ),
    ]


def sign(table: str, subject: str, numbers: tuple[float, float], message: str, *, good: bool) -> Finding:
    return Finding(
        "realism",
        "RealismSign",
        table,
        None,
        "pass" if good else "fail",
        message,
        subject=subject,
        score=1.0 if good else 0.0,
        statistic=numbers[0],
        threshold=numbers[1],
    )
