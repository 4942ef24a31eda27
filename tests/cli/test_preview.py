"""What a preview shows: every column whatever the width, keys whole, any value that a file can hold."""

from __future__ import annotations

import io
import re
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from rich.cells import cell_len
from rich.console import Console

import datagen
from datagen.cli.grid import GAP, LEAST, Fitted, blocks, show, texts, type_text
from tests.cli.terminal import Run

CASES = Path(__file__).parents[1] / "cases"
WIDE = pa.table(
    {
        "id": pa.array([1, 20_000_000]),
        **{f"column number {i}": pa.array(["x" * i, None]) for i in range(12)},
        "客户": pa.array(["刘德华张学友", "a"]),
        "note": pa.array(["y" * 200, "two\nlines\x1b[31m"]),
    }
)


def shown(data: pa.Table, width: int) -> list[str]:
    console = Console(width=width, file=io.StringIO(), highlight=False)
    show(console, "wide", data, ["id"])
    return console.file.getvalue().splitlines()  # type: ignore[attr-defined]


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
def test_every_column_is_shown_at_every_width_with_the_key_beside_it(width: int) -> None:
    lines = shown(WIDE, width)
    text = "\n".join(lines)
    assert all(name in text for name in WIDE.column_names)
    table = [line for line in lines if not line.startswith("  cut to fit")]
    assert max(map(cell_len, table)) <= width
    heads = [line for line in table if line.startswith("  id ")]
    assert (
        len(heads)
        == len(re.findall(r"^  1\b", text, re.MULTILINE))
        == len(re.findall(r"^  20000000\b", text, re.MULTILINE))
        >= 2
    )


def test_what_is_cut_is_named() -> None:
    assert any("cut to fit: note;" in line for line in shown(WIDE, 80))
    assert not any("cut to fit" in line for line in shown(WIDE.select(["id", "客户"]), 80))


def test_what_fits_stands_in_one_block() -> None:
    assert sum(line.startswith("  id ") for line in shown(WIDE, 10_000)) == 1


def test_nothing_of_the_data_steers_the_terminal() -> None:
    text = "\n".join(shown(WIDE, 200))
    assert "\x1b" not in text and "two\\nlines" in text


@pytest.mark.parametrize("seed", range(200))
def test_blocks_show_each_column_once_and_keep_to_the_room(seed: int) -> None:
    dice = np.random.default_rng(seed)
    widths = [int(n) for n in dice.integers(1, 80, dice.integers(1, 30))]
    keys = [int(i) for i in dice.choice(len(widths), min(len(widths), int(dice.integers(0, 3))), replace=False)]
    room = int(dice.integers(12, 200))
    found = blocks(widths, keys, room)
    assert all(sum(one.width for one in block) + GAP * (len(block) - 1) <= room or len(block) == 1 for block in found)
    head = {one.column for one in found[0]}.intersection(*({one.column for one in block} for block in found))
    shown = [one.column for block in found for one in block if one.column not in head] + sorted(head)
    assert sorted(shown) == list(range(len(widths)))
    assert all(
        one.width == widths[one.column]
        for block in found
        for one in block
        if one.column in keys and len(found) > 1 and one.column in head
    )


def test_keys_give_way_only_where_nothing_else_would_be_seen() -> None:
    assert blocks([50, 50], [0], 40) == [[Fitted(0, 36)], [Fitted(1, 36)]]
    assert blocks([20, 50], [0], 20 + GAP + LEAST) == [[Fitted(0, 20), Fitted(1, LEAST)]]


def test_any_value_that_a_file_can_hold_has_a_text() -> None:
    """Beyond the year 9999 and before the year 1, in every type."""
    most = 2**63 - 1
    instants = pa.chunked_array([pa.array([0, most, -most, None, 253_402_300_800_000_000], pa.timestamp("us"))])
    assert texts(instants) == [
        "1970-01-01 00:00:00", "294247-01-10 04:00:54.775807", "-290308-12-21 19:59:05.224193", None,
        "10000-01-01 00:00:00",
    ]  # fmt: skip
    assert texts(pa.chunked_array([pa.array([10**7, -(10**7), 0], pa.date32())])) == [
        "29349-01-26",
        "-25410-12-06",
        "1970-01-01",
    ]
    assert texts(pa.chunked_array([pa.array([most, 0], pa.duration("us"))]))[1] == "0:00:00"
    assert texts(pa.chunked_array([pa.array([True, None])])) == ["true", None]
    assert type_text(pa.dictionary(pa.int8(), pa.string())) == "category"


@pytest.mark.parametrize("name", ["last_day_of_9999.json", "time-beyond-9999.json"])
def test_dates_at_the_edges_of_the_calendar_are_shown(run: Run, name: str) -> None:
    reported = run("preview", CASES / name, "--rows", 3)
    assert reported.code == 0 and "timestamp" in reported.out


@pytest.mark.parametrize("scale", [1, 1e6, 5e8])
def test_a_preview_needs_no_partitions(run: Run, shop: Path, scale: float) -> None:
    """At any size that the numbers allow, the first rows are shown."""
    reported = run("preview", shop, "--scale", scale, "--rows", 2)
    assert reported.code == 0 and "orders" in reported.out


def test_chosen_columns_stand_after_the_key(run: Run, shop: Path) -> None:
    columns = datagen.preview(shop)["orders"].column_names
    reported = run("preview", shop, "--table", "orders", "--columns", columns[-1])
    assert columns[-1] in reported.out and columns[2] not in reported.out and columns[0] in reported.out
    wrong = run("preview", shop, "--columns", "nothing")
    assert wrong.code == 2 and "no table has a column 'nothing'" in wrong.err
