"""Long tables are whole but folded, so that a report of many models can still be read."""

from __future__ import annotations

from reprodx.reporting.page import Folded, Table

MAX_ROWS = 20
"""Of a table that is open."""


def folded_if_long(table: Table, *, max_rows: int = MAX_ROWS) -> Table | Folded:
    """Return a table as it is, or folded under its caption where it has more rows than most.

    >>> folded_if_long(Table("a", "All", ("Model",), (("x",),) * 21)).label
    'All: 21 rows'
    """
    if len(table.rows) <= max_rows:
        return table
    return Folded(f"{table.caption}: {len(table.rows)} rows", table)
