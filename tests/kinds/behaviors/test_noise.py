import numpy as np
import pytest

from datagen.kinds.behaviors.noise import Noise
from datagen.random.streams import Stream
from tests.kinds.behaviors.calendars import Planned, problems, weights


@pytest.mark.parametrize("rho, sd", [(0.0, 0.1), (0.6, 0.1), (0.95, 0.3)])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_mean_spread_and_memory_are_those_declared(rho, sd, seed):
    days = np.arange(20_000)
    factors = Noise(rho=rho, sd=sd).by_day(Stream.named(seed, "noise"), days)
    logs = np.log(factors)
    longest = np.sqrt((1 + rho) / (1 - rho) / len(days))  # standard error of the mean per unit of sd
    assert factors.mean() == pytest.approx(1, abs=4 * sd * longest)
    assert factors.std() == pytest.approx(sd, rel=0.02 + 4 * longest)
    assert np.corrcoef(logs[1:], logs[:-1])[0, 1] == pytest.approx(
        rho, abs=4 * np.sqrt((1 - rho**2) / len(days)) + 1e-3
    )
    partial = np.corrcoef(logs[2:] - rho * logs[1:-1], logs[:-2])[0, 1]
    assert abs(partial) < 4 / np.sqrt(len(days))


def test_no_day_depends_on_the_window():
    declared = {"type": "noise", "rho": 0.9, "sd": 0.2}
    short, long = Planned(), Planned(end="2026-06-01", history_hours=24 * 500 + 7)
    before = 24 * 500 + 7
    np.testing.assert_array_equal(
        weights(declared, short), weights(declared, long)[before : before + short.grid().hours]
    )


def test_a_day_has_one_multiplier_also_before_1970():
    scope = Planned(start="1968-02-01", end="1970-03-01")
    days = weights({"type": "noise", "sd": 0.1}, scope).reshape(-1, 24)
    assert (days == days[:, :1]).all()
    assert len(np.unique(days[:, 0])) == len(days)


@pytest.mark.parametrize("sd", [0, -0.0, 5e-324, 1e-200, 9e-7])
def test_noise_without_spread_is_reported(sd):
    assert problems({"type": "noise", "sd": sd}) == ["no-effect sd"]
