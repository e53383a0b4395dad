"""The cells of a spreadsheet's first sheet, every one as text."""

from __future__ import annotations

import datetime as dt
import io
import logging
from typing import TYPE_CHECKING

import polars as pl

from reprodx.datasets.column_names import names_of
from reprodx.datasets.csv_file import without_blank_end
from reprodx.datasets.csv_sniffing import NUM_SAMPLED
from reprodx.errors import SchemaError

if TYPE_CHECKING:
    from reprodx.datasets.table_layout import TableLayout

logger = logging.getLogger(__name__)


def read_spreadsheet(content: bytes, layout: TableLayout, name: str) -> pl.DataFrame:
    """Return the cells of a workbook of Excel or OpenDocument.

    Args:
        content: The file.
        layout: How numbers in text are written, and whether there is a header.
        name: What the file is called in messages.

    Returns:
        One String column for each name, as a CSV file would hold them: dates in ISO 8601, true and false, whole
        numbers without a point; null where a cell is empty.

    Raises:
        SchemaError: If it is no workbook that can be read, several of its sheets hold a table, or its first row is
            no header.
    """
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheets = {title: book.get_sheet_by_name(title).to_python() for title in book.sheet_names}
    except (CalamineError, OSError, ValueError) as error:
        # Its message may quote cells.
        reason = "it is encrypted" if "assword" in type(error).__name__ else "it is damaged or of another kind"
        raise SchemaError(f"{name} is no workbook that can be read: {reason}: save the table as CSV") from None
    filled = {title: rows for title, rows in sheets.items() if rows}
    if len(filled) != 1:
        raise SchemaError(f"{name} has {len(filled)} sheets with cells: keep one sheet, which is the table of cases")
    ((title, rows),) = filled.items()
    if len(sheets) > 1:
        logger.info("%s: the sheet %r is read, for the others are empty", name, title)
    cells = [[_text(cell, layout.decimal or ".") for cell in row] for row in rows]
    names = names_of(
        [["" if cell is None else cell for cell in row] for row in cells[:NUM_SAMPLED]], layout.header, name
    )
    below = cells if layout.header is False else cells[1:]
    return without_blank_end(pl.DataFrame(below, schema=dict.fromkeys(names, pl.String), orient="row"), name)


def _text(cell: object, decimal: str) -> str | None:
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, float):
        return str(cell).replace(".", decimal)
    if isinstance(cell, dt.datetime) and cell.time() == dt.time():
        return cell.date().isoformat()
    if isinstance(cell, dt.timedelta):
        return str(cell.total_seconds() / 3600).replace(".", decimal)
    return str(cell).strip() or None
