"""Columns of other tools' tables that are ours by another name: an index is the case id, `prob` that of the class 1."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reprodx.errors import SchemaError
from reprodx.schemas import CASE_ID, PROB_PREFIX, Y_TRUE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from typing import Any

    import polars as pl

UNNAMED = "__index_level_0__"
"""What pandas calls an index without a name in a Parquet file."""
FIRST_UNNAMED = ("", "Unnamed: 0")
"""What the first column of a CSV file is called that holds an index without a name."""
ID_ENDINGS = ("id", "name", "file", "path")
"""Of the names of columns that tell cases apart, in small letters."""
UNNAMED_PROBS = ("prob", "y_prob")
"""What tools call the only probability of a yes-or-no task, which is that of yes."""
YES_OR_NO = r"(?i)^((0|1)(\.0+)?|true|false|na|nan|)$"
"""What `y_true` may hold then, missing values too, of which another message tells."""


def with_pandas_index(table: pl.DataFrame, said: Sequence[str | Mapping[str, Any]]) -> tuple[pl.DataFrame, list[str]]:
    """Return a table with its index as columns, also where pandas wrote a range of numbers as a description alone.

    Args:
        table: As pandas wrote it.
        said: What pandas says of the index: the name of a column, or `name start stop step`.

    Returns:
        The table, and the names of the index; numbers from 0 without a name are what every table has, and are none.
    """
    import polars as pl

    names = []
    for one in said:
        if isinstance(one, str):
            names.append(one)
        elif one["name"] is not None or one["start"] != 0:
            numbers = range(one["start"], one["stop"], one["step"])
            names.append(one["name"] or UNNAMED)
            table = table.with_columns(pl.Series(names[-1], numbers)) if len(numbers) == table.height else table
    return table, [name for name in names if name in table.columns]


def with_case_ids(path: Path, table: pl.DataFrame, index: Sequence[str]) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Return a table whose index is its `case_id`, where it has no column of that name.

    Args:
        path: For messages.
        table: As another tool wrote it, or ours.
        index: The columns that are an index by the file's own word.

    Returns:
        The same rows, unchanged where there is a `case_id` or no index; and what was taken for it, in words.

    Raises:
        SchemaError: If the index numbers rows, and a column that tells cases apart stands beside it.
    """
    import polars as pl

    if CASE_ID in table.columns:
        return table, ()
    unnamed = [name for name in table.columns if name == UNNAMED]
    unnamed = unnamed or [name for name in table.columns[:1] if name in FIRST_UNNAMED]
    named = [name for name in index if name != UNNAMED]
    if len(found := [*named, *unnamed]) != 1:
        return table, ()
    taken = table.with_columns(pl.col(found[0]).alias(CASE_ID))
    if named or not _are_numbers(taken[CASE_ID]):
        name = f"its index {named[0]!r}" if named else "its index"
        return taken, (f"{name} is taken for {CASE_ID}",)
    if others := [name for name in table.columns if name not in unnamed and _tells_apart(table[name])]:
        raise SchemaError(
            f"{path} has no column {CASE_ID!r}: its index only numbers rows, and {others[0]!r} tells cases apart: "
            f"call the one that is the same in all files {CASE_ID}"
        )
    return taken, (f"its index, which only numbers rows, is taken for {CASE_ID}: all must number the cases alike",)


def with_class_of_prob(path: Path, table: pl.DataFrame) -> pl.DataFrame:
    """Return a table whose only probability says of which class it is.

    Args:
        path: For messages.
        table: As another tool wrote it, or ours.

    Returns:
        The same rows; `prob` or `y_prob` is called `prob_1` where no column names a class.

    Raises:
        SchemaError: If the classes are not 0 and 1, or false and true, so that nobody knows which it is.
    """
    import polars as pl

    found = [name for name in UNNAMED_PROBS if name in table.columns]
    is_named = any(name.startswith(PROB_PREFIX) for name in table.columns)
    if is_named or len(found) != 1 or Y_TRUE not in table.columns:
        return table
    if not table.select(pl.col(Y_TRUE).cast(pl.String).str.contains(YES_OR_NO).all()).item():
        raise SchemaError(
            f"{path}: {found[0]!r} does not say of which class it is the probability: call it {PROB_PREFIX}<class>"
        )
    return table.rename({found[0]: f"{PROB_PREFIX}1"})


def _are_numbers(ids: pl.Series) -> bool:
    import polars as pl

    return bool(ids.cast(pl.String).str.contains(r"^\d+(\.0+)?$").all())


def _tells_apart(column: pl.Series) -> bool:
    return column.name.casefold().endswith(ID_ENDINGS) and column.n_unique() == len(column)
