from __future__ import annotations

from tests.fakes import World, column


def test_the_share_is_true():
    assert abs(column({"type": "boolean", "share": 0.3}, 50_000).data.mean() - 0.3) < 0.01


def test_the_domain_follows_the_share():
    for share, domain in ((0.0, ("false",)), (1.0, ("true",)), (0.5, ("false", "true"))):
        world = World({"tables": {"t": {"columns": {"it": {"type": "boolean", "share": share}}}}})
        assert world.tables["t"].columns["it"].domain(world.scope("t", "it")) == domain
