import numpy as np

from datagen.columnar.block import Rows
from datagen.kinds.behaviors.frailty import Frailty
from datagen.kinds.behaviors.support.examples import shaped
from datagen.kinds.generators.frailty_multiplier import FrailtyMultiplier
from tests.fakes import World


def world(*behaviors):
    document = shaped(*behaviors)
    document["tables"]["customers"]["columns"]["activity"] = {"type": "frailty_multiplier", "hidden": True}
    return World(document, stop=500)


def test_it_is_the_multiplier_that_the_behavior_uses():
    made = world({"type": "frailty", "of": ["orders"], "dispersion": 0.8})
    factor = Frailty(of=("orders",), dispersion=0.8).factor(made.scope("customers").behavior(0))
    assert np.array_equal(made.filled("customers", "activity").data, factor(Rows(made.blocks["customers"])))


def test_of_two_behaviors_the_one_that_names_the_column_is_reported():
    first = {"type": "frailty", "of": ["orders"], "dispersion": 0.8}
    second = {"type": "frailty", "of": ["orders"], "dispersion": 0.1, "truth_column": "activity"}
    assert abs(float(np.var(world(first, second).filled("customers", "activity").data)) - 0.1) < 0.03


def test_which_of_two_is_meant_must_be_said():
    one = {"type": "frailty", "of": ["orders"], "dispersion": 0.8}
    scope = world(one, one).scope("customers", "activity")
    assert [problem.code for problem in FrailtyMultiplier().problems(scope)] == ["missing"]
