from __future__ import annotations

import json
import os
import threading

import pytest

from datagen.errors import OutputError, RunError
from datagen.kinds.formats.csv import Csv
from datagen.kinds.formats.parquet import Parquet
from datagen.runtime.run import execute
from datagen.runtime.storage.layout import table_folder
from datagen.runtime.task import Work
from tests.runtime import fakes
from tests.runtime.folders import hashes


def run(folder, existing="refuse", **options):
    return execute(Work(fakes.plan(**options), fakes.make), folder, existing=existing)


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out"


@pytest.fixture
def unfinished(out):
    run(out)
    (out / "_SUCCESS").unlink()
    (out / "_run" / "receipts" / "part-00001.json").unlink()
    return out


def assert_refused(folder, words, existing="refuse", **options):
    """The run is refused with these words, and the folder is as it was."""
    before = hashes(folder)
    with pytest.raises(OutputError, match=words):
        run(folder, existing, **options)
    assert hashes(folder) == before


@pytest.mark.parametrize("name", ["notes.txt", "_SUCCESS", "manifest.json", "users/part-00000.parquet", "_run/mine"])
@pytest.mark.parametrize("existing", ["refuse", "overwrite", "continue"])
def test_a_folder_with_anything_else_is_refused_untouched(out, name, existing):
    (out / name).parent.mkdir(parents=True)
    (out / name).write_text("precious")
    assert_refused(out, rf"has files that datagen did not write: {name.removesuffix('/part-00000.parquet')}", existing)


def test_an_empty_folder_and_what_systems_leave_in_it_is_fine(out):
    out.mkdir()
    (out / ".DS_Store").write_text("")
    run(out)
    run(out, "overwrite")
    assert (out / ".DS_Store").exists()


def test_a_missing_parent_folder_is_made(out):
    run(out / "deep" / "er")
    assert (out / "deep" / "er" / "_SUCCESS").exists()


def test_a_finished_run_is_refused_with_the_way_out(out):
    run(out)
    assert_refused(out, r"has a finished run \(plan f4000x10\); replace it with --overwrite")


def test_an_unfinished_run_is_refused_with_both_ways_out(unfinished):
    count = "4 of its 5 partitions are complete"
    assert_refused(unfinished, rf"has an unfinished run \(.*\); {count}; continue it with --resume, or replace it with")


@pytest.mark.parametrize("existing", ["refuse", "resume", "continue"])
def test_a_run_of_another_plan_is_refused_saying_what_differs(unfinished, existing):
    assert_refused(unfinished, "cut into 5 partitions, now into 4", existing, users=3000)
    assert_refused(unfinished, "started with seed 42, requested seed 7", existing, seed=7, id="other")
    assert_refused(unfinished, "started at scale 1, requested scale 2", existing, scale=2.0, id="other")
    other = {"name": "fake", "window": {"end": "2026-01-01"}}
    assert_refused(unfinished, r"\$\.window is new", existing, document=other, id="other")
    assert_refused(unfinished, "started with other holidays, time zones or planning rules", existing, id="other")


def test_resuming_in_another_format_is_refused(unfinished):
    assert_refused(unfinished, "written as parquet, requested csv", "resume", output=Csv())


def test_resuming_with_another_option_of_the_format_names_it(unfinished):
    assert_refused(
        unfinished,
        r"of the format, \$\.row_group_rows was null and is 5000",
        "resume",
        output=Parquet(row_group_rows=5000),
    )


def test_resuming_with_other_partitions_is_refused(unfinished):
    assert_refused(unfinished, "cut into 5 partitions, now into 9", "resume", size=500, id="f4000x10")


def test_resuming_with_other_versions_is_refused(unfinished, monkeypatch):
    theirs = {"datagen": "0", "numpy": "1.0", "pyarrow": "2", "python": "3.11"}
    monkeypatch.setattr("datagen.runtime.run_record.versions", lambda: theirs)
    assert_refused(unfinished, r"started with .*numpy 2.*, this is .*numpy 1\.0", "resume")


def test_resuming_where_nothing_began_is_refused_and_makes_no_folder(out):
    with pytest.raises(OutputError, match="nothing to resume in"):
        run(out, "resume")
    assert not out.exists()


def test_continue_begins_or_resumes(out, unfinished):
    run(unfinished, "continue")
    run(out, "continue")
    assert (out / "_SUCCESS").exists()


