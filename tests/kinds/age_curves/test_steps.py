from tests.kinds.age_curves.curves import at, steps, wrong

STEPS = {"type": "steps", "steps": [{"from": 3, "value": 0.6}, {"from": 12, "value": 0.3}]}


def test_1_until_the_first_step():
    assert at(STEPS, 0, 2.99, 3, 11, 12, 99) == [1.0, 1.0, 0.6, 0.6, 0.3, 0.3]
    assert steps(STEPS).edges.tolist() == [0, 2192, 8766]


def test_a_first_step_at_0_replaces_the_1():
    assert at({"type": "steps", "steps": [{"from": 0, "value": 2}, {"from": 1, "value": 3}]}, 0, 1) == [2.0, 3.0]


def test_steps_ascend():
    (problem,) = wrong({"type": "steps", "steps": [{"from": 3, "value": 0.6}, {"from": 3, "value": 0.3}]})
    assert problem.startswith("$.steps[1].from: age 3 does not come after 3")
