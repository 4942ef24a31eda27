from __future__ import annotations

import numpy as np
import pytest

from tests.fakes import World, column, listed, problems

CHANNEL = {"type": "choice", "values": {"web": 1, "shop": 1}}


def holed(**nulls):
    return {"type": "uniform", "min": 0, "max": 1, "modifiers": [{"type": "nulls", **nulls}]}


def test_a_share_of_the_cells_goes_missing():
    values = column(holed(share=0.2), 50_000)
    assert abs(values.missing / 50_000 - 0.2) < 0.01


def test_the_cells_that_stay_are_as_they_were():
    whole, some = column({"type": "uniform", "min": 0, "max": 1}), column(holed(share=0.5))
    assert np.array_equal(whole.data[some.valid], some.data[some.valid])


def test_only_where_the_condition_holds():
    cells = listed(column(holed(share=1, when="channel = 'web'"), channel=CHANNEL))
    channel = listed(column(CHANNEL))
    assert 0 < cells.count(None) < len(cells)
    assert len(channel) == len(cells)


def test_another_column_decides_the_share():
    world = World(
        {"tables": {"t": {"columns": {"channel": CHANNEL, "it": holed(by="channel", shares={"web": 0.1}, share=0.8)}}}},
        stop=20_000,
    )
    web, valid = np.array(listed(world.filled("t", "channel"))) == "web", world.filled("t", "it").valid
    assert abs((~valid[web]).mean() - 0.1) < 0.02
    assert abs((~valid[~web]).mean() - 0.8) < 0.02


def test_two_modifiers_draw_apart():
    twice = {**holed(share=0.5), "modifiers": [{"type": "nulls", "share": 0.5}] * 2}
    assert abs(column(twice, 20_000).missing / 20_000 - 0.75) < 0.02


@pytest.mark.parametrize(
    "declared, problem",
    [
        (holed(), "$.modifiers[0]: no share is above 0; write the 'share' of missing cells [no-effect]"),
        (holed(share=0.1, by="channel"), "$.modifiers[0]: 'by' has no effect without 'shares'; add 'shares' [missing]"),
        (
            holed(by="channel", shares={"wab": 0.1}),
            "$.modifiers[0].shares.wab: 'channel' is never 'wab'; did you mean 'web'? [no-effect]",
        ),
        (
            holed(share=0.1, when="channel"),
            (
                "$.modifiers[0].when: the expression has type category, not bool; write a "
                "condition, such as amount > 0 [type]"
            ),
        ),
        (
            holed(by="chanel", shares={"web": 0.1}),
            "$.modifiers[0].by: there is no column 'chanel'; did you mean 'channel'? [unknown-column]",
        ),
    ],
)
def test_problems(declared, problem):
    assert problems(declared, channel=CHANNEL) == [problem]
