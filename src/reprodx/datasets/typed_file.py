"""A table in a file: with its types where it is Parquet; of CSV, ARFF and workbooks, packed or not, as text."""

from __future__ import annotations

import contextlib
import io
import re
from typing import TYPE_CHECKING

import polars as pl

from reprodx.datasets.arff_file import read_arff
from reprodx.datasets.column_names import refuse_patterns
from reprodx.datasets.csv_file import read_csv
from reprodx.datasets.durations import read_durations
from reprodx.datasets.identifiers import read_names
from reprodx.datasets.packed_file import is_workbook, unpacked
from reprodx.datasets.plain_columns import MICROSECONDS_PER_HOUR, as_text, require_plain
from reprodx.datasets.row_numbers import row_number
from reprodx.datasets.spelling import ZEROS_AFTER_POINT
from reprodx.datasets.spreadsheet import read_spreadsheet
from reprodx.datasets.table_layout import TableLayout
from reprodx.datasets.times import DECIMAL_COMMA, read_times
from reprodx.errors import DatasetNotFoundError, SchemaError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

PARQUET_MAGIC = b"PAR1"
"""The bytes with which a Parquet file begins."""
ARFF_BEGIN = re.compile(rb"(\xef\xbb\xbf)?(\s|%[^\n]*\n)*@relation", flags=re.IGNORECASE)
"""How an ARFF file begins."""
EXACT = 2**53
"""From here on a float no longer tells two whole numbers apart."""


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
        return _read(source, layout, "the file")[0]
    return _read(_content(source, key), layout, str(source))[0]


def read_text_table(path: Path, layout: TableLayout | None = None, key: str = "data.path") -> pl.DataFrame:
    """Return the columns of a file as text, see `read_laid_out_table`."""
    return read_laid_out_table(path, layout or TableLayout(), key)[0]


def read_laid_out_table(path: Path, layout: TableLayout, key: str) -> tuple[pl.DataFrame, TableLayout]:
    """Return the columns of a file as text, and how it is written.

    Args:
        path: As in `read_typed_table`.
        layout: What was said of how it is written.
        key: What named the file.

    Returns:
        Every cell as text, null where empty; at least one row. And the layout with the separator, if it is a text file.

    Raises:
        DatasetNotFoundError: If there is no such file.
        SchemaError: If it is no table that can be read, or a column holds lists or other tables.
    """
    table, found = _read(_content(path, key), layout, str(path))
    text = as_text(table, layout.decimal or ".")
    if nested := [name for name in table.columns if name not in text.columns]:
        raise SchemaError(
            f"{path}: column {', '.join(map(repr, nested))} holds lists, bytes or tables: leave it out of the file"
        )
    return text, found


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
        SchemaError: If a name is missing, or is a float too large to tell from others.
    """
    require_plain(column.to_frame(), {key: [column.name]}, source)
    if column.dtype.is_float():
        column = _whole(column, key, source)
    return read_names(column.cast(pl.String).str.replace(ZEROS_AFTER_POINT, "$1"), missing, key, source)


def _whole(column: pl.Series, key: str, source: str) -> pl.Series:
    """Return numbers as text, whole ones without the point and the power of ten that a float may have."""
    if (column.is_finite() & (column.abs() >= EXACT)).any():
        raise SchemaError(
            f"{source}: {key} {column.name!r} holds whole numbers beyond {EXACT} as decimals, which no longer tell "
            f"them apart: store them as integers or text"
        )
    finite = pl.when(column.is_finite()).then(column)
    integer = finite.cast(pl.Int64, strict=False)
    text = pl.when(integer == finite).then(integer.cast(pl.String)).otherwise(finite.cast(pl.String))
    return pl.select(text.alias(column.name)).to_series()


def as_times(
    column: pl.Series, missing: Sequence[str], key: str, source: str, layout: TableLayout | None = None
) -> pl.Series:
    """Return times: hours as Float64, or dates as Datetime.

    Args:
        column: Numbers of hours, durations, dates, or any of these as text; named.
        missing: Values that mean that there is none.
        key: The key of the configuration that gave the column its role.
        source: What the table is called in messages.
        layout: Says how text writes decimals; None for a point.

    Returns:
        Float64 or Datetime without nulls; in UTC where dates have a time zone.

    Raises:
        SchemaError: If a time is missing or is neither.
    """
    if column.dtype == pl.String:
        text = column.str.strip_chars().replace(["", *missing], None)
        if layout is not None and layout.numbers.decimal == ",":
            text = text.str.replace(DECIMAL_COMMA, "$1.$2")
        durations = read_durations(text)
        column = read_times(text, (), key, source) if durations is None else durations
    if column.dtype == pl.Duration:
        column = column.dt.total_microseconds() / MICROSECONDS_PER_HOUR
    elif column.dtype in (pl.Date, pl.Datetime):
        zone = getattr(column.dtype, "time_zone", None)
        column = column.cast(pl.Datetime("us", zone))
        column = column.dt.convert_time_zone("UTC") if zone else column
    elif column.dtype.is_numeric():
        column = column.cast(pl.Float64).fill_nan(None)
    else:
        raise SchemaError(f"{source}: {key} {column.name!r} is neither hours, durations nor dates: mend the column")
    is_missing = column.is_null()
    if is_missing.any():
        raise SchemaError(
            f"{source}, row {row_number(is_missing)}: {key} {column.name!r} is missing ({is_missing.sum()} such rows): "
            f"every measurement and every label needs a time"
        )
    return column


def _content(path: Path, key: str) -> bytes:
    if not path.is_file():
        raise DatasetNotFoundError(f"{path} is missing: {key} must name a table: CSV, TSV, Parquet, XLSX or ARFF")
    return path.read_bytes()


def _read(content: bytes, layout: TableLayout, name: str) -> tuple[pl.DataFrame, TableLayout]:
    content = unpacked(content, name)
    if content.startswith(PARQUET_MAGIC):
        return _parquet(content, name), layout
    if is_workbook(content):
        return read_spreadsheet(content, layout, name), layout
    if ARFF_BEGIN.match(content):
        return read_arff(content, layout.encoding, name), layout
    return read_csv(content, layout, name)


def _parquet(content: bytes, name: str) -> pl.DataFrame:
    try:
        table = pl.read_parquet(io.BytesIO(content))
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError):
        # The reader's own message may quote cells.
        raise SchemaError(f"{name} is not a whole Parquet file: make it again") from None
    if table.is_empty():
        raise SchemaError(f"{name} holds no row: it must be a table of cases")
    refuse_patterns(table.columns, name)
    return pl.DataFrame([_of_plain_type(column) for column in table])


def _of_plain_type(column: pl.Series) -> pl.Series:
    """Return text as text and numbers as numbers, whatever form they were stored in."""
    if column.dtype in (pl.Categorical, pl.Enum, pl.Null, pl.Time):
        return column.cast(pl.String)
    if column.dtype == pl.Decimal:
        return column.cast(pl.Float64)
    if column.dtype == pl.Binary:
        # Some writers do not mark text as such; what is no text stays bytes.
        with contextlib.suppress(pl.exceptions.ComputeError):
            return column.cast(pl.String)
    return column
