import numpy as np
import pytest

from datagen.kinds.interarrival.support import renewal
from datagen.kinds.interarrival.support.renewal import Renewal
from datagen.random.streams import mix


def _trails(most, monkeypatch):
    monkeypatch.setattr(renewal, "_MOST_CELLS", most)
    distribution = Renewal(lambda ids: np.full(len(ids), 0.5), lambda ids: 0.5 + (ids % np.uint64(2)).astype(float))
    ids = mix(np.arange(40, dtype=np.uint64))
    rate, total = np.linspace(0.0, 2.0, 40), np.where(np.arange(40) % 3 == 0, 0.0, 100.0)
    found = list(distribution.trails(ids, rate, total))
    owner = np.concatenate([trail.owner for trail in found])
    order = np.argsort(owner, kind="stable")
    return [np.concatenate([getattr(t, name) for t in found])[order] for name in ("owner", "ids", "place")], found


@pytest.mark.parametrize("most", [1, 100, 1 << 19])
def test_how_many_gaps_are_laid_at_once_changes_no_event(most, monkeypatch):
    expected, _ = _trails(1 << 12, monkeypatch)
    for one, other in zip(expected, _trails(most, monkeypatch)[0], strict=True):
        np.testing.assert_array_equal(one, other)


def test_gaps_lie_end_to_end_within_what_a_parent_has(monkeypatch):
    (owner, _, place), found = _trails(1 << 12, monkeypatch)
    assert set(owner) == {i for i in range(1, 40) if i % 3}
    for i in set(owner):
        own = place[owner == i]
        assert own[0] == pytest.approx(0.5 / np.linspace(0, 2, 40)[i]) and (np.diff(own) > 0).all() and own[-1] < 100
    for trail in found:
        np.testing.assert_array_equal(trail.counts, np.bincount(trail.owner, minlength=40))
