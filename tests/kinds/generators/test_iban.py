from __future__ import annotations

from tests.fakes import World, column, listed, problems

LENGTHS = {
    "DE": 22,
    "AT": 20,
    "CH": 21,
    "FR": 27,
    "BE": 16,
    "ES": 24,
    "PT": 25,
    "IT": 27,
    "NL": 18,
    "GB": 22,
    "IE": 22,
    "PL": 28,
    "CZ": 24,
    "TR": 26,
    "SA": 24,
    "EG": 29,
    "AE": 23,
    "SE": 24,
    "NO": 15,
    "DK": 18,
    "FI": 18,
    "BR": 29,
}


def valid(iban: str) -> bool:
    """ISO 13616: the number with its first four characters at the end leaves 1 by 97."""
    return int("".join(str(int(sign, 36)) for sign in iban[4:] + iban[:4])) % 97 == 1


def test_check_digits_are_valid_and_lengths_those_of_the_country():
    columns = {"country": {"type": "choice", "values": [*LENGTHS, "US"]}, "it": {"type": "iban", "country": "country"}}
    world = World({"tables": {"t": {"columns": columns}}}, stop=2000)
    for country, iban in zip(listed(world.filled("t", "country")), listed(world.filled("t", "it")), strict=True):
        if country == "US":
            assert iban is None
        else:
            assert iban[:2] == country and len(iban) == LENGTHS[country] and valid(iban)


def test_rows_without_a_country_take_the_default():
    assert all(iban[:2] == "FR" for iban in listed(column({"type": "iban", "default": "FR"}, 50)))


def test_problems():
    assert problems({"type": "iban"}) == ["$.default: no country is given; write 'country' or 'default' [missing]"]
    assert "is not a country with IBANs" in problems({"type": "iban", "default": "US"})[0]