def test_overwrite_removes_what_the_old_run_wrote_and_nothing_else_remains(out, tmp_path):
    run(out, users=9000, size=500, output=Csv())
    run(out, "overwrite")
    run(tmp_path / "fresh")
    assert hashes(out) == hashes(tmp_path / "fresh")


@pytest.mark.parametrize("name", ["notes.txt", "users/notes.txt", "users/part-00000.parquet.bak", "_run/receipts/mine"])
def test_overwrite_never_removes_a_foreign_file(out, name):
    run(out)
    (out / name).write_text("precious")
    assert_refused(out, f"has files that datagen did not write: {name}", "overwrite")


def test_a_killed_overwrite_is_still_ours(unfinished):
    """The record goes last: whatever an erasure had removed before, it can be repeated."""
    for path in (unfinished / "users").iterdir():
        path.unlink()
    (unfinished / "users").rmdir()
    run(unfinished, "overwrite")
    assert (unfinished / "_SUCCESS").exists()


def test_a_run_killed_before_its_record_left_an_empty_folder(out):
    (out / "_run" / "tmp" / "abc").mkdir(parents=True)
    (out / "_run" / "tmp" / "abc" / "run.json.123.ab").write_text("{")
    run(out)
    assert not (out / "_run" / "tmp").exists()


def test_leftover_drafts_are_removed_on_resume(unfinished):
    (unfinished / "_run" / "tmp" / "dead").mkdir(parents=True)
    (unfinished / "_run" / "tmp" / "dead" / "00001-users-1-ab").write_bytes(b"half")
    run(unfinished, "resume")
    assert not (unfinished / "_run" / "tmp").exists()


@pytest.mark.parametrize("place", ["", "users", "_run", "users/part-00000.parquet", "manifest.json"])
def test_symbolic_links_are_refused(out, tmp_path, place):
    run(out)
    target = tmp_path / "elsewhere"
    (out / place).rename(target)
    (out / place).symlink_to(target)
    before = hashes(tmp_path)
    with pytest.raises(OutputError, match=r"symbolic link|did not write"):
        run(out, "overwrite")
    assert hashes(tmp_path) == before


def test_a_file_in_the_way_is_refused(out):
    out.write_text("precious")
    with pytest.raises(OutputError, match="is not a folder"):
        run(out)
    with pytest.raises((OutputError, RunError), match=r"Not a directory|is not a folder"):
        run(out / "below")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"datagen_run": 2}', '{"name": "x"}', "\x00", '{"tables": 5}'])
def test_a_record_that_is_not_ours_is_refused(out, text):
    (out / "_run").mkdir(parents=True)
    (out / "_run" / "run.json").write_text(text)
    assert_refused(out, "was not written by this version of datagen", "overwrite")


def test_a_record_cannot_lead_out_of_the_folder(out):
    run(out)
    record = out / "_run" / "run.json"
    record.write_text(record.read_text().replace('"shops"', '"../elsewhere"'))
    assert_refused(out, "cannot be a folder name", "overwrite")


@pytest.mark.parametrize("name", ["../up", "a/b", "/etc", "", "a b", "_run", "_truth", "_truth/../x", ".", "a\n"])
def test_no_table_name_leads_out_of_the_folder(name):
    with pytest.raises(OutputError, match="cannot be a folder name"):
        table_folder(name)


def test_a_folder_in_use_is_refused_even_to_overwrite(out):
    begun, go_on = threading.Event(), threading.Event()

    def wait(event):
        begun.set()
        go_on.wait(120)

    first = threading.Thread(target=execute, args=(Work(fakes.plan(), fakes.make), out), kwargs={"on_event": wait})
    first.start()
    begun.wait(120)
    for existing in ("refuse", "resume", "overwrite", "continue"):
        with pytest.raises(OutputError, match="another run is writing to"):
            run(out, existing)
    go_on.set()
    first.join()
    assert (out / "_SUCCESS").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_reported(tmp_path):
    tmp_path.chmod(0o555)
    with pytest.raises(RunError, match="Permission denied"):
        run(tmp_path / "out")
    tmp_path.chmod(0o755)


@pytest.mark.parametrize("field", ["name", "plan_id", "cut", "versions", "sink", "tables"])
@pytest.mark.parametrize("value", [None, 5, [1], {"a": 1}])
def test_a_record_with_other_types_is_refused(out, field, value):
    run(out)
    record = out / "_run" / "run.json"
    record.write_text(json.dumps(json.loads(record.read_text()) | {field: value}))
    with pytest.raises(OutputError, match=r"was not written by this version|of another plan"):
        run(out, "resume")
