from tests.kinds.lifetimes.lives import distance, months


def test_lives_are_log_logistic():
    lives = months({"type": "log_logistic", "shape": 1.6, "scale": 8})
    assert distance(lives, lambda t: 1 / (1 + (t / 8) ** 1.6)) < 0.006
