"""The names of a table's columns, from its first row or for want of one."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from reprodx.datasets.csv_sniffing import is_header_missing
from reprodx.errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import Sequence


def names_of(rows: Sequence[Sequence[str]], has_header: bool | None, name: str) -> list[str]:
    """Return the names of a table's columns.

    Args:
        rows: The first rows of the table, at least one.
        has_header: Whether the first row holds names; None to find it.
        name: What the table is called in messages.

    Returns:
        Names that differ, stripped; `column_<position>` for those that have none.

    Raises:
        SchemaError: If the first row is a case although nobody said so (no cell is shown), or a name is repeated.
    """
    width = len(rows[0])
    if has_header is False:
        return [f"column_{position}" for position in range(1, width + 1)]
    if has_header is None and is_header_missing(rows):
        raise SchemaError(
            f"{name} has no header: its first row looks like a case: add one, or set data.header=false, which names "
            f"the columns column_1 to column_{width}; data.header=true takes the row for names"
        )
    names = [cell.strip() or f"column_{position}" for position, cell in enumerate(rows[0], start=1)]
    repeated = {repr(one): count for one, count in Counter(names).items() if count > 1}
    if repeated:
        listed = ", ".join(f"{one} {count} times" for one, count in repeated.items())
        raise SchemaError(f"{name} has the column {listed}: rename all but one")
    refuse_patterns(names, name)
    return names


def refuse_patterns(names: Sequence[str], name: str) -> None:
    """Refuse names that polars reads as a pattern of names.

    Args:
        names: Of the columns.
        name: What the table is called in messages.

    Raises:
        SchemaError: If there is one.
    """
    patterns = [one for one in names if one == "*" or (one.startswith("^") and one.endswith("$"))]
    if patterns:
        raise SchemaError(f"{name}: the column name {patterns[0]!r} is read as a pattern: rename it")
