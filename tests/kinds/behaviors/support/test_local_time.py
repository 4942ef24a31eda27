import numpy as np

from datagen.kinds.behaviors.support.local_time import local_time, offsets_of
from datagen.point_process.effects import Grid
from tests.kinds.behaviors.calendars import Planned, hours


def test_clocks_change_when_the_zone_says():
    scope = Planned()
    shown = local_time(scope, "Europe/Oslo").hour - (hours(scope).astype(np.int64))
    summer = (hours() >= np.datetime64("2024-03-31T01", "h")) & (hours() < np.datetime64("2024-10-27T01", "h"))
    np.testing.assert_array_equal(shown, np.where(summer, 2, 1))


def test_half_hours_are_kept_apart():
    time = local_time(Planned(), "Asia/Kolkata")
    assert (time.part == 0.5).all()
    assert time.hour[0] == hours()[0].astype(np.int64) + 5
    assert time.middle[0] == time.hour[0] + 1.0


def test_an_hour_that_straddles_two_has_its_share_of_both():
    time = local_time(Planned(), "Asia/Kolkata")
    np.testing.assert_array_equal(time.shown(lambda h: (h % 24 == 9) * 1.0)[:6], [0, 0, 0, 0.5, 0.5, 0])


def test_offsets_do_not_depend_on_where_the_grid_begins_or_ends():
    whole = offsets_of("America/New_York", Grid(470_000, 30_000))
    part = offsets_of("America/New_York", Grid(475_003, 9_001))
    assert part[1:] == [offset for offset in whole if 475_003 * 3600 < offset[0] < 484_004 * 3600]
    assert part[0][1] == [offset for offset in whole if offset[0] <= 475_003 * 3600][-1][1]


def test_offsets_are_plain_numbers_and_looked_up_once():
    scope = Planned()
    local_time(scope, "Europe/Oslo")
    assert scope.frozen == {
        "time zone Europe/Oslo": [[473_352 * 3600, 3600], [475_513 * 3600, 7200], [480_553 * 3600, 3600]]
    }
    scope.frozen["time zone Europe/Oslo"] = [[473_352 * 3600, 36_000]]
    assert local_time(scope, "Europe/Oslo").hour[0] == 473_352 + 10
