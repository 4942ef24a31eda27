"""Hints for unknown keys: synonyms by meaning first, then the nearest spelling."""

from __future__ import annotations

from datagen.registry import did_you_mean, meaning

_SAME = (
    ("plateau_end", "until"), ("truth_column", "truth alive_until name"), ("cure_share", "never_ends"),
    ("never_active_share", "never_start"), ("after_window", "beyond_window"),
    ("sd", "std stddev stdev std_dev sigma volatility standard_deviation scale_param sigma_abs deviation spread"),
    ("mean", "mu loc average avg expected lambda"),
    ("min", "low lower minimum exclusive_minimum left begin_value lower_bound minvalue from_value start_value"),
    ("max", "high upper maximum exclusive_maximum right upper_bound maxvalue"),
    ("start", "begin from since first start_date"),
    ("end", "stop until to finish end_date"),
    ("decimals", "precision digits round right_digits ndigits decimal_places scale"),
    ("values", "options elements items choices enum weights probabilities categories"),
    ("share", "probability ratio fraction rate percent percentage p prob null_share"),
    ("expression", "sql expr formula code compute value_expression template of"),
    ("column", "field col of_column source_column on by"), ("columns", "fields attributes properties"),
    ("table", "entity to references target ref parent_table"),
    ("rows", "count num_rows row_count size n records number_of_rows"), ("parent", "belongs_to child_of extends"),
    ("type", "kind generator provider function dtype"), ("popularity", "distribution weights weight law skew"),
    ("distinct", "without_replacement no_repeats"), ("primary_key", "pk key primary keys"),
    ("hidden", "private internal omit exclude ignore"), ("description", "doc docs comment title label note"),
    ("modifiers", "nulls null_probability missing transforms"), ("window", "period date_range time_range timeframe"),
    ("median", "middle p50"), ("behaviors", "effects behaviours dynamics"), ("delay", "lag offset gap duration after"),
    ("expectations", "checks tests validations assertions constraints"), ("output", "format sink writer"),
    ("tables", "entities models schemas relations"),
    ("regex", "pattern regexp re"), ("phi", "correlation autocorrelation ar rho"),
    ("seed", "random_seed random_state"), ("when", "where condition if filter"),
    ("at_least", "min low lower minimum lower_bound ge gte min_value"),
    ("at_most", "max high upper maximum upper_bound le lte max_value"),
    ("equals", "equal eq exactly expected"), ("between", "range min_max bounds interval"),
    ("expression", "condition"), ("condition", "expression sql rule predicate where"),
    ("hours", "open opening_hours"), ("time_zone", "local_zone timezone tz zone"),
)  # fmt: skip
_MEANT: dict[str, list[str]] = {}
for _key, _names in _SAME:
    for _name in _names.split():
        _MEANT.setdefault(meaning(_name), []).append(_key)

_INSTEAD = {
    "unique": (
        "{distinct}keys that are never repeated are 'key', 'formatted_key', 'scrambled_key', 'uuid' and 'ulid'; for "
        "one row to each row of another table use a 'reference' with 'unique', or rows 'per_parent' with count 1"
    ),
    "nullable": 'missing cells are declared by a modifier: "modifiers": [{{"type": "nulls", "share": 0.1}}]',
    "primarykey": 'write "primary_key": ["column"] in the table, not in the column',
    "every": "a rate is mean_per_day, mean_per_week ...; rows at regular times are of type 'grid' with 'every'",
    "uniquevalues": "so many different values: a 'choice' of them, or a 'reference' to a table of so many rows",
    "cron": "a rate is mean_per_day, mean_per_week ...; hours and weekdays are a behavior of type 'seasonality'",
    "required": "cells are never missing without the modifier 'nulls'",
    "locale": "only names and addresses of people have a locale",
}


_CONDITIONS = frozenset(("when", "where", "condition", "if", "onlyif", "filter"))
_MISSING_WHERE = (
    "cells are missing where the condition of a modifier holds: "
    """"modifiers": [{"type": "nulls", "share": 1, "when": "status = 'open'"}]"""
)

_DOCUMENTS = {
    "properties": "a JSON Schema describes one record: write its properties as the columns of a table",
    "fields": "a schema of Avro describes one record: write its fields as the columns of a table",
    "nodes": "the manifest of a dbt project is read by 'datagen infer target/manifest.json'",
}
"""Keys of documents of other tools."""
_SHORT = 2
"""Letters of a key that is too short to be a misspelling."""


def key_hint(key: str, known: list[str]) -> str:
    """The hint for an unknown key: a key with the same meaning, else the nearest one."""
    spelt = did_you_mean(key, known, 0.8)
    if spelt.startswith("did") or not known:
        return spelt
    for same in _MEANT.get(meaning(key), ()):
        if same in known:
            return f"did you mean '{same}'?"
    if meaning(key) in _DOCUMENTS and "datagen" in known:
        return _DOCUMENTS[meaning(key)]
    if meaning(key) in _CONDITIONS and "modifiers" in known:
        return _MISSING_WHERE
    if meaning(key) in _INSTEAD and "type" in known:
        distinct = "'distinct' is for the rows of one parent; " if "distinct" in known else ""
        return _INSTEAD[meaning(key)].format(distinct=distinct)
    return did_you_mean(key, known, 0.6 if len(key) > _SHORT else 1.0)
