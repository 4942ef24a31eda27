import numpy as np

from datagen.columnar.block import BOOL, INT, Column
from tests.kinds.behaviors.entities import People, effects, problems, words

VIP = {
    "type": "segments",
    "column": "segment",
    "multiply": {"vip": {"orders": 3.0, "orders.amount": 1.8}, "bargain": {"orders": 0.8}},
}


def factors(behavior, target, values):
    (effect,) = effects(behavior, target)
    return effect.factor(People(len(values), {"segment": values})).tolist()


def test_each_segment_has_its_factor_and_others_and_missing_cells_have_1():
    cells = words(["vip", "standard", None, "bargain"], "standard", "bargain", "vip")
    assert factors(VIP, "orders", cells) == [3.0, 1.0, 1.0, 0.8]
    assert factors(VIP, "orders.amount", cells) == [1.8, 1.0, 1.0, 1.0]


def test_numbers_and_booleans_make_segments_too():
    by_number = {**VIP, "multiply": {"7": {"orders": 2.0}, "-1": {"orders": 0.5}}}
    assert factors(by_number, "orders", Column(INT, np.array([7, -1, 0, 8]))) == [2.0, 0.5, 1.0, 1.0]
    by_truth = {**VIP, "multiply": {"true": {"orders": 2.0}}}
    assert factors(by_truth, "orders", Column(BOOL, np.array([True, False]))) == [2.0, 1.0]


def test_a_latent_segment_is_a_hidden_column():
    latent = {
        "type": "segments",
        "latent": {"truth_column": "habit", "values": {"loyal": 1, "casual": 4}},
        "multiply": {"loyal": {"orders": 4.0}},
    }
    assert not problems(latent)


def test_a_segment_that_nobody_is_in_is_an_error():
    (problem,) = problems({**VIP, "multiply": {"vpi": {"orders": 3.0}}})
    assert problem == "$[0].multiply.vpi: 'segment' is never 'vpi'; did you mean 'vip'? [no-effect]"


def test_a_target_that_every_segment_leaves_alone_is_an_error():
    (problem,) = problems({**VIP, "multiply": {"vip": {"orders": 3.0, "orders.amount": 1}}})
    assert "every segment multiplies 'orders.amount' by 1" in problem


def test_multipliers_of_1_alone_are_reported_once():
    assert len(problems({**VIP, "multiply": {"vip": {"orders": 1}}})) == 1


def test_either_a_column_or_a_latent_segment():
    assert "has neither" in problems({"type": "segments", "multiply": {"vip": {"orders": 2}}})[0]


def test_the_column_must_be_the_entitys_own_and_made_of_values():
    assert "which has the behavior" in problems({**VIP, "column": "orders.amount"})[0]
    assert "is a column of type timestamp" in problems({**VIP, "column": "created_at"})[0]
    assert "no column" in problems({**VIP, "column": "segmnt"})[0]


def test_rows_cannot_shape_how_many_of_them_there_are():
    assert any(
        "cannot change how many" in problem for problem in problems({**VIP, "multiply": {"vip": {"customers": 2}}})
    )


def test_a_latent_segment_has_the_declared_values_only():
    latent = {"truth_column": "habit", "values": {"loyal": 1, "casual": 4}}
    (problem,) = problems({"type": "segments", "latent": latent, "multiply": {"loyl": {"orders": 4.0}}})
    assert "is not one of the latent segments; known: loyal, casual" in problem


def test_segments_that_multiply_nothing_are_an_error():
    assert "no segment multiplies anything" in problems({**VIP, "multiply": {"vip": {}}})[0]


def test_a_value_of_another_type_is_an_error():
    columns = {"age": {"type": "uniform", "min": 18, "max": 90, "decimals": 0}}
    aged = {**VIP, "column": "age", "multiply": {"old": {"orders": 2.0}}}
    assert "'old' is not of type int" in problems(aged, columns=columns)[0]
