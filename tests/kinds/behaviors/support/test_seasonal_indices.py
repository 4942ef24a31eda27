import numpy as np
import pytest
from pydantic import ValidationError

from datagen.kinds.behaviors.support.seasonal_indices import MONTH_DAYS, PROFILES, SeasonalIndices, index


def test_every_index_has_mean_one_over_its_cycle():
    assert index([1, 1, 1, 1, 1, 1.4, 1.3]).mean() == pytest.approx(1)
    month = index([1.0] * 11 + [3.0], MONTH_DAYS)
    assert (month * np.array(MONTH_DAYS)).sum() == pytest.approx(365.25)
    assert month[11] / month[0] == pytest.approx(3)


def test_names_are_accepted_short_or_long_and_the_rest_is_one():
    assert SeasonalIndices(weekday={"Sat": 1.4, "sunday": 1.3}).weekday == (1, 1, 1, 1, 1, 1.4, 1.3)
    assert SeasonalIndices(month={"dec": 2}).month == (1,) * 11 + (2,)
    assert SeasonalIndices(hour={"8": 3}).hour == (1,) * 8 + (3,) + (1,) * 15
    assert SeasonalIndices(hour="office").hour == PROFILES["office"]


@pytest.mark.parametrize(
    "declared, message",
    [
        ({"weekday": {"sut": 1}}, "not known here"),
        ({"weekday": {"sat": 1, "saturday": 2}}, "duplicate"),
        ({"weekday": [1, 2]}, "needs 7 weights"),
        ({"weekday": [0] * 7}, "all weights are 0"),
        ({"weekday": {"sat": -1}}, "from 0"),
        ({"weekday": {"sat": True}}, "needs a number"),
        ({"hour": "ofice"}, "no profile 'ofice'"),
        ({"month": "office"}, "needs 12 weights"),
    ],
)
def test_an_invalid_index_is_reported(declared, message):
    with pytest.raises(ValidationError, match=message):
        SeasonalIndices.model_validate(declared)


def test_profiles_have_a_day_each_and_no_two_are_alike():
    assert {len(profile) for profile in PROFILES.values()} == {24}
    assert len({tuple(index(profile)) for profile in PROFILES.values()}) == len(PROFILES)


def test_hours_before_1970_know_their_day():
    hours = np.arange(-24 * 400, 24 * 400)
    when = hours.astype("datetime64[h]").astype(object)
    weigh = SeasonalIndices(month={"feb": 2}, weekday={"sun": 3}, hour={"5": 4}).by_hour()(hours)
    expected = np.array(
        [(2 if t.month == 2 else 1) * (3 if t.weekday() == 6 else 1) * (4 if t.hour == 5 else 1) for t in when]
    )
    assert np.unique(np.round(weigh / expected, 12)).size == 1
