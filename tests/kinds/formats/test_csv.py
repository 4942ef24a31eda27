from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import datagen
from datagen.kinds.formats.csv import Csv

TABLE = pa.table({"n": [1, 2, None], "x": [0.5, -1e300, None], "s": ['a "b"', "", None], "t": ["plain", "a;b", "a,b"]})


@pytest.mark.parametrize(
    "options, text",
    [
        ({}, '"n","x","s","t"\n1,0.5,"a ""b""","plain"\n2,-1e+300,"","a;b"\n,,,"a,b"\n'),
        (
            {"separator": ";", "decimal": ","},
            '"n";"x";"s";"t"\n1;0,5;"a ""b""";"plain"\n2;-1e+300;"";"a;b"\n;;;"a,b"\n',
        ),
        ({"quoting": "minimal"}, 'n,x,s,t\n1,0.5,"a ""b""",plain\n2,-1e+300,"",a;b\n,,,"a,b"\n'),
        ({"quoting": "all"}, '"n","x","s","t"\n"1","0.5","a ""b""","plain"\n"2","-1e+300","","a;b"\n,,,"a,b"\n'),
        (
            {"separator": "tab", "bom": True},
            '\ufeff"n"\t"x"\t"s"\t"t"\n1\t0.5\t"a ""b"""\t"plain"\n2\t-1e+300\t""\t"a;b"\n\t\t\t"a,b"\n',
        ),
    ],
)
def test_options_say_how_cells_stand_in_the_file(options: dict[str, Any], text: str, tmp_path: Path) -> None:
    sink = Csv(**options)
    writer = sink.open(tmp_path / "x", TABLE.schema, {})
    writer.write(TABLE)
    writer.close()
    assert (tmp_path / "x").read_text() == text
    assert sink.read(tmp_path / "x", TABLE.schema) == TABLE


def test_a_comma_cannot_be_both_marks() -> None:
    document = {
        "datagen": 1,
        "name": "x",
        "output": {"type": "csv", "decimal": ","},
        "tables": {"a": {"rows": 3, "columns": {"a_id": {"type": "key"}}}},
    }
    (problem,) = datagen.check(document)
    assert (problem.code, problem.place, problem.hint) == ("conflict", "$.output.separator", 'write "separator": ";"')
