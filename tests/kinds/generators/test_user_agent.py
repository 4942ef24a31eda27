from __future__ import annotations

from tests.fakes import column, listed


def test_browsers_have_their_shares():
    agents = listed(column({"type": "user_agent"}, 3000))
    assert all(agent.startswith("Mozilla/5.0 (") for agent in agents)
    assert abs(sum("Firefox" in agent for agent in agents) / 3000 - 1 / 7) < 0.03
