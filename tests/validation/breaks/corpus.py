"""Named ways to break the documents' data: each a function from tables to tables, with the table and
column it breaks.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from tests.validation.worlds import Tables, rng

Change = Callable[[pd.DataFrame], pd.DataFrame]
Mask = Callable[[pd.DataFrame], np.ndarray]
Break = tuple[str, str, str | None, Callable[[Tables], Tables]]
"""The document, the table, the column (None: the rows), and the break."""

START, END = pd.Timestamp("2023-01-01"), pd.Timestamp("2025-01-01")
TIME = {"readings": "read_at", "visits": "visited_at"}
OWNER = {"readings": "machine_id", "visits": "patient_id", "people": "team_id", "prescriptions": "visit_id"}
KEY = {
    "readings": "reading_id",
    "visits": "visit_id",
    "people": "person_id",
    "patients": "patient_id",
    "prescriptions": "prescription_id",
}
ABOVE = {"readings": "machines", "visits": "patients", "people": "teams", "prescriptions": "visits"}
LOW = {"score": 0, "fee": 0.01, "minutes": 1, "age": 20, "days": 1, "note": 1}
HIGH = {"score": 1, "age": 64, "note": 5000}
DIGITS = {
    "heat": 2,
    "load": 2,
    "fee": 2,
    "minutes": 0,
    "salary": 2,
    "age": 0,
    "weight": 1,
    "height": 1,
    "power": 1,
    "days": 0,
    "note": 0,
}


def on(document: str, table: str, column: str | None, change: Change) -> Break:
    return document, table, column, lambda tables: {**tables, table: change(tables[table])}


def fitting(column: str, numbers: np.ndarray) -> np.ndarray:
    """Within the column's range and with its decimals: what no constraint objects to."""
    numbers = np.clip(numbers, LOW.get(column, -np.inf), HIGH.get(column, np.inf))
    return np.round(numbers, DIGITS[column]) if column in DIGITS else numbers


def scaled(column: str, where: Mask, by: float) -> Change:
    def change(frame: pd.DataFrame) -> pd.DataFrame:
        numbers = frame[column].to_numpy(np.float64)
        return frame.assign(**{column: fitting(column, np.where(where(frame), numbers * by, numbers))})

    return change


def offset(column: str, owner: str, sd: float) -> Change:
    """Every entity has an offset of its own."""

    def change(frame: pd.DataFrame) -> pd.DataFrame:
        numbers = frame[column].to_numpy(np.float64)
        own = rng().normal(0, sd * np.nanstd(numbers), int(frame[owner].max()) + 1)
        return frame.assign(**{column: fitting(column, numbers + own[frame[owner].to_numpy()])})

    return change


