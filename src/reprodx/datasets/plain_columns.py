"""Columns of one value a row, and what they are as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from reprodx.errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MICROSECONDS_PER_HOUR = 3.6e9


def as_text(table: pl.DataFrame, decimal: str = ".") -> pl.DataFrame:
    """Return columns as text, as a CSV file would hold them.

    Args:
        table: Columns of any type.
        decimal: The sign before decimals.

    Returns:
        The columns of one value a row; null and NaN are null, and a duration is hours.
    """
    plain = table.select(name for name in table.columns if is_plain(table[name]))
    hours = pl.selectors.duration().dt.total_microseconds() / MICROSECONDS_PER_HOUR
    plain = plain.with_columns(hours).with_columns(pl.selectors.float().fill_nan(None))
    numbers = pl.selectors.float().cast(pl.String).str.replace(".", decimal, literal=True)
    return plain.with_columns(numbers).cast(pl.String)


def is_plain(column: pl.Series) -> bool:
    """Tell a column of one value a row from one of lists, structs, bytes or objects."""
    return not (column.dtype.is_nested() or column.dtype in (pl.Binary, pl.Object))


def require_plain(table: pl.DataFrame, named: Mapping[str, Iterable[str]], source: str) -> None:
    """Refuse columns of lists, structs, bytes or objects.

    Args:
        table: Has the columns.
        named: Columns by the key of the configuration that names them.
        source: What the table is called in messages.

    Raises:
        SchemaError: If a column is not of one value a row.
    """
    for key, columns in named.items():
        for name in columns:
            if not is_plain(table[name]):
                kind = str(table[name].dtype.base_type()).lower()
                raise SchemaError(f"{source}: {key}: column {name!r} holds a {kind} in each row: make it one value")
