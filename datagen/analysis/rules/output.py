"""The tables fit the file format: columns that its options name exist, folders of values are few, and texts and columns
are within its limits.
"""

from __future__ import annotations

from collections.abc import Iterator

from datagen.analysis.distinct_values import MOST_FOLDERS, folders, may_be_empty, shown
from datagen.analysis.semantic_model import SemanticModel
from datagen.errors import Problem
from datagen.kinds.formats.base import Sink
from datagen.registry import did_you_mean


def output(model: SemanticModel) -> Iterator[Problem]:
    """The options of the output format fit the tables."""
    if model.document.output is not None and not model.schema.unparsed:
        yield from output_problems(model, model.document.output)


def output_problems(model: SemanticModel, sink: Sink) -> Iterator[Problem]:
    """The problems of the declared format, or of one that overrides it."""
    known = frozenset(name for facts in model.tables.values() for name in facts.columns)
    for place, name in sink.unknown_columns(known):
        message = f"no table has a column '{name[:60]}'"
        yield Problem("unknown-column", ("output", *place), message, did_you_mean(name, sorted(known)))
    visible = {name for table in model.tables for name in shown(model, table)}
    for name in sink.split_by(sorted(known - visible)):
        hint = "name a visible column, or leave out 'hidden'"
        yield Problem("no-effect", ("output", "partition_by"), f"'{name}' is hidden: its values are no folders", hint)
    for table in model.tables:
        yield from _folder_problems(model, sink, table)
        yield from _limit_problems(model, sink, table)


def _limit_problems(model: SemanticModel, sink: Sink, table: str) -> Iterator[Problem]:
    """The columns of a table are no more, and their texts no longer, than the format can hold."""
    columns = shown(model, table)
    if sink.most_columns is not None and len(columns) > sink.most_columns:
        message = (
            f"'{table}' has {len(columns):,} columns, and the format {sink.type} holds at most {sink.most_columns:,}"
        )
        yield Problem("too-large", ("tables", table, "columns"), message, "write another format")
    for column in columns:
        if column in sink.reserved:
            message = f"a table of the format {sink.type} has a column '{column}' of its own"
            yield Problem("invalid-name", ("tables", table, "columns", column), message, "rename the column")
    for column in columns if sink.most_text is not None else ():
        longest = model.longest(table, column) or 0
        if sink.most_text is not None and longest > sink.most_text:
            message = (
                f"a text can have {longest:,} bytes, and a cell of the format {sink.type} holds {sink.most_text:,}"
            )
            hint = f"shorten it, as LEFT(text, {sink.most_text // 4:,}) does, or write another format"
            yield Problem("too-large", ("tables", table, "columns", column), message, hint)


def _folder_problems(model: SemanticModel, sink: Sink, table: str) -> Iterator[Problem]:
    """The columns by which the files of a table are divided have few values, which are those that were made."""
    product, place, columns = 1, ("output", "partition_by"), shown(model, table)
    if columns and len(sink.split_by(columns)) == len(columns):
        message = f"all columns of '{table}' would be folders, and its files would have no column"
        yield Problem("invalid-value", place, message, "leave a column out")
        return
    for column, values in folders(model, sink, table):
        if model.document.faults.get(table):
            message = f"'{table}' has faults, whose answer key counts the rows of each file"
            yield Problem(
                "conflict",
                place,
                message,
                "name columns of tables without faults, or leave the faults out with --clean",
            )
            return
        if values is None:
            type_ = model.type_of(table, column)
            message = f"'{table}.{column}' ({type_}) may have any number of values, and each would be a folder"
            hint = "name a date, a category, a boolean or an integer with bounds, such as CAST(time AS DATE)"
            yield Problem("invalid-value", place, message, hint)
            return
        if sink.empty_is_missing and may_be_empty(model, table, column):
            message = f"'{table}.{column}' may be an empty text, which is a missing cell where it divides such a table"
            yield Problem("invalid-value", place, message, "give the empty text a name, or name another column")
            return
        product *= values
        if product > MOST_FOLDERS:
            message = (
                f"the files of '{table}' may be divided into {product:,} folders by '{column}', more than "
                f"{MOST_FOLDERS:,}"
            )
            yield Problem("too-large", place, message, "name columns with fewer values, such as the year and the month")
            return
