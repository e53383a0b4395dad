"""A CSV file as it lies on the disk: every cell as text, nothing interpreted.

Row numbers in messages are those that a spreadsheet shows: the header is row 1.
"""

from __future__ import annotations

import csv
from collections import Counter
from typing import TYPE_CHECKING

import polars as pl

from reprodx.errors import DatasetNotFoundError, SchemaError

if TYPE_CHECKING:
    from pathlib import Path

FIRST_ROW = 2
"""What a spreadsheet calls the first row below the header."""
FOREIGN_DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "bars"}
"""Delimiters that a table may have instead of commas."""


def read_text_table(path: Path) -> pl.DataFrame:
    """Read a comma-separated UTF-8 file with a header, with or without a byte order mark.

    Args:
        path: The file.

    Returns:
        One String column per name in the header, one row per line; an empty cell is null. Names are stripped, a
        column without a name is called `column_<position>`, and blank lines at the end are left out.

    Raises:
        DatasetNotFoundError: If there is no such file.
        SchemaError: If the file is empty, holds no row, is not UTF-8, is not separated by commas, names a column
            twice, has a line that is too long or blank, or a quotation that does not end.
    """
    names = _header(path)
    try:
        table = pl.read_csv(path, infer_schema=False)
    except pl.exceptions.PolarsError:
        # The reader's own message quotes cells, so it must not be shown, nor chained to what is.
        raise SchemaError(_diagnosis(path, len(names))) from None
    if table.width != len(names):
        raise SchemaError(f"{path}: the header is not one line of names: mend its quotation marks")
    table.columns = names
    return _without_blank_end(path, table)


def row_number(mask: pl.Series) -> int:
    """Return what a spreadsheet calls the first row where `mask` is true; the rows must still be all of the file's.

    >>> row_number(pl.Series([False, True]))
    3
    """
    return int(mask.arg_true()[0]) + FIRST_ROW


def _header(path: Path) -> list[str]:
    if not path.is_file():
        raise DatasetNotFoundError(f"{path} is missing: data.path must name a CSV file")
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            header = next(csv.reader(file), [])
    except (UnicodeDecodeError, csv.Error):
        raise SchemaError(_not_utf8(path)) from None
    if not header:
        raise SchemaError(f"{path} is empty: data.path must name a CSV file with a header")
    for delimiter, name in FOREIGN_DELIMITERS.items():
        if len(header) == 1 and delimiter in header[0]:
            raise SchemaError(f"{path} is separated by {name}: save it as CSV with commas")
    return _column_names(path, header)


def _column_names(path: Path, header: list[str]) -> list[str]:
    names = [name.strip() or f"column_{position}" for position, name in enumerate(header, start=1)]
    repeated = [name for name, count in Counter(names).items() if count > 1]
    if repeated:
        raise SchemaError(f"{path} has the column {repeated[0]!r} {names.count(repeated[0])} times: rename one")
    patterns = [name for name in names if name == "*" or (name.startswith("^") and name.endswith("$"))]
    if patterns:
        raise SchemaError(f"{path}: the column name {patterns[0]!r} is read as a pattern: rename it")
    return names


def _without_blank_end(path: Path, table: pl.DataFrame) -> pl.DataFrame:
    is_filled = ~table.select(pl.all_horizontal(pl.all().is_null())).to_series()
    if not is_filled.any():
        raise SchemaError(f"{path} has a header and no rows: data.path must name a table of cases")
    num_rows = int(is_filled.arg_true()[-1]) + 1
    is_blank = ~is_filled.head(num_rows)
    if is_blank.any():
        raise SchemaError(f"{path}, row {row_number(is_blank)}: the row is blank: delete it")
    return table.head(num_rows)


def _diagnosis(path: Path, num_columns: int) -> str:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row, cells in enumerate(csv.reader(file), start=1):
                if len(cells) > num_columns:
                    return (
                        f"{path}, row {row}: {len(cells)} cells where the header has {num_columns} names: "
                        f"put text that holds a comma in quotation marks"
                    )
    except (UnicodeDecodeError, csv.Error):
        return _not_utf8(path)
    return f"{path} is not a CSV file that can be read: look for a quotation mark that is not closed"


def _not_utf8(path: Path) -> str:
    return f"{path} is not UTF-8 text: save it as 'CSV UTF-8'"
