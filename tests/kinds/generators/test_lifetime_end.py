import numpy as np

from datagen.columnar.block import Rows
from datagen.kinds.behaviors.base import behavior_of
from datagen.kinds.behaviors.support.examples import shaped
from datagen.kinds.behaviors.support.lifetime_behavior import LifetimeBehavior
from datagen.kinds.generators.lifetime_end import LifetimeEnd
from tests.fakes import END, World


def world(**lifetime):
    document = shaped({"type": "retention", "lifetime": {"type": "exponential", "mean": 4, **lifetime}})
    document["tables"]["customers"]["columns"]["alive_until"] = {"type": "lifetime_end", "hidden": True}
    return World(document, stop=500)


def test_it_is_the_end_of_the_life_that_the_behavior_gives():
    made = world()
    ends = made.filled("customers", "alive_until")
    index, behavior = behavior_of(made.scope("customers", "alive_until"), LifetimeBehavior, "truth_column")
    spells = behavior.spells(made.scope("customers").behavior(index))(Rows(made.blocks["customers"]))
    inside = spells[-1][1] < END
    assert 50 < inside.sum() < 450
    assert np.array_equal(ends.valid, inside)
    assert np.array_equal(ends.data[inside], spells[-1][1][inside])


def test_who_is_alive_at_the_windows_end_has_none():
    ends = world(mean=1e6).filled("customers", "alive_until")
    assert ends.missing > 490


def test_without_a_behavior_that_ends_lives_there_is_no_finding():
    made = world()
    made.tables["customers"].__dict__["behaviors"] = ()
    scope = made.scope("customers", "alive_until")
    assert [problem.code for problem in LifetimeEnd().problems(scope)] == ["missing"]
