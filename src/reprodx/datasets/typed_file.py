"""A table in a Parquet or CSV file: typed where the file knows types, else text."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from reprodx.datasets.csv_file import read_text_table, row_number
from reprodx.datasets.identifiers import read_names
from reprodx.datasets.times import read_times
from reprodx.errors import DatasetNotFoundError, SchemaError

if TYPE_CHECKING:
    from collections.abc import Sequence

PARQUET_MAGIC = b"PAR1"
"""The bytes with which a Parquet file begins."""
MICROSECONDS_PER_HOUR = 3.6e9


def read_typed_table(source: Path | bytes, key: str) -> pl.DataFrame:
    """Return the columns of a Parquet file with their types, or those of a CSV file as text.

    Args:
        source: A file, or what a file holds; its first bytes say what it is.
        key: What named the file, such as `data.path`.

    Returns:
        The table; at least one row.

    Raises:
        DatasetNotFoundError: If there is no such file.
        SchemaError: If it is neither a Parquet nor a CSV file, or holds no row.
    """
    if isinstance(source, bytes):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "table"
            path.write_bytes(source)
            return _read(path, "the file")
    if not source.is_file():
        raise DatasetNotFoundError(f"{source} is missing: {key} must name a Parquet or CSV file")
    return _read(source, str(source))


def as_text(table: pl.DataFrame) -> pl.DataFrame:
    """Return columns as text, as a CSV file would hold them.

    Args:
        table: Columns of any type.

    Returns:
        The columns of one value a row; null and NaN are null, and a duration is hours.
    """
    plain = table.select(~(pl.selectors.nested() | pl.selectors.binary() | pl.selectors.object()))
    hours = pl.selectors.duration().dt.total_microseconds() / MICROSECONDS_PER_HOUR
    return plain.with_columns(hours).with_columns(pl.selectors.float().fill_nan(None)).cast(pl.String)


def as_ids(column: pl.Series, missing: Sequence[str], key: str, source: str) -> pl.Series:
    """Return a column of names as text; whole numbers have no point, whatever type the file gave them.

    Args:
        column: The column, named.
        missing: Values that mean that there is none.
        key: The key of the configuration that gave the column its role.
        source: What the table is called in messages.

    Returns:
        Text without nulls.

    Raises:
        SchemaError: If a name is missing.
    """
    if column.dtype.is_float() and (column == column.floor()).all():
        column = column.cast(pl.Int64)
    return read_names(column.cast(pl.String), missing, key, source)


def as_times(column: pl.Series, missing: Sequence[str], key: str, source: str) -> pl.Series:
    """Return times: hours as Float64, or dates as Datetime.

    Args:
        column: Numbers of hours, durations, dates, or numbers or ISO dates as text; named.
        missing: Values that mean that there is none.
        key: The key of the configuration that gave the column its role.
        source: What the table is called in messages.

    Returns:
        Float64 or Datetime without nulls.

    Raises:
        SchemaError: If a time is missing or is neither.
    """
    if column.dtype == pl.String:
        column = read_times(column, tuple(missing), source)
    if column.dtype == pl.Duration:
        column = column.dt.total_microseconds() / MICROSECONDS_PER_HOUR
    elif column.dtype == pl.Date:
        column = column.cast(pl.Datetime("us"))
    elif column.dtype.is_numeric():
        column = column.cast(pl.Float64).fill_nan(None)
    elif not column.dtype.is_temporal():
        raise SchemaError(f"{source}: {key} {column.name!r} is neither hours, durations nor dates: mend the column")
    is_missing = column.is_null()
    if is_missing.any():
        raise SchemaError(
            f"{source}, row {row_number(is_missing)}: {key} {column.name!r} is missing ({is_missing.sum()} such rows): "
            f"every measurement and every label needs a time"
        )
    return column


def _read(path: Path, name: str) -> pl.DataFrame:
    with path.open("rb") as file:
        is_parquet = file.read(len(PARQUET_MAGIC)) == PARQUET_MAGIC
    if not is_parquet:
        return read_text_table(path)
    try:
        table = pl.read_parquet(io.BytesIO(path.read_bytes()))
    except pl.exceptions.PolarsError:
        # The reader's own message may quote cells.
        raise SchemaError(f"{name} is not a whole Parquet file: make it again") from None
    if table.is_empty():
        raise SchemaError(f"{name} holds no row: it must be a table of cases")
    return table
