"""Every named break of the corpus lowers the score, and a finding that fails names the table and the column, or what
stands beside it.
"""

from __future__ import annotations

import pytest

import datagen
from tests.validation.breaks.corpus import BREAKS as CORPUS
from tests.validation.breaks.documents import DOCUMENTS
from tests.validation.breaks.forgeries import FORGERIES
from tests.validation.worlds import tables_of, written

BREAKS = {**CORPUS, **FORGERIES}
FAST = sorted(BREAKS)[::12]
"""A twelfth of them runs every time."""


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """Tables, their schemas and the report on them, by document; made when first asked for."""
    made = {}

    def world(name):
        if name not in made:
            folder = tmp_path_factory.mktemp(name)
            tables, schemas = tables_of(datagen.generate(DOCUMENTS[name], folder / "made"))
            made[name] = tables, schemas, datagen.validate(DOCUMENTS[name], written(tables, schemas, folder / "flat"))
        return made[name]

    return world


def seen(sound, folder, name):
    """The scores before and after, and whether a new failure names what was broken."""
    document, table, column, change = BREAKS[name]
    tables, schemas, before = sound(document)
    report = datagen.validate(DOCUMENTS[document], written(change(tables), schemas, folder / "broken"))
    wrong = [f for f in report.findings if f.verdict in ("fail", "not recovered") and f.group != "realism"]
    named = [
        f for f in wrong if f.table == table and (column is None or f.column == column or f"{column}" in f.subject)
    ]
    return before.score, report.score, named, wrong


def test_there_are_120_breaks():
    assert len(BREAKS) >= 120


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_unbroken_data_scores_95(sound, document):
    assert sound(document)[2].score >= 95


@pytest.mark.parametrize("name", FAST)
def test_a_break_lowers_the_score_and_is_named(sound, tmp_path, name):
    before, after, named, wrong = seen(sound, tmp_path, name)
    assert after < before
    assert named, [(f.table, f.column, f.measure, f.message) for f in wrong]


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(set(BREAKS) - set(FAST)))
def test_every_other_break_does_so_too(sound, tmp_path, name):
    before, after, named, wrong = seen(sound, tmp_path, name)
    assert after < before
    assert named, [(f.table, f.column, f.measure, f.message) for f in wrong]
