"""The generators for columns of other tools (Faker, Mockaroo, SQL types ...), if the name alone is not enough."""

from __future__ import annotations

import re
from typing import Any

from datagen.authoring.repair.calls import PythonCall, call_of
from datagen.registry import FAMILIES, meaning

Json = dict[str, Any]


def _choice(*values: str | bool) -> Json:
    return {"type": "choice", "values": list(values)}


def _digits(pattern: str) -> Json:
    return {"type": "pattern", "pattern": pattern}


_WHOLE: Json = {"type": "uniform", "min": 0, "max": 9999, "decimals": 0}
_COLUMNS: tuple[tuple[str, Json], ...] = (
    ("first_name given_name forename", {"type": "person_name", "part": "first"}),
    ("last_name surname family_name", {"type": "person_name", "part": "last"}),
    ("phone_number mobile telephone msisdn", {"type": "phone"}),
    ("ssn", _digits("###-##-####")),
    ("ean ean13", _digits("#############")),
    ("isbn isbn13", _digits("978-#-##-######-#")),
    ("license_plate", _digits("??? ####")),
    ("sku code", _digits("???-####")),
    ("zip zipcode postcode postal_code", _digits("#####")),
    ("credit_card credit_card_number", {"type": "card_number"}),
    ("password hash string varchar char alphanumeric random_string nvarchar text str", _digits("********")),
    ("bool pybool bit", {"type": "boolean"}),
    ("int integer pyint random_int randint random_number bigint smallint tinyint int32 int64 long number", _WHOLE),
    (
        "float pyfloat random_float double double_precision real decimal numeric money float32 float64",
        {"type": "uniform", "min": 0, "max": 1000, "decimals": 2},
    ),
    ("date_of_birth birthday birthdate dob", {"type": "uniform", "min": "1945-01-01", "max": "2005-12-31"}),
    ("latitude lat", {"type": "uniform", "min": -90, "max": 90, "decimals": 6}),
    ("longitude lon lng", {"type": "uniform", "min": -180, "max": 180, "decimals": 6}),
    ("percentage percent", {"type": "uniform", "min": 0, "max": 100, "decimals": 1}),
    ("country country_code nationality", _choice("US", "GB", "DE", "FR", "ES", "IT", "BR", "IN", "CN", "JP")),
    ("currency currency_code", _choice("USD", "EUR", "GBP", "JPY")),
    ("language language_code", _choice("en", "es", "fr", "de", "pt", "zh")),
    ("color color_name", {"type": "colour"}),
    ("gender sex", _choice("female", "male")),
    (
        "month_name month",
        _choice(
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ),
    ),
    (
        "weekday day_of_week day_name",
        _choice("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    ),
)
_COLUMN_OF = {meaning(name): column for names, column in _COLUMNS for name in names.split()}
_DATES = {
    meaning(name)
    for name in [
        "date",
        "datetime",
        "timestamp",
        "timestamptz",
        "date_time",
        "date_between",
        "date_time_between",
        "date_this_year",
        "past_date",
        "past",
        "recent",
        "soon",
    ]
}
_POSITIONS = {
    "normal": ("mean", "sd"),
    "uniform": ("min", "max"),
    "log_uniform": ("min", "max"),
    "exponential": ("mean",),
    "expovariate": ("rate",),
    "poisson": ("mean",),
    "gamma": ("shape", "scale"),
    "beta": ("a", "b"),
    "boolean": ("share",),
    "binomial": ("trials", "share"),
    "constant": ("value",),
    "reference": ("table",),
    "pattern": ("pattern",),
    "regex": ("regex",),
    "expression": ("expression",),
} | dict.fromkeys(
    ("randint", "randrange", "random_int", "pyint", "integers", "randbetween", "rand_int"), ("min", "max")
)
"""The fields that the arguments of a call stand for, by the name that is called or the kind that it means."""
_MOST_LOG_MEAN = 12
_RELATIVE = re.compile(r"[-+]\d+\s*[a-zA-Z]+\Z|today\Z|now\Z")
_ANY_WINDOW: Json = {"start": "", "end": ""}
_USED = re.compile(r"(?:use|did you mean) '([a-z_]+)'")


def _without_size(given: str) -> str:
    """The name of an SQL type without its length, zone and constraints: VARCHAR(50), INT NOT NULL."""
    plain = re.sub(r"(?i)\s+(with(out)? time zone|not null|null|unsigned|unique|default\s+\S+)(?=\s|$)", "", given)
    return re.sub(r"\s*\([\d\s,]*\)\s*$", "", plain)


def named_kind(family: str, given: str) -> str | None:
    """The kind that a name of another tool or a misspelling means: `fake.first_name`, `Random Int`, `lognorml`."""
    base, given = FAMILIES[family], _without_size(given)
    for name in dict.fromkeys((given, re.split(r"[.:/]", given)[-1])):
        found = _USED.match(base.suggestion(name))
        if name in base.members:
            return name
        if found:
            return found[1]
    return None


def foreign_column(given: str, window: Json | None) -> Json | None:
    """The column that a provider of another tool fills, with the fields that it needs here; None where it is not known,
    or where it is a kind of this language.

    Dates lie in the window of the document; without one they are not known.
    """
    given = _without_size(given)
    name, kinds = meaning(re.split(r"[.:/]", given)[-1]), FAMILIES["generators"].members
    if given in kinds:
        return None
    if name in _DATES and window:
        return {"type": "uniform", "min": window.get("start"), "max": window.get("end")}
    column = _COLUMN_OF.get(name)
    return column if column and column["type"] in kinds else None


def called_column(call: PythonCall) -> Json | None:
    """The column that a call fills in the notation of Python, numpy, Faker or SQLAlchemy; None where it is not known.

    Its names may be those of the other tool. Dates that depend on the day of the run are left out.
    """
    if call.name in ("Column", "mapped_column"):
        return _sql_column(call)
    kind = named_kind("generators", call.name)
    if kind == "choice":
        return _called_choice(call)
    foreign = foreign_column(call.name, _ANY_WINDOW)
    if kind is None and foreign is None:
        return None
    names = _POSITIONS.get(call.name) or (_POSITIONS.get(kind, ()) if kind and foreign is None else ())
    if kind == "lognormal" and call.values:
        log_mean = isinstance(call.values[0], int | float) and call.values[0] <= _MOST_LOG_MEAN
        names = ("mu" if log_mean else "median", "sigma")
    if len(call.values) > len(names):
        if foreign is None:
            return None
        names = ()  # the length of a type of SQL
    named = {key: value for key, value in call.named.items() if key not in ("size", "k") and not _is_relative(value)}
    return {"type": call.name if foreign else kind, **dict(zip(names, call.values, strict=False)), **named}


def _is_relative(value: Any) -> bool:
    return isinstance(value, str) and _RELATIVE.match(value) is not None


def _called_choice(call: PythonCall) -> Json | None:
    first = call.values[0] if call.values else call.named.get("elements", call.named.get("values"))
    values = first if isinstance(first, list | dict) else list(call.values)
    weights = next((call.named[key] for key in ("weights", "p", "probabilities") if key in call.named), None)
    return {"type": "choice", "values": values, **({"weights": weights} if weights else {})} if values else None


def _sql_column(call: PythonCall) -> Json | None:
    """A column of SQLAlchemy: its key, its foreign key, or its type."""
    if call.named.get("primary_key") is True:
        return {"type": "key"}
    texts = [one for one in call.values if isinstance(one, str)]
    inner = [one for one in map(call_of, texts) if one is not None]
    for one in inner:
        if one.name == "ForeignKey" and one.values:
            return {"type": "reference", "table": str(one.values[0])}
        if one.name == "Enum" and one.values:
            return {"type": "choice", "values": list(one.values)}
    for name in [one.name for one in inner] + [text.rsplit(".", 1)[-1] for text in texts]:
        if foreign_column(name, _ANY_WINDOW) or named_kind("generators", name):
            return {"type": name}
    return None


def kind_by_keys(family: str, keys: set[str]) -> str | None:
    """The only kind of a family that takes these keys and needs no more of them; None where there are
    several or none.
    """
    given = keys - {"type", "description", "hidden", "modifiers"}
    fits = []
    for name, member in FAMILIES[family].members.items():
        fields = {field.alias or key: field for key, field in member.model_fields.items()}
        needed = {key for key, field in fields.items() if field.is_required() and key != "type"}
        if given and given <= set(fields) and needed <= given and any(len(key) > 1 for key in given):
            fits.append((len(needed), name))
    most = max(fits, default=(0, ""))[0]
    best = [name for count, name in fits if count == most]
    return best[0] if len(best) == 1 else None
