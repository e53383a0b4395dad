"""The cells of a text file, every one as text, nothing interpreted.

Row numbers in messages are those that a spreadsheet shows: the header is row 1.
"""

from __future__ import annotations

import csv
import io
import logging
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from reprodx.datasets.column_names import names_of
from reprodx.datasets.csv_sniffing import SAMPLE_LENGTH, SEPARATORS, find_preamble, find_separator, sample_rows
from reprodx.datasets.problems import Problems
from reprodx.datasets.row_numbers import numbered, rows_where
from reprodx.datasets.text_encoding import to_utf8
from reprodx.errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from reprodx.datasets.table_layout import TableLayout

logger = logging.getLogger(__name__)

QUOTE = b'"'
UNREADABLE = "is not a CSV file that can be read: look for a quotation mark that is not closed"


def read_csv(content: bytes, layout: TableLayout, name: str) -> tuple[pl.DataFrame, TableLayout]:
    """Return the cells of a text file; what had to be found and is not usual is logged.

    Args:
        content: The file.
        layout: How it is written.
        name: What the file is called in messages.

    Returns:
        One String column for each name in the header, one row per line; an empty cell is null. Names are stripped, a
        column without a name is called `column_<position>`, and blank lines at the end are left out. And the layout
        with the separator.

    Raises:
        SchemaError: If the file is empty, is no text, has no header where none was declared absent, names a column
            twice, or has rows that are longer or shorter than the header, blank, or a quotation that does not end.
    """
    content, encoding = to_utf8(content, layout.encoding, name)
    content, hint, num_passed = _from_header_on(content, layout.comment)
    head = content[: 4 * SAMPLE_LENGTH].decode(errors="ignore")
    separator = layout.separator or hint or find_separator(head)
    _log_found(name, layout, encoding, separator, num_passed)
    rows = sample_rows(head, separator)
    if not rows:
        raise SchemaError(f"{name} is empty: it must be a table with a header")
    names = names_of(rows, layout.header, name)
    has_header = layout.header is not False
    try:
        table = pl.read_csv(content, separator=separator, infer_schema=False, has_header=has_header)
    except pl.exceptions.PolarsError:
        # The reader's own message quotes cells, so it must not be shown, nor chained to what is.
        table = None
    if table is None or table.width != len(names):
        _refuse_rows(content, separator, len(names), name)
        raise SchemaError(f"{name} {UNREADABLE}")
    table.columns = names
    if _may_be_ragged(content, separator, table, has_header):
        _refuse_rows(content, separator, len(names), name)
    return without_blank_end(table, name), replace(layout, separator=separator)


def without_blank_end(table: pl.DataFrame, name: str) -> pl.DataFrame:
    """Return a table up to its last row with a value.

    Args:
        table: String columns, null where empty.
        name: What the table is called in messages.

    Returns:
        At least one row.

    Raises:
        SchemaError: If there is no row, one above the last is blank, or the header stands again among them.
    """
    is_filled = ~table.select(pl.all_horizontal(pl.all().is_null())).to_series()
    if not is_filled.any():
        raise SchemaError(f"{name} has a header and no rows: it must be a table of cases")
    num_rows = int(is_filled.arg_true()[-1]) + 1
    problems = Problems(name)
    is_blank = ~is_filled.head(num_rows)
    if is_blank.any():
        problems.found.append(f"{rows_where(is_blank)}: nothing is in the row: delete it")
    if (table[table.columns[0]] == table.columns[0]).any():
        is_header = table.select(pl.all_horizontal(pl.col(column) == column for column in table.columns)).to_series()
        if is_header.any():
            problems.found.append(f"{rows_where(is_header)}: the header stands here again: delete it")
    problems.refuse()
    return table.head(num_rows)


def _from_header_on(content: bytes, comment: str | None) -> tuple[bytes, str | None, int]:
    """Return the text without comments and without blank lines above, what it says of its separator, lines left out."""
    num_lines = content.count(b"\n")
    hint = None
    if comment is not None:
        content = re.sub(rb"^" + re.escape(comment.encode()) + rb"[^\n]*(\n|\Z)", b"", content, flags=re.MULTILINE)
    else:
        preamble = find_preamble(content[: 4 * SAMPLE_LENGTH].decode(errors="ignore"))
        content, hint = content.split(b"\n", preamble.num_lines)[-1], preamble.separator
    content = content.lstrip(b"\r\n")
    return content, hint, num_lines - content.count(b"\n")


def _log_found(name: str, layout: TableLayout, encoding: str | None, separator: str, num_passed: int) -> None:
    found = []
    if encoding is not None:
        found.append(f"it is written in {encoding} (data.encoding)")
    if layout.separator is None and separator != ",":
        found.append(f"cells are separated by {SEPARATORS.get(separator, repr(separator))} (data.separator)")
    if num_passed:
        found.append(
            f"{num_passed} lines are comments or stand above the header (data.comment), and row numbers omit them"
        )
    if layout.header is False:
        found.append("row numbers count a header that is not there")
    if found:
        logger.info("%s: %s", name, "; ".join(found))


def _may_be_ragged(content: bytes, separator: str, table: pl.DataFrame, has_header: bool) -> bool:
    """Return whether a row may be shorter than the header, which the reader fills up in silence."""
    if not table.width or not table[table.columns[-1]].null_count():
        return False
    if QUOTE in content:
        return True
    num_lines = table.height + (1 if has_header else 0)
    return content.count(separator.encode()) != num_lines * (table.width - 1)


def _refuse_rows(content: bytes, separator: str, num_columns: int, name: str) -> None:
    """Raise which rows have another number of cells than the header has names; blank lines are others' to judge."""
    if content.count(QUOTE) % 2:
        raise SchemaError(f"{name} {UNREADABLE}")
    widths: dict[int, list[int]] = {}
    try:
        for row, width in _widths(content, separator):
            if width not in (0, num_columns):
                widths.setdefault(width, []).append(row)
    except csv.Error:
        return
    problems = Problems(name)
    for width, rows in widths.items():
        if num_columns == 1:
            problems.found.append(f"{numbered(rows)}: {width} cells below one name: delete what stands above the names")
            continue
        todo = f"put text that holds {SEPARATORS.get(separator, 'the separator')} in quotation marks"
        problems.found.append(
            f"{numbered(rows)}: {width} cells where the header has {num_columns} names: "
            f"{todo if width > num_columns else 'write every separator, also before an empty cell'}"
        )
    problems.refuse()


def _widths(content: bytes, separator: str) -> Iterator[tuple[int, int]]:
    cells: Sequence[str]
    reader = csv.reader(io.StringIO(content.decode(), newline=""), delimiter=separator)
    for row, cells in enumerate(reader, start=1):
        yield row, len(cells)
