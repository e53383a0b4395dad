"""How messages name rows: as a spreadsheet does, where the header is row 1."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reprodx.errors import first_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

FIRST_ROW = 2
"""What a spreadsheet calls the first row below the header."""
MAX_ROWS = 5
"""Rows that a message names; the others are counted."""


def row_number(mask: pl.Series) -> int:
    """Return what a spreadsheet calls the first row where `mask` is true; the rows must still be all of the file's.

    >>> import polars as pl
    >>> row_number(pl.Series([False, True]))
    3
    """
    return int(mask.arg_true()[0]) + FIRST_ROW


def rows_where(mask: pl.Series) -> str:
    """Return the rows where `mask` is true as a message names them; the rows must still be all of the file's.

    >>> import polars as pl
    >>> rows_where(pl.Series([False, True, True]))
    'rows 3, 4'
    """
    return numbered((mask.arg_true() + FIRST_ROW).to_list())


def numbered(rows: Sequence[int]) -> str:
    """Return the first rows by number, and how many more there are.

    >>> numbered([3]), numbered([3, 7, 9, 10, 11, 12, 13])
    ('row 3', 'rows 3, 7, 9, 10, 11 and 2 more')
    """
    if len(rows) == 1:
        return f"row {rows[0]}"
    return f"rows {first_of(rows, MAX_ROWS)}"
