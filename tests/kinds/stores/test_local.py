"""A folder as a store: what no run may leave behind."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from datagen.kinds.stores.local import LocalStore


def test_the_scratch_folder_is_removed_while_a_worker_still_writes_into_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, remove, late = LocalStore(tmp_path), shutil.rmtree, iter(range(3))
    store.begin("attempt")

    def removed(folder: Path, **options: Any) -> None:
        if next(late, None) is not None:  # a file that was not there when the folder was listed: rmdir fails
            (folder / "attempt" / "part").touch()
            return
        remove(folder, **options)

    monkeypatch.setattr("datagen.kinds.stores.local.shutil.rmtree", removed)
    store.clear_scratch()
    assert not (tmp_path / "_run" / "tmp").exists()
