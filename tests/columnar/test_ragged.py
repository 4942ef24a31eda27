import numpy as np

from datagen.columnar.ragged import ordinals, positions

COUNTS = np.array([2, 0, 3, 1])


def test_ordinals_count_from_0_in_each_run() -> None:
    assert ordinals(COUNTS).tolist() == [0, 1, 0, 1, 2, 0]


def test_positions_count_from_the_first_of_each_run() -> None:
    assert positions(np.array([10, 20, 30, 40]), COUNTS).tolist() == [10, 11, 30, 31, 32, 40]


def test_without_runs_there_are_no_items() -> None:
    none = np.zeros(0, np.int64)
    assert ordinals(none).dtype == positions(none, none).dtype == np.int64
    assert ordinals(none).tolist() == []