def daily(column: str, time: str, sd: float) -> Change:
    def change(frame: pd.DataFrame) -> pd.DataFrame:
        day = ((frame[time] - START) // pd.Timedelta(1, "D")).to_numpy()
        own = np.exp(rng().normal(0, sd, int(day.max()) + 1))
        return frame.assign(**{column: fitting(column, frame[column].to_numpy(np.float64) * own[np.maximum(day, 0)])})

    return change


def sort_pair(one: str, two: str, share: float) -> Change:
    """A share of the cells of two columns ordered alike: they go together."""

    def change(frame: pd.DataFrame) -> pd.DataFrame:
        at = np.flatnonzero((rng().random(len(frame)) < share) & frame[one].notna() & frame[two].notna())
        a, b = frame[one].to_numpy(object).copy(), frame[two].to_numpy(object).copy()
        order = at[np.argsort(a[at].astype(str if isinstance(a[at[0]], str) else float), kind="stable")]
        b[order] = np.sort(b[at].astype(str) if isinstance(b[at[0]], str) else b[at].astype(float))
        return frame.assign(**{two: pd.Series(b, frame.index).astype(frame[two].dtype)})

    return change


def more(column: str, value: object, where: Mask, share: float) -> Change:
    """A share of the rows of a kind gets one value."""

    def change(frame: pd.DataFrame) -> pd.DataFrame:
        hit = where(frame) & (rng().random(len(frame)) < share)
        return frame.assign(**{column: frame[column].astype(object).mask(hit, value).astype(frame[column].dtype)})

    return change


def dropped(where: Mask, share: float = 1.0) -> Change:
    return lambda frame: frame[~(where(frame) & (rng().random(len(frame)) < share))]


def shuffled(column: str, where: Mask | None = None) -> Change:
    def change(frame: pd.DataFrame) -> pd.DataFrame:
        at = np.arange(len(frame)) if where is None else np.flatnonzero(where(frame))
        cells = frame[column].to_numpy(object).copy()
        cells[at] = cells[rng().permutation(at)]
        return frame.assign(**{column: pd.Series(cells, frame.index).astype(frame[column].dtype)})

    return change


def rounded(column: str, where: Mask, decimals: int) -> Change:
    def change(frame: pd.DataFrame) -> pd.DataFrame:
        numbers = frame[column].to_numpy(np.float64)
        return frame.assign(**{column: fitting(column, np.where(where(frame), np.round(numbers, decimals), numbers))})

    return change


def stuck(column: str, owner: str, which: int, rows: int) -> Change:
    """One entity shows the same value for so many rows."""

    def change(frame: pd.DataFrame) -> pd.DataFrame:
        at = np.flatnonzero(frame[owner].to_numpy() == which)[5 : 5 + rows]
        cells = frame[column].to_numpy(object).copy()
        cells[at] = cells[at[0]]
        return frame.assign(**{column: pd.Series(cells, frame.index).astype(frame[column].dtype)})

    return change


def persistent(column: str, owner: str, share: float) -> Change:
    """A share of the cells is that of the entity's first row."""

    def change(frame: pd.DataFrame) -> pd.DataFrame:
        first = frame.groupby(owner)[column].transform("first")
        return frame.assign(**{column: frame[column].where(rng().random(len(frame)) >= share, first)})

    return change


def inertia(column: str, share: float) -> Change:
    """A share of the cells repeats the one before."""
    return lambda f: f.assign(**{column: f[column].where(rng().random(len(f)) >= share, f[column].shift(1).bfill())})


def copied(key: str, low: float, high: float) -> Change:
    """A stretch of rows stands there a second time under new keys."""

    def change(frame: pd.DataFrame) -> pd.DataFrame:
        part = frame.iloc[int(low * len(frame)) : int(high * len(frame))]
        again = part.assign(**{key: np.arange(len(part)) + int(frame[key].max()) + 1})
        return pd.concat([frame, again])

    return change


def year(column: str, number: int) -> Mask:
    return lambda f: (f[column].dt.year == number).to_numpy()


def hours(column: str, low: int, high: int) -> Mask:
    return lambda f: f[column].dt.hour.between(low, high).to_numpy()


def day(column: str, date: str) -> Mask:
    return lambda f: (f[column].dt.normalize() == pd.Timestamp(date)).to_numpy()


def is_(column: str, *values: object) -> Mask:
    return lambda f: f[column].isin(values).to_numpy()


def part(low: float, high: float) -> Mask:
    """Rows by their place in the file."""
    return lambda f: (np.arange(len(f)) >= low * len(f)) & (np.arange(len(f)) < high * len(f))


def both(*masks: Mask) -> Mask:
    return lambda f: np.logical_and.reduce([mask(f) for mask in masks])


def all_(frame: pd.DataFrame) -> np.ndarray:
    return np.ones(len(frame), np.bool_)


def of_parent(
    document: str, table: str, column: str, value: object, change: Callable[[Mask], Change], on_: str | None
) -> Break:
    """A change of the rows below parents of a kind."""

    def broken(tables: Tables) -> Tables:
        above, owner = tables[ABOVE[table]], OWNER[table]
        kind = above.set_index(owner)[column] == value
        mask = kind.loc[tables[table][owner]].to_numpy()
        return {**tables, table: change(lambda frame: mask)(tables[table])}

    return document, table, on_, broken


def without_below(document: str, table: str, where: Mask, share: float) -> Break:
    """Rows lost with everything below them."""

    def broken(tables: Tables) -> Tables:
        kept = dropped(where, share)(tables[table])
        left = {**tables, table: kept}
        for child, above in ABOVE.items():
            if above in left and child in left and above == table:
                left[child] = left[child][left[child][OWNER[child]].isin(kept[KEY[table]])]
        if table == "patients":
            left["prescriptions"] = left["prescriptions"][
                left["prescriptions"]["visit_id"].isin(left["visits"]["visit_id"])
            ]
        return left

    return document, table, None, broken


def owners(document: str, table: str, column: str | None = None) -> Break:
    """Rows exchanged between their owners."""
    return on(document, table, column, shuffled(OWNER[table]))


def moved(table: str, time: str, shift: Callable[[pd.Series], pd.Series]) -> Break:
    def broken(tables: Tables) -> Tables:
        frame = tables[table]
        times = pd.Series(pd.to_datetime(np.asarray(shift(frame[time]))).as_unit("us"), frame.index)
        times = times.where((times >= START) & (times < END), frame[time])
        return {**tables, table: frame.assign(**{time: times})}

    return "factory", table, None, broken


def quiet_year(tables: Tables) -> Tables:
    """In 2024 every day has as many readings as its weekday's mean: the noise is gone."""
    frame = tables["readings"]
    when = frame["read_at"]
    days = when.dt.normalize()
    number = days.map(days.value_counts())
    mean = number.groupby([when.dt.dayofweek, when.dt.year]).transform("mean")
    least = mean * 0.72
    keep = (when.dt.year != 2024) | (rng().random(len(frame)) < least / number)
    kept = frame[keep].copy()
    kept["reading_id"] = np.arange(1, len(kept) + 1)
    return {**tables, "readings": kept}


def relabelled(table: str) -> Callable[[Tables], Tables]:
    return lambda tables: {**tables, table: tables[table].assign(**{KEY[table]: np.arange(1, len(tables[table]) + 1)})}


def then(one: Break, *more_: Callable[[Tables], Tables]) -> Break:
    document, table, column, change = one

    def broken(tables: Tables) -> Tables:
        tables = change(tables)
        for each in more_:
            tables = each(tables)
        return tables

    return document, table, column, broken


R, V, P = "readings", "visits", "people"
NIGHT = hours("read_at", 18, 23)

INTERACTIONS: dict[str, Break] = {
    "four times as many stops in the evening": on("factory", R, "status", more("status", "stopped", NIGHT, 0.1)),
    "stops only on Mondays": on(
        "factory", R, "status", more("status", "ok", lambda f: (f["read_at"].dt.dayofweek != 0).to_numpy(), 0.9)
    ),
    "warnings for one model": of_parent(
        "factory", R, "model", "B", lambda m: more("status", "warned", m, 0.05), "status"
    ),
    "no stops in one hall": of_parent("factory", R, "hall", "south", lambda m: more("status", "ok", m, 0.8), "status"),
    "heat of one model in 2024 without its effect": of_parent(
        "factory", R, "model", "B", lambda m: scaled("heat", both(m, year("read_at", 2024)), 1 / 1.2), "heat"
    ),
    "heat rises at noon": on("factory", R, "heat", scaled("heat", hours("read_at", 12, 13), 1.06)),
    "heat differs by shift": on("factory", R, "heat", scaled("heat", is_("shift_code", "late"), 1.05)),
    "heat of one part": on("factory", R, "heat", scaled("heat", is_("part_id", 3), 1.15)),
    "heat of one part in one hall": of_parent(
        "factory", R, "hall", "north", lambda m: scaled("heat", both(m, is_("part_id", 1, 2, 3)), 1.12), "heat"
    ),
    "wear with the shift": on("factory", R, "wear", scaled("wear", is_("shift_code", "night"), 1.1)),
    "wear drifts": on(
        "factory", R, "wear", lambda f: f.assign(wear=f["wear"] + ((f["read_at"] - START) / pd.Timedelta(730, "D")) * 3)
    ),
    "fees of one region": of_parent("clinic", V, "region", "west", lambda m: scaled("fee", m, 1.08), "fee"),
    "fees of premium in the east lose their effect": of_parent(
        "clinic", V, "plan", "premium", lambda m: scaled("fee", m, 1 / 1.5), "fee"
    ),
    "urgent visits cost more": on("clinic", V, "fee", scaled("fee", is_("urgent", True), 1.2)),
    "urgent on weekends": on(
        "clinic", V, "urgent", more("urgent", True, lambda f: (f["visited_at"].dt.dayofweek >= 5).to_numpy(), 0.3)
    ),
    "referred in the afternoon": on(
        "clinic", V, "outcome", more("outcome", "referred", hours("visited_at", 15, 18), 0.06)
    ),
    "referred for smokers": of_parent(
        "clinic", V, "smoker", True, lambda m: more("outcome", "referred", m, 0.05), "outcome"
    ),
    "longer visits for premium": of_parent(
        "clinic", V, "plan", "premium", lambda m: scaled("minutes", m, 1.15), "minutes"
    ),
    "longer visits in one quarter": on(
        "clinic",
        V,
        "minutes",
        scaled("minutes", lambda f: f["visited_at"].between("2024-04-01", "2024-07-01").to_numpy(), 1.1),
    ),
    "doses with days": on("clinic", "prescriptions", "days", scaled("days", is_("dose", 3), 1.1)),
    "doses after urgent visits": of_parent(
        "clinic", "prescriptions", "urgent", True, lambda m: more("dose", 3, m, 0.3), "dose"
    ),
    "salaries of one office": on("people", P, "salary", scaled("salary", is_("office", "Perth"), 1.06)),
    "salaries of the remote": on("people", P, "salary", scaled("salary", is_("remote", True), 0.97)),
    "salaries of one kind of team": of_parent(
        "people", P, "kind", "sales", lambda m: scaled("salary", m, 1.05), "salary"
    ),
    "wear of one part is one higher": on(
        "factory", R, "wear", lambda f: f.assign(wear=f["wear"] + 1.0 * is_("part_id", 9)(f))
    ),
    "fees of the visit before": on("clinic", V, "fee", lambda f: f.assign(fee=np.roll(f["fee"], 1))),
    "remote in one office": on("people", P, "remote", more("remote", True, is_("office", "Lima"), 0.3)),
    "remote in one office for one grade": on(
        "people", P, "remote", more("remote", True, both(is_("office", "Lima"), is_("grade", "junior")), 0.5)
    ),
}

DEPENDENCE: dict[str, Break] = {
    f"{one} goes with {two}": on(document, table, two, sort_pair(one, two, share))
    for document, table, one, two, share in [
        ("factory", R, "heat", "wear", 0.3),
        ("factory", R, "wear", "note", 0.4),
        ("factory", R, "part_id", "wear", 0.4),
        ("factory", R, "heat", "shift_code", 0.3),
        ("factory", R, "wear", "status", 0.4),
        ("factory", R, "shift_code", "status", 0.5),
        ("clinic", V, "fee", "minutes", 0.3),
        ("clinic", V, "minutes", "outcome", 0.3),
        ("clinic", V, "outcome", "fee", 0.4),
        ("clinic", "patients", "weight", "height", 0.5),
        ("clinic", "patients", "plan", "region", 0.5),
        ("clinic", "patients", "region", "smoker", 0.6),
        ("clinic", "patients", "height", "smoker", 0.5),
        ("clinic", "prescriptions", "dose", "days", 0.3),
        ("people", P, "age", "score", 0.4),
        ("people", P, "age", "salary", 0.5),
        ("people", P, "office", "grade", 0.5),
        ("people", P, "score", "remote", 0.4),
        ("people", P, "age", "office", 0.4),
        ("people", P, "score", "salary", 0.5),
    ]
}

WITHIN: dict[str, Break] = {
    **{
        f"every {owner[:-3]} has an offset of its own in {column}": on(
            document, table, column, offset(column, owner, sd)
        )
        for document, table, column, owner, sd in [
            ("factory", R, "heat", "machine_id", 0.3),
            ("factory", R, "wear", "machine_id", 0.3),
            ("clinic", V, "fee", "patient_id", 0.4),
            ("clinic", V, "minutes", "patient_id", 0.4),
            ("people", P, "salary", "team_id", 0.3),
            ("people", P, "score", "team_id", 0.3),
            ("clinic", "prescriptions", "days", "visit_id", 0.4),
            ("people", P, "age", "team_id", 0.4),
        ]
    },
    **{
        f"{column} stays with its {owner[:-3]}": on(document, table, column, persistent(column, owner, share))
        for document, table, column, owner, share in [
            ("factory", R, "status", "machine_id", 0.3),
            ("factory", R, "shift_code", "machine_id", 0.3),
            ("factory", R, "part_id", "machine_id", 0.4),
            ("clinic", V, "outcome", "patient_id", 0.3),
            ("clinic", V, "urgent", "patient_id", 0.3),
            ("clinic", "prescriptions", "dose", "visit_id", 0.4),
            ("people", P, "grade", "team_id", 0.3),
            ("people", P, "office", "team_id", 0.3),
            ("people", P, "remote", "team_id", 0.4),
        ]
    },
    **{
        f"{column} repeats the row before": on(document, table, column, inertia(column, share))
        for document, table, column, share in [
            ("factory", R, "wear", 0.1),
            ("factory", R, "heat", 0.1),
            ("factory", R, "status", 0.2),
            ("clinic", V, "minutes", 0.2),
            ("people", P, "age", 0.2),
            ("people", P, "score", 0.2),
            ("people", P, "office", 0.2),
        ]
    },
    "a stuck sensor": on("factory", R, "heat", stuck("heat", "machine_id", 17, 40)),
    "a sensor stuck for a few readings": on("factory", R, "wear", stuck("wear", "machine_id", 30, 8)),
    "a clock of minutes that stands still": on("clinic", V, "minutes", stuck("minutes", "patient_id", 8, 40)),
    "machines exchange their readings": owners("factory", R),
    "people exchange their teams by grade": on(
        "people",
        P,
        None,
        lambda f: f.assign(
            team_id=np.sort(f["team_id"].to_numpy())[
                np.argsort(np.argsort(f["grade"].astype(str).to_numpy(), kind="stable"))
            ]
        ),
    ),
    "sorted wear": on("factory", R, "wear", lambda f: f.assign(wear=np.sort(f["wear"].to_numpy()))),
    "sorted ages": on("people", P, "age", lambda f: f.assign(age=np.sort(f["age"].to_numpy()))),
}

TIME_BREAKS: dict[str, Break] = {
    "the noise of a year is gone": ("factory", R, None, quiet_year),
    "readings on whole minutes": on("factory", R, "read_at", lambda f: f.assign(read_at=f["read_at"].dt.floor("min"))),
    "visits of a fifth of the file on whole seconds": on(
        "clinic",
        V,
        "visited_at",
        lambda f: f.assign(visited_at=f["visited_at"].where(~part(0.4, 0.6)(f), f["visited_at"].dt.ceil("s"))),
    ),
    "days of heat": on("factory", R, "heat", daily("heat", "read_at", 0.05)),
    "days of fees": on("clinic", V, "fee", daily("fee", "visited_at", 0.15)),
    "days of minutes": on("clinic", V, "minutes", daily("minutes", "visited_at", 0.15)),
    "the 29th of February is missing": then(
        on("factory", R, None, dropped(day("read_at", "2024-02-29"))), relabelled(R)
    ),
    "a Tuesday is missing": then(on("factory", R, None, dropped(day("read_at", "2023-10-10"))), relabelled(R)),
    "a day is there twice": then(
        on(
            "factory",
            R,
            None,
            lambda f: pd.concat([f, f[day("read_at", "2024-05-14")(f)], f[day("read_at", "2024-05-14")(f)]]),
        ),
        relabelled(R),
    ),
    "more stops from the second year on": on(
        "factory", R, "status", more("status", "stopped", year("read_at", 2024), 0.03)
    ),
    "half of the first week is missing": then(
        on("factory", R, None, dropped(lambda f: (f["read_at"] < "2023-01-08").to_numpy(), 0.5)), relabelled(R)
    ),
    "half of a week is missing": then(
        on("factory", R, None, dropped(lambda f: f["read_at"].between("2024-03-04", "2024-03-11").to_numpy(), 0.5)),
        relabelled(R),
    ),
    "times on whole minutes": on("factory", R, "read_at", lambda f: f.assign(read_at=f["read_at"].dt.floor("min"))),
    "two parts are exchanged from July to December": on(
        "factory",
        R,
        "part_id",
        lambda f: f.assign(part_id=f["part_id"].replace({7: 10, 10: 7}).where(f["read_at"].dt.month > 6, f["part_id"])),
    ),
    "fewer warnings in one month": on(
        "factory",
        R,
        "status",
        more("status", "ok", lambda f: (f["read_at"].dt.to_period("M") == "2023-08").to_numpy(), 0.9),
    ),
    "shifts change their names in summer": on(
        "factory",
        R,
        "shift_code",
        more("shift_code", "late", lambda f: f["read_at"].dt.month.isin([6, 7]).to_numpy(), 0.4),
    ),
    "another best seller in the second year": on(
        "factory",
        R,
        "part_id",
        lambda f: f.assign(part_id=f["part_id"].where(f["read_at"].dt.year < 2024, 13 - f["part_id"])),
    ),
    "a part that comes up": on(
        "factory", R, "part_id", more("part_id", 4, lambda f: (f["read_at"] > "2024-09-01").to_numpy(), 0.1)
    ),
    "outcomes get better": on(
        "clinic", V, "outcome", more("outcome", "well", lambda f: (f["visited_at"] > "2024-06-01").to_numpy(), 0.4)
    ),
    "urgency grows": on("clinic", V, "urgent", more("urgent", True, year("visited_at", 2024), 0.05)),
    "regions of later patients": on(
        "clinic",
        "patients",
        "region",
        more("region", "west", lambda f: (f["registered_at"] > "2024-03-01").to_numpy(), 0.4),
    ),
    "plans of later patients": on(
        "clinic",
        "patients",
        "plan",
        more("plan", "premium", lambda f: (f["registered_at"] > "2024-03-01").to_numpy(), 0.15),
    ),
    "phones go missing in a year": on(
        "clinic",
        "patients",
        "phone",
        more("phone", None, lambda f: (f["registered_at"].dt.year == 2024).to_numpy(), 0.4),
    ),
    "notes go missing at night": on("factory", R, "note", more("note", None, NIGHT, 0.4)),
    "notes of one hall are there": of_parent(
        "factory",
        R,
        "hall",
        "south",
        lambda m: (
            lambda f: f.assign(
                note=f["note"].where(~(m(f) & f["note"].isna().to_numpy() & (rng().random(len(f)) < 0.5)), 77)
            )
        ),
        "note",
    ),
    "phones of one region": on("clinic", "patients", "phone", more("phone", None, is_("region", "east"), 0.3)),
    "badges of one office": on("people", P, "badge", more("badge", None, is_("office", "Oslo"), 0.2)),
    "payments of one month are late": on(
        "clinic",
        V,
        "paid_at",
        lambda f: f.assign(
            paid_at=f["paid_at"].mask(
                (f["visited_at"].dt.to_period("M") == "2023-09"), f["visited_at"] + (f["paid_at"] - f["visited_at"]) * 2
            )
        ),
    ),
    "payments of the urgent are late": on(
        "clinic",
        V,
        "paid_at",
        lambda f: f.assign(
            paid_at=(
                f["visited_at"]
                + (f["paid_at"] - f["visited_at"]) * np.where(f["urgent"] & (f["visited_at"] < "2024-09-01"), 2.0, 1.0)
            )
        ),
    ),
    "readings of one hall move to the evening": of_parent(
        "factory",
        R,
        "hall",
        "south",
        lambda m: (
            lambda f: f.assign(
                read_at=f["read_at"].where(
                    ~(m(f) & (rng().random(len(f)) < 0.3)), f["read_at"].dt.normalize() + pd.Timedelta(20, "h")
                )
            )
        ),
        None,
    ),
    "no weekends in one hall": then(
        of_parent(
            "factory",
            R,
            "hall",
            "south",
            lambda m: dropped(both(m, lambda f: (f["read_at"].dt.dayofweek >= 5).to_numpy()), 0.5),
            None,
        ),
        relabelled(R),
    ),
}

DIGIT_BREAKS: dict[str, Break] = {
    f"{column} rounded {message}": on(document, table, column, rounded(column, where, decimals))
    for document, table, column, message, where, decimals in [
        ("factory", R, "heat", "everywhere", all_, 1),
        ("factory", R, "heat", "in 2024", year("read_at", 2024), 1),
        ("factory", R, "heat", "in a tenth of the file", part(0.4, 0.5), 1),
        ("factory", R, "heat", "to whole degrees in a part", part(0.9, 1.0), 0),
        ("clinic", V, "fee", "on one weekday", lambda f: (f["visited_at"].dt.dayofweek == 2).to_numpy(), 0),
        ("clinic", V, "fee", "to ten in a part", part(0.1, 0.2), -1),
        ("clinic", V, "fee", "in one month", lambda f: (f["visited_at"].dt.to_period("M") == "2024-02").to_numpy(), 0),
        ("factory", R, "note", "in 2023", year("read_at", 2023), -1),
        ("people", P, "salary", "everywhere", all_, 0),
        ("people", P, "salary", "in one office", is_("office", "Lima"), 0),
        ("people", P, "salary", "to hundreds in a part", part(0.5, 0.7), -2),
        ("people", "teams", "budget", "to hundreds", all_, -2),
    ]
}

ROWS: dict[str, Break] = {
    "3 % of one model's readings deleted one by one": of_parent(
        "factory", R, "model", "A", lambda m: dropped(m, 0.03), None
    ),
    "a reading in a thousand is missing": on("factory", R, None, dropped(all_, 0.001)),
    "one visit is missing": on("clinic", "prescriptions", None, lambda f: f.drop(f.index[500])),
    "3 % of the premium patients are gone": without_below("clinic", "patients", is_("plan", "premium"), 0.03),
    "the people of one office thinned out": on("people", P, None, dropped(is_("office", "Perth"), 0.05)),
    "ten people are missing": on("people", P, None, lambda f: f.drop(f.index[::600])),
    "a copied partition": on("factory", R, None, copied("reading_id", 0.3, 0.4)),
    "a small copied partition": on("clinic", V, None, copied("visit_id", 0.6, 0.63)),
    "copied people": on("people", P, None, copied("person_id", 0.2, 0.3)),
    "all readings twice": on("factory", R, None, copied("reading_id", 0.0, 1.0)),
    "copied prescriptions of a visit": on("clinic", "prescriptions", None, lambda f: f[f["prescription_id"] % 50 != 7]),
    "a range of readings is lost": on("factory", R, None, dropped(part(0.5, 0.55))),
    "the first readings are lost": on("factory", R, None, dropped(part(0.0, 0.02))),
    "machines without readings": then(on("factory", R, None, dropped(is_("machine_id", *range(1, 41)))), relabelled(R)),
    "one model reads less": then(of_parent("factory", R, "model", "C", lambda m: dropped(m, 0.4), None), relabelled(R)),
    "one team in ten is half as large": then(
        on("people", P, None, dropped(lambda f: (f["team_id"] % 10 == 3).to_numpy(), 0.5)), relabelled(P)
    ),
}

VALUES: dict[str, Break] = {
    "heat half a degree up": on(
        "factory", R, "heat", lambda f: f.assign(heat=fitting("heat", f["heat"].to_numpy(float) + 0.5))
    ),
    "wear narrower": on("factory", R, "wear", lambda f: f.assign(wear=50 + (f["wear"] - 50) * 0.9)),
    "wear in two humps": on(
        "factory", R, "wear", lambda f: f.assign(wear=f["wear"] + np.where(rng().random(len(f)) < 0.5, 3, -3))
    ),
    "a hundredth of the fees in cents": on(
        "clinic", V, "fee", scaled("fee", lambda f: rng().random(len(f)) < 0.01, 100)
    ),
    "minutes clipped": on("clinic", V, "minutes", lambda f: f.assign(minutes=f["minutes"].clip(10, 35))),
    "salaries of seniors as of juniors": on("people", P, "salary", scaled("salary", is_("grade", "senior"), 0.8)),
    "scores reversed": on("people", P, "score", lambda f: f.assign(score=1 - f["score"])),
    "uniform scores": on("people", P, "score", lambda f: f.assign(score=rng().random(len(f)))),
    "ages heaped at 30": on("people", P, "age", more("age", 30, all_, 0.05)),
    "halls equally frequent in readings of A": on("factory", R, "shift_code", more("shift_code", "night", all_, 0.1)),
    "one status is gone": on("factory", R, "status", more("status", "ok", is_("status", "stopped"), 1.0)),
    "all notes there": on("factory", R, "note", lambda f: f.assign(note=f["note"].fillna(2500))),
    "heavier patients": on("clinic", "patients", "weight", scaled("weight", all_, 1.03)),
    "parts equally often": on("factory", R, "part_id", lambda f: f.assign(part_id=rng().integers(1, 13, len(f)))),
    "days of treatment shorter": on(
        "clinic", "prescriptions", "days", lambda f: f.assign(days=(f["days"] - 1).clip(1))
    ),
}


def steady(column: str, time: str, number: int) -> Change:
    """In one year every day has the same mean."""

    def change(frame: pd.DataFrame) -> pd.DataFrame:
        when, cells = frame[time], frame[column].to_numpy(np.float64)
        level = frame.groupby(when.dt.normalize())[column].transform("median").to_numpy(np.float64)
        return frame.assign(
            **{column: np.where(when.dt.year == number, cells / level * np.median(cells), cells).round(2)}
        )

    return change


def reordered(column: str, time: str) -> Change:
    """The levels of days exchanged between days."""

    def change(frame: pd.DataFrame) -> pd.DataFrame:
        days = (frame[time].dt.normalize() - START).dt.days.to_numpy()
        level = frame[column].groupby(days).median().reindex(range(days.max() + 1), fill_value=1.0).to_numpy(np.float64)
        moved = rng().permutation(level)[days] / level[days]
        return frame.assign(**{column: (frame[column].to_numpy(np.float64) * moved).round(2)})

    return change


def exchanged(owner: str) -> Change:
    """Every entity gets the rows of another one."""
    return lambda f: f.assign(**{owner: (rng().permutation(int(f[owner].max())) + 1)[f[owner].to_numpy() - 1]})


def successor(column: str, time: str, share: float) -> Change:
    """From the second year on, a share of the references to the most frequent row goes to a row of middling
    frequency.
    """

    def change(frame: pd.DataFrame) -> pd.DataFrame:
        ranked = frame.loc[frame[time].dt.year == 2024, column].value_counts().index
        hit = (frame[column] == ranked[0]) & (frame[time].dt.year == 2024) & (rng().random(len(frame)) < share)
        return frame.assign(**{column: frame[column].mask(hit, ranked[len(ranked) // 2])})

    return change


T, AT = "trips", "left_at"
HIDDEN: dict[str, Break] = {
    "loads exchanged between vehicles": on("fleet", T, "load", shuffled("load")),
    "loads of every vehicle have an offset more": on(
        "fleet",
        T,
        "load",
        lambda f: f.assign(load=(f["load"] * np.exp(rng().normal(0, 0.5, 401))[f["vehicle_id"]]).round(2)),
    ),
    "vehicles exchange their trips": on("fleet", T, None, shuffled("vehicle_id")),
    "half of the loads from another vehicle": on(
        "fleet", T, "load", shuffled("load", lambda f: rng().random(len(f)) < 0.5)
    ),
    "loads without noise in a year": on("fleet", T, "load", steady("load", AT, 2024)),
    "loads with more noise": on("fleet", T, "load", daily("load", AT, 0.2)),
    "the days of loads in another order": on("fleet", T, "load", reordered("load", AT)),
    "repairs of another vehicle": (
        "fleet",
        T,
        None,
        lambda tables: {**tables, "repairs": exchanged("vehicle_id")(tables["repairs"])},
    ),
    "trips of another vehicle": on("fleet", T, None, exchanged("vehicle_id")),
    "another driver is the busiest": on("fleet", T, "driver_id", successor("driver_id", AT, 0.7)),
    "another depot is the busiest": on("fleet", T, "depot_id", successor("depot_id", AT, 0.7)),
    "another contract is the busiest": on("fleet", T, "contract_id", successor("contract_id", AT, 0.7)),
    "every depot has the capacity of the one before": (
        "fleet",
        T,
        "depot_id",
        lambda tables: {**tables, "depots": tables["depots"].assign(capacity=np.roll(tables["depots"]["capacity"], 1))},
    ),
    "drivers equally busy": on(
        "fleet", T, "driver_id", lambda f: f.assign(driver_id=np.minimum(f["driver_id"], rng().integers(1, 31, len(f))))
    ),
}

BREAKS: dict[str, Break] = {
    **INTERACTIONS,
    **DEPENDENCE,
    **WITHIN,
    **TIME_BREAKS,
    **DIGIT_BREAKS,
    **ROWS,
    **VALUES,
    **HIDDEN,
}
