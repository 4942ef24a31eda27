"""What data lies in a folder: the files of each table, ours or anybody's, nothing of them trusted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from datagen.errors import DataError, OutputError
from datagen.locations import local_path
from datagen.runtime.manifest import Manifest
from datagen.runtime.storage.layout import PART, Layout
from datagen.runtime.storage.local_files import read_json
from datagen.validation.inputs.files import FORMATS, DataFile, opened

_NAMED = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z")


@dataclass(frozen=True, slots=True)
class DataFolder:
    """The tables found in a folder; `truth` holds hidden columns, `manifest` is there where datagen wrote the folder."""

    folder: str
    tables: Mapping[str, tuple[DataFile, ...]]
    truth: Mapping[str, tuple[DataFile, ...]] = field(default_factory=dict)
    manifest: Manifest | None = None

    @property
    def rows(self) -> dict[str, int]:
        """Rows per table, estimated from sizes where the format does not say."""
        return {name: sum(file.rows for file in files) for name, files in self.tables.items()}

    def named(self, columns: Mapping[str, Sequence[str]], hidden: Mapping[str, Sequence[str]]) -> DataFolder:
        """The same, where JSON lines files without a line have the columns that they should: nothing in them says otherwise."""
        return replace(self, tables=_named(self.tables, columns), truth=_named(self.truth, hidden))

    @property
    def aligned(self) -> bool:
        """Whether the files of one partition belong together: the folder is a finished run, and every file has its place."""
        if self.manifest is None:
            return False
        return all(PART.match(Path(file.path).name) for files in self.tables.values() for file in files)


def found(folder: str | Path, tables: Iterable[str]) -> DataFolder:
    """The data of these tables in a folder. Raises DataError if there is none of it, or a file cannot be read at all."""
    try:
        return _found(local_path(folder), [name for name in tables if _NAMED.match(name)])
    except OSError as error:
        raise DataError(f"cannot read '{error.filename or folder}': {(error.strerror or str(error)).lower()}") from None


def _found(root: Path, wanted: list[str]) -> DataFolder:
    if not root.exists():
        raise DataError(f"there is no folder '{root}'; name the folder that holds the tables")
    if not root.is_dir():
        raise DataError(f"'{root}' is not a folder; name the folder that holds the tables")
    _check_finished(root)
    data = {name: files for name in wanted if (files := _files(root, name))}
    if not data:
        raise DataError(_nothing(root, wanted))
    truth = {name: files for name in wanted if (files := _files(root / "_truth", name))}
    return DataFolder(str(root.absolute()), data, truth, _manifest(root))


def _check_finished(root: Path) -> None:
    """Refuse a run of datagen that is not finished: what is there may be sound, the dataset is not complete."""
    layout = Layout(root)
    if layout.own.is_dir() and not layout.success.is_file():
        made = len(list(layout.receipts.iterdir())) if layout.receipts.is_dir() else 0
        raise DataError(
            f"the run in '{root}' is not finished ({made:,} partitions are complete, there is no _SUCCESS); "
            f"finish it with the same 'datagen generate' command and --resume, then validate it"
        )


def _named(
    tables: Mapping[str, tuple[DataFile, ...]], columns: Mapping[str, Sequence[str]]
) -> dict[str, tuple[DataFile, ...]]:
    return {
        name: tuple(
            file
            if file.columns or file.format != "jsonl"
            else replace(file, columns=dict.fromkeys(columns[name], "text"))
            for file in files
        )
        for name, files in tables.items()
    }


def _nothing(root: Path, wanted: list[str]) -> str:
    there = sorted(path.name for path in root.iterdir() if not path.name.startswith(("_", ".")))
    said = f"it holds {', '.join(there[:8])}{' ...' if len(there) > 8 else ''}" if there else "it is empty"
    return f"'{root}' has none of the tables of the schema ({', '.join(wanted[:8])}): {said}"


def _files(root: Path, table: str) -> tuple[DataFile, ...]:
    """The files of one table: those in the folder of its name, or the one file of its name."""
    holder = root / table
    paths = [root / f"{table}.{extension}" for extension in FORMATS]
    inside = (
        sorted(p for p in holder.iterdir() if not p.name.startswith((".", "_")))
        if holder.is_dir() and not _linked(holder, root)
        else []
    )
    paths = [path for path in paths if path.exists()] + [p for p in inside if p.suffix[1:] in FORMATS]
    if len({path.suffix for path in paths}) > 1:
        names = ", ".join(path.name for path in paths[:4])
        raise DataError(f"table '{table}' is there in more than one format ({names}); leave one of them")
    return tuple(opened(path) for path in paths if not _linked(path, root))


def _linked(path: Path, root: Path) -> bool:
    """Refuse a symbolic link: a folder from anyone must not lead out of itself."""
    if path.is_symlink():
        raise DataError(f"'{path.relative_to(root)}' in '{root}' is a symbolic link; put the files themselves there")
    return False


def _manifest(root: Path) -> Manifest | None:
    """The manifest of a finished run; None where there is none, or none that can be read: the data is judged all the same."""
    layout = Layout(root)
    try:
        return Manifest.parse(read_json(layout.manifest))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, OutputError):
        return None
