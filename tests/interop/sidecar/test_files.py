"""What stands beside the data is true of it, the same every time, and ours to replace."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import datagen
from datagen.errors import OutputError
from datagen.runtime.storage.layout import SIDECARS
from tests.interop.export.hostile import HOSTILE


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("hostile") / "out"
    datagen.generate(HOSTILE, out)
    return out


def loaded(folder: Path, name: str) -> Any:
    return json.loads((folder / name).read_text(encoding="utf-8"))


def test_the_same_run_writes_the_same_texts_anywhere(folder: Path, tmp_path: Path) -> None:
    datagen.generate(HOSTILE, tmp_path / "elsewhere")
    for name in SIDECARS:
        text = (folder / name).read_text(encoding="utf-8")
        assert text == (tmp_path / "elsewhere" / name).read_text(encoding="utf-8")
        assert str(folder) not in text


def test_a_resume_keeps_them_and_an_overwrite_replaces_them(tmp_path: Path) -> None:
    datagen.generate(HOSTILE, tmp_path / "out")
    (tmp_path / "out" / "er.mmd").unlink()
    datagen.generate(HOSTILE, tmp_path / "out", resume=True)
    assert (tmp_path / "out" / "er.mmd").exists()
    datagen.generate(HOSTILE, tmp_path / "out", seed=2, overwrite=True)
    assert loaded(tmp_path / "out", "_truth/truth.json")["seed"] == 2


def test_the_data_package_names_every_file(folder: Path) -> None:
    package = loaded(folder, "datapackage.json")
    assert package["$schema"].endswith("/2.0/datapackage.json")
    for resource in package["resources"]:
        paths = [resource["path"]] if isinstance(resource["path"], str) else resource["path"]
        assert all((folder / path).is_file() and ".." not in path for path in paths)
        fields = {field["name"] for field in resource["schema"]["fields"]}
        assert set(resource["schema"]["primaryKey"]) <= fields


def test_croissant_has_what_the_specification_asks_for(folder: Path) -> None:
    data = loaded(folder, "croissant.json")
    assert (data["@type"], data["conformsTo"]) == ("sc:Dataset", "http://mlcommons.org/croissant/1.0")
    files = {one["@id"]: one for one in data["distribution"]}
    manifest = datagen.Dataset(folder).manifest
    for record in data["recordSet"]:
        ids = {field["@id"] for field in record["field"]}
        assert {key["@id"] for key in record["key"]} <= ids
        for field in record["field"]:
            source = files[field["source"]["fileObject"]["@id"]]
            path = folder / record["name"] / manifest.tables[record["name"]].files[0].name
            assert source["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
            assert field["dataType"].startswith("sc:")


def test_many_files_of_a_table_are_one_set(tmp_path: Path) -> None:
    datagen.generate(HOSTILE, tmp_path / "out", partition_rows=300)
    data = loaded(tmp_path / "out", "croissant.json")
    sets = [one for one in data["distribution"] if one["@type"] == "cr:FileSet"]
    assert {one["includes"] for one in sets} == {"customers/*.parquet", "orders/*.parquet"}


# --- truth
# -------------------------------------------------------------------------------------------------------------


def test_truth_has_defaults_units_and_targets(folder: Path) -> None:
    known = datagen.Dataset(folder).truth.parameters
    orders, customers = known["tables"]["orders"], known["tables"]["customers"]
    assert orders["columns"]["wait"]["planted"] == {"type": "uniform", "min": "1h", "max": "3h"}
    assert orders["columns"]["paid_at"]["planted"]["after_window"] == "null"
    assert orders["row_count"] == datagen.Dataset(folder).table("orders").rows
    assert customers["rows"]["history"] == "2y"
    assert customers["behaviors"][0]["multiplies"] == {"orders": "orders", "orders.amount": "orders.amount"}
    assert known["window"] == {"start": "2024-01-01", "end": "2024-07-01"}
    assert known["counterfactuals"] == {} and known["answer_keys"] == {}


def test_truth_says_through_which_column_a_total_is_multiplied(tmp_path: Path) -> None:
    shop = json.loads((Path(__file__).parents[3] / "examples" / "vintage_effects_demo.json").read_text())
    datagen.generate(shop, tmp_path / "out", scale=0.05)
    reported = datagen.Dataset(tmp_path / "out").truth.parameters["tables"]
    found = {
        message: target
        for t in reported.values()
        for b in t["behaviors"]
        for message, target in b["multiplies"].items()
    }
    assert "orders" in found and all(target.partition(".")[0] in reported for target in found.values())


def test_truth_has_the_calendar_as_it_was_planted(folder: Path) -> None:
    calendar = datagen.Dataset(folder).truth.parameters["calendar"]
    days = calendar["resolved"]["holidays US None"]["public"]
    assert days["New Year's Day"] == ["2024-01-01"]
    orders = calendar["rates"]["orders"]
    (multipliers,) = orders["groups"]
    assert len(multipliers) == 182 and orders["first_day"] == "2024-01-01"
    by_day = [date.fromordinal(date(2024, 1, 1).toordinal() + i).weekday() for i in range(182)]
    saturday = [m for m, day in zip(multipliers, by_day, strict=True) if day == 5]
    wednesday = [m for m, day in zip(multipliers, by_day, strict=True) if day == 2]
    assert max(saturday) / max(wednesday) == pytest.approx(1.4, abs=1e-4)


def test_hidden_columns_come_with_their_key(folder: Path) -> None:
    truth = datagen.Dataset(folder).truth
    assert truth.tables == ("customers",)
    assert truth.table("customers").schema.names == ["customer_id", "habit"]
    hidden = truth.parameters["tables"]["customers"]["hidden"]
    assert hidden["folder"] == "_truth/customers" and hidden["columns"]["habit"]["planted"]["values"] == {
        "loyal": 1,
        "casual": 4,
    }
    with pytest.raises(KeyError, match="customers"):
        truth.table("orders")


@pytest.mark.parametrize("text", [None, "{", "[]", '{"truth": 2}'])
def test_truth_that_is_not_there_is_reported(text: str | None, tmp_path: Path) -> None:
    dataset = datagen.generate(HOSTILE, tmp_path / "out", scale=0.2)
    path = tmp_path / "out" / "_truth" / "truth.json"
    path.unlink()
    if text is not None:
        path.write_text(text)
    with pytest.raises(OutputError, match=r"truth\.json"):
        _ = dataset.truth.parameters
