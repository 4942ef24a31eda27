from tests.kinds.lifetimes.lives import distance, months


def test_lives_are_lomax():
    lives = months({"type": "lomax", "shape": 1.5, "scale": 12})
    assert distance(lives, lambda t: (12 / (12 + t)) ** 1.5) < 0.006
