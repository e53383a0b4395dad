"""A table in a file: with its types where it is Parquet; of CSV, ARFF and workbooks, packed or not, as text."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

import polars as pl

from reprodx.datasets.arff_file import read_arff
from reprodx.datasets.csv_file import read_csv, row_number
from reprodx.datasets.identifiers import read_names
from reprodx.datasets.packed_file import is_workbook, unpacked
from reprodx.datasets.spreadsheet import read_spreadsheet
from reprodx.datasets.table_layout import TableLayout
from reprodx.datasets.times import read_times
from reprodx.errors import DatasetNotFoundError, SchemaError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

PARQUET_MAGIC = b"PAR1"
"""The bytes with which a Parquet file begins."""
ARFF_BEGIN = re.compile(rb"(\xef\xbb\xbf)?(\s|%[^\n]*\n)*@relation", flags=re.IGNORECASE)
"""How an ARFF file begins."""
MICROSECONDS_PER_HOUR = 3.6e9


def read_typed_table(source: Path | bytes, key: str, layout: TableLayout | None = None) -> pl.DataFrame:
    """Return the columns of a Parquet file with their types, or those of another file as text.

    Args:
        source: A CSV, Parquet, ARFF, Excel or OpenDocument file, also in GZIP or ZIP, or what such a file holds; its
            first bytes say what it is.
        key: What named the file, such as `data.path`.
        layout: How it is written; None to find all of it.

    Returns:
        The table; at least one row.

    Raises:
        DatasetNotFoundError: If there is no such file.
        SchemaError: If it is no table that can be read.
    """
    layout = layout or TableLayout()
    if isinstance(source, bytes):
        return _read(source, layout, "the file")
    if not source.is_file():
        raise DatasetNotFoundError(f"{source} is missing: {key} must name a table: CSV, TSV, Parquet, XLSX or ARFF")
    return _read(source.read_bytes(), layout, str(source))


def read_text_table(path: Path, layout: TableLayout | None = None, key: str = "data.path") -> pl.DataFrame:
    """Return the columns of a file as text.

    Args:
        path: As in `read_typed_table`.
        layout: How it is written; None to find all of it.
        key: What named the file.

    Returns:
        Every cell as text, null where empty; at least one row.

    Raises:
        DatasetNotFoundError: If there is no such file.
        SchemaError: If it is no table that can be read, or a column holds lists or other tables.
    """
    table = read_typed_table(path, key, layout)
    text = as_text(table, (layout and layout.decimal) or ".")
    if nested := [name for name in table.columns if name not in text.columns]:
        raise SchemaError(
            f"{path}: column {', '.join(map(repr, nested))} holds lists, bytes or tables: leave it out of the file"
        )
    return text


def as_text(table: pl.DataFrame, decimal: str = ".") -> pl.DataFrame:
    """Return columns as text, as a CSV file would hold them.

    Args:
        table: Columns of any type.
        decimal: The sign before decimals.

    Returns:
        The columns of one value a row; null and NaN are null, and a duration is hours.
    """
    plain = table.select(~(pl.selectors.nested() | pl.selectors.binary() | pl.selectors.object()))
    hours = pl.selectors.duration().dt.total_microseconds() / MICROSECONDS_PER_HOUR
    plain = plain.with_columns(hours).with_columns(pl.selectors.float().fill_nan(None))
    numbers = pl.selectors.float().cast(pl.String).str.replace(".", decimal, literal=True)
    return plain.with_columns(numbers).cast(pl.String)


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


def _read(content: bytes, layout: TableLayout, name: str) -> pl.DataFrame:
    content = unpacked(content, name)
    if content.startswith(PARQUET_MAGIC):
        return _parquet(content, name)
    if is_workbook(content):
        return read_spreadsheet(content, layout, name)
    if ARFF_BEGIN.match(content):
        return read_arff(content, layout.encoding, name)
    return read_csv(content, layout, name)


def _parquet(content: bytes, name: str) -> pl.DataFrame:
    try:
        table = pl.read_parquet(io.BytesIO(content))
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError):
        # The reader's own message may quote cells.
        raise SchemaError(f"{name} is not a whole Parquet file: make it again") from None
    if table.is_empty():
        raise SchemaError(f"{name} holds no row: it must be a table of cases")
    return table
