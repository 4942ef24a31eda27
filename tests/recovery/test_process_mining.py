"""pm4py finds the declared process in a funnel's log, and nothing else. pm4py is optional: it comes with the extra
`evidence`.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from tests.kinds.processes.test_funnel import world
from tests.recovery.worlds import frames

EDGES = {
    ("visit", "product"), ("visit", "abandoned"),
    ("product", "cart"), ("product", "visit"), ("product", "payment"), ("product", "abandoned"),
    ("cart", "payment"), ("cart", "cart"), ("cart", "abandoned"),
    ("payment", "purchase"), ("payment", "abandoned"),
}  # fmt: skip
"""Those that the funnel declares."""
ENDS = {"purchase", "abandoned"}
SEEDS = [1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (2, 3))]


@pytest.fixture
def pm4py() -> Any:
    """Almost a second of imports, in the one process that needs them."""
    return pytest.importorskip("pm4py", exc_type=ImportError)


def log(pm4py: Any, seed: int) -> pd.DataFrame:
    """The runs that have ended, as an event log."""
    steps = frames(world(count=3000), seed)["steps"]
    steps["state"] = steps["state"].astype(str)
    ended = set(steps.loc[steps["state"].isin(ENDS), "visit_id"])
    own = steps[steps["visit_id"].isin(ended)].assign(at=lambda table: table["entered_at"].dt.tz_localize("UTC"))
    return pm4py.format_dataframe(own, case_id="visit_id", activity_key="state", timestamp_key="at")


@pytest.mark.parametrize("seed", SEEDS)
def test_the_discovered_graph_is_the_declared_one_and_has_no_other_edge(pm4py: Any, seed: int) -> None:
    graph, starts, ends = pm4py.discover_dfg(log(pm4py, seed))
    assert set(graph) == EDGES
    assert set(starts) == {"visit"}
    assert set(ends) == ENDS


@pytest.mark.parametrize("seed", SEEDS)
def test_every_case_fits_the_declared_process_and_a_process_that_lacks_an_edge_does_not_fit(
    pm4py: Any, seed: int
) -> None:
    """Token-based replay on the Petri net of the declared graph."""
    cases = log(pm4py, seed)
    whole = pm4py.convert_to_petri_net(dict.fromkeys(EDGES, 1), {"visit": 1}, dict.fromkeys(ENDS, 1))
    assert pm4py.fitness_token_based_replay(cases, *whole)["perc_fit_traces"] == 100.0
    less = dict.fromkeys(EDGES - {("product", "visit")}, 1)
    lacking = pm4py.convert_to_petri_net(less, {"visit": 1}, dict.fromkeys(ENDS, 1))
    assert pm4py.fitness_token_based_replay(cases, *lacking)["perc_fit_traces"] < 95.0
