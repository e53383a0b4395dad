"""Cells of a table of new cases: texts, and files that are named or held as bytes or as base64 text."""

from __future__ import annotations

import base64
import binascii
from pathlib import Path

import polars as pl

from reprodx.datasets.row_numbers import FIRST_ROW
from reprodx.datasets.text_settings import READABLE
from reprodx.datasets.typed_file import PARQUET_MAGIC
from reprodx.errors import SchemaError


def file_cells(table: pl.DataFrame, column: str) -> list[Path | bytes]:
    """Return the Parquet or CSV file of each case.

    Args:
        table: Has the column.
        column: Paths; or what files hold, as bytes or as base64 text.

    Returns:
        Where the file is, or what it holds.

    Raises:
        SchemaError: If the column is absent, or a cell is empty or neither the path of a file nor base64.
    """
    return [
        cell if isinstance(cell, bytes) else _file(cell, column, row)
        for row, cell in enumerate(cells(table, column), start=FIRST_ROW)
    ]


def text_cells(table: pl.DataFrame, column: str) -> list[str]:
    """Return the text of each case.

    Args:
        table: Has the column.
        column: Text.

    Returns:
        Text that has a letter or digit.

    Raises:
        SchemaError: If the column is absent, or a cell is empty, has no letter or digit, or holds bytes.
    """
    texts: list[str] = []
    for row, cell in enumerate(cells(table, column), start=FIRST_ROW):
        if isinstance(cell, bytes):
            raise SchemaError(f"the table, row {row}: column {column!r} holds bytes: give text")
        texts.append(cell)
    is_readable = pl.Series(texts, dtype=pl.String).str.contains(READABLE)
    if not is_readable.all():
        row = FIRST_ROW + int((~is_readable).arg_true()[0])
        raise SchemaError(f"the table, row {row}: column {column!r} has no letter or digit: every case needs a text")
    return texts


def cells(table: pl.DataFrame, column: str) -> list[str | bytes]:
    """Return what each case has in a column.

    Args:
        table: Has the column.
        column: Text or bytes, in one column perhaps both.

    Returns:
        Bytes as they are, all else as text; neither is empty.

    Raises:
        SchemaError: If the column is absent or a cell is empty.
    """
    require(table, column)
    found = ["" if cell is None else cell if isinstance(cell, bytes) else str(cell) for cell in table[column]]
    for row, cell in enumerate(found, start=FIRST_ROW):
        if not cell.strip():
            raise SchemaError(f"the table, row {row}: column {column!r} is empty: every case needs one")
    return found


def require(table: pl.DataFrame, column: str) -> None:
    """Refuse a table without a column.

    Args:
        table: New cases.
        column: What it must have.

    Raises:
        SchemaError: If it does not.
    """
    if column not in table.columns:
        raise SchemaError(f"the table has no column {column!r}: add it")


def _file(cell: str, column: str, row: int) -> Path | bytes:
    try:
        if Path(cell.strip()).is_file():
            return Path(cell.strip())
    except OSError:
        # Too long for a name: then it is the content of a file.
        pass
    try:
        content = base64.b64decode("".join(cell.split()), validate=True)
    except (binascii.Error, ValueError):
        content = b""
    # A name such as "stay1234" is base64 too, but of no table: that has lines.
    if content.startswith(PARQUET_MAGIC) or b"\n" in content:
        return content
    raise SchemaError(
        f"the table, row {row}: column {column!r} is neither the path of a file that is there nor a file as base64"
    )
