from __future__ import annotations

import gc
import json
import pickle
import subprocess
import sys
import weakref
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pytest

from datagen.errors import RunError
from datagen.kinds.stores.local import LocalStore
from datagen.runtime.receipt import Receipt
from datagen.runtime.storage.layout import folders, receipt_key
from datagen.runtime.task import OutputSite, Work, folders_of, run_partition
from tests.runtime import fakes
from tests.runtime.folders import hashes


def scratch_of(site):
    with site.store.scratch(site.attempt) as folder:
        return folder


@pytest.fixture
def site(tmp_path):
    site = OutputSite(LocalStore(tmp_path), "attempt")
    site.store.make_folders(folders(folders_of(fakes.plan())))
    site.store.begin("attempt")
    return site


def test_the_receipt_on_disk_is_the_receipt_returned(site):
    plan = fakes.plan()
    receipt = run_partition(Work(plan, fakes.make), plan.partitions[1], site)
    assert Receipt.parse(json.loads(site.store.get(receipt_key(1)))) == receipt
    assert (receipt.rows, len(receipt.files)) == (2000, 3)


def test_attempts_at_once_write_the_same_bytes_and_leave_no_draft(site):
    plan = fakes.plan(wait=0.01)
    with ThreadPoolExecutor(4) as pool:
        receipts = set(pool.map(lambda _: run_partition(Work(plan, fakes.make), plan.partitions[1], site), range(4)))
    assert len(receipts) == 1
    assert not list(scratch_of(site).iterdir())


def test_a_task_that_outlives_its_run_publishes_nothing(site):
    """Its drafts go with the attempt's folder, so a later run, of another plan perhaps, is never written over."""
    plan = fakes.plan()

    def run_ends_meanwhile(plan, partition):
        yield from fakes.make(plan, partition)
        for draft in scratch_of(site).iterdir():
            draft.unlink()
        scratch_of(site).rmdir()

    with pytest.raises(RunError, match="cannot write"):
        run_partition(Work(plan, run_ends_meanwhile), plan.partitions[1], site)
    with pytest.raises(RunError, match="the output folder is not shared by all workers, or the run ended"):
        run_partition(Work(plan, fakes.make), plan.partitions[1], site)
    assert hashes(site.store.root) == {}


def test_a_block_is_released_before_the_next_is_made(site):
    plan, alive = fakes.plan(), []

    def watched(plan, partition):
        for tables in fakes.make(plan, partition):
            big = pa.concat_tables([tables["users"]] * 1000)  # beyond what the writer holds back
            gc.collect()
            assert not any(reference() is not None for reference in alive)
            alive.append(weakref.ref(big))
            tables = {"users": big}
            del big
            yield tables
            del tables

    with pytest.raises(RunError, match="were planned"):
        run_partition(Work(plan, watched), plan.partitions[1], site)
    assert len(alive) == 2


def test_work_and_receipts_can_be_sent():
    plan = fakes.plan()
    work = pickle.loads(pickle.dumps(Work(plan, fakes.make)))
    assert work.plan.id == plan.id
    receipt = Receipt("f", 3, ())
    assert pickle.loads(pickle.dumps(receipt)) == receipt


def test_running_here_starts_without_dask_and_pandas():
    code = (
        "import sys, datagen.runtime.run, datagen.runtime.dataset; print([m for m in ('dask', 'distributed', "
        "'pandas') if m in sys.modules])"
    )
    root = Path(__file__).parents[2]
    assert subprocess.check_output([sys.executable, "-c", code], cwd=root, text=True) == "[]\n"
