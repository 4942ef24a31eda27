from tests.kinds.age_curves.curves import at, steps, wrong


def test_a_value_holds_for_its_unit_and_the_last_stays():
    assert at([1.0, 0.75, 0.6], 0, 0.99, 1, 2.5, 99) == [1.0, 1.0, 0.75, 0.6, 0.6]


def test_equal_neighbours_are_one_step():
    assert steps([1.0, 0.5, 0.5, 0.25]).edges.tolist() == [0, 730, 2192]


def test_one_multiplier_for_all_ages_is_no_vintage():
    assert "same at every age" in wrong([2.0])[0]
