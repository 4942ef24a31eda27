"""Lazy tables are the tables of the run, made where they are needed."""

from __future__ import annotations

import datagen
from tests.promises.documents import busy, tables


def test_lazy_tables_hold_the_rows_of_the_run() -> None:
    frames = datagen.to_dask(busy(), partition_rows=600)
    whole = tables(busy())
    assert list(frames) == list(whole) and len(frames) == 4
    for name in ("people", "remarks"):
        frame = frames[name].compute(scheduler="sync").reset_index(drop=True)
        expected = whole[name].to_pandas()
        assert len(frame) == len(expected)
        assert (
            frame["person_id" if name == "people" else "visit_id"].tolist()
            == expected.iloc[:, 0 if name == "people" else 1].tolist()
        )
        assert frame.isna().sum().tolist() == expected.isna().sum().tolist()


def test_lazy_tables_are_cut_into_partitions_and_show_what_they_are() -> None:
    frames = datagen.to_dask(busy(), partition_rows=600)
    assert frames["visits"].npartitions > 3
    assert repr(frames) == "<lazy tables of busy: places, people, visits, remarks>"
    assert "lazy tables of busy" in frames._repr_html_()
