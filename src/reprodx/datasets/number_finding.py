"""How the numbers of a column are written: found where its values have one reading only, else refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from reprodx.datasets.number_format import APOSTROPHE, BLANK, NumberFormat, plain_unit, split
from reprodx.datasets.row_numbers import rows_where

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from reprodx.datasets.table_layout import TableLayout

SIGNS = {
    ("decimal", ","): r"^[+-]?(?:(?:\d*|\d{1,3}(?:\.\d{3})+),(?:\d{1,2}|\d{4,})|(?:0*|\d{4,}),\d+)(?:[eE].*)?$",
    ("decimal", "."): r"^[+-]?(?:(?:\d*|\d{1,3}(?:,\d{3})+)\.(?:\d{1,2}|\d{4,})?|(?:0*|\d{4,})\.\d+)(?:[eE].*)?$",
    ("thousands", ","): r"^[+-]?\d{1,3}(?:(?:,\d{3}){2,}|(?:,\d{3})+\.\d*)$",
    ("thousands", "."): r"^[+-]?\d{1,3}(?:(?:\.\d{3}){2,}|(?:\.\d{3})+,\d*)$",
    ("thousands", " "): rf"^[+-]?\d{{1,3}}(?:[{BLANK}]\d{{3}})+(?:[.,]\d*)?$",
    ("thousands", "'"): rf"^[+-]?\d{{1,3}}(?:[{APOSTROPHE}]\d{{3}})+(?:[.,]\d*)?$",
    ("thousands", "_"): r"^[+-]?\d{1,3}(?:_\d{3})+(?:\.\d*)?$",
    ("either", ","): r"^[+-]?[1-9]\d{0,2},\d{3}$",
    ("either", "."): r"^[+-]?[1-9]\d{0,2}\.\d{3}$",
}
"""What the form of a number says of its signs: 1,5 has a decimal comma, 1,234,567 groups, 1,234 is either."""
UNIT = r"^(?:/?\p{L}|[%‰°µμΩ$€£¥²³]|[x×*]\s*10)"
"""How a unit begins."""
MAX_UNITS = 20
"""What stands beside numbers in more ways is no unit."""
MIN_NAMED_ROWS, MAX_NAMED, MAX_UNIT_LENGTH = 5, 4, 12
"""What stands beside numbers is shown where it is short, and so common that it is of no one patient."""


@dataclass
class Found:
    """How a column's numbers are written."""

    numbers: NumberFormat = field(default_factory=NumberFormat)
    notes: list[str] = field(default_factory=list)
    """What is read otherwise than it stands there."""
    problems: list[str] = field(default_factory=list)
    """What keeps the column from being read as numbers, with the key to set."""


def find_numbers(
    cells: pl.Series, values: pl.DataFrame, layout: TableLayout, decimal: str | None, *, is_declared: bool
) -> Found:
    """Return how a column's numbers are written.

    Args:
        cells: The column without blanks around its text, all rows of the file.
        values: Columns `text`, different values that begin with a number, and `count`, the rows of each.
        layout: What was said of the table.
        decimal: The sign before decimals in other columns of the table, None where that is not known.
        is_declared: Whether a person said that the column is numeric: then limits are read as their number, and
            numbers without a unit as being in the unit of the others.

    Returns:
        The format, or the problems.
    """
    parts = values.hstack(split(values["text"]).get_columns())
    found = Found()
    several = parts.filter(pl.col("unit").is_not_null() & ~pl.col("unit").str.contains(UNIT))
    if several.height:
        found.problems.append(
            f"{_rows(several, cells)}: more than one plain number a cell, as in 120/80: make a column of each number"
        )
    single = parts.join(several, on="text", how="anti")
    limits = single.filter(pl.col("limit").is_not_null())
    if limits.height and not is_declared:
        found.problems.append(
            f"{_rows(limits, cells)}: limits such as <0.5: data.numeric reads each as its number, or replace them"
        )
    elif limits.height:
        found.notes.append(f"limits such as <0.5 are read as their number ({limits['count'].sum()} rows)")
    unit = _unit(single, cells, found, is_declared=is_declared)
    point, thousands = _signs(single, layout, decimal, found)
    found.numbers = NumberFormat(point, thousands, unit, has_limits=is_declared and limits.height > 0)
    return found


def decimal_of(text: pl.DataFrame) -> str | None:
    """Return the sign before decimals in a table, where some numbers show it and none shows the other.

    Args:
        text: Rows of the table.

    Returns:
        A point, a comma, or None.

    >>> decimal_of(pl.DataFrame({"age": ["60.5"], "leukocytes": ["10,434"]}))
    '.'
    """
    shown: set[str] = set()
    for column in text:
        numbers = column.drop_nulls().str.strip_chars()
        for sign in (".", ","):
            is_shown = numbers.str.contains(SIGNS["decimal", sign])
            if numbers.len() and is_shown.sum() > numbers.len() / 4:
                shown.add(sign)
    return shown.pop() if len(shown) == 1 else None


def _unit(parts: pl.DataFrame, cells: pl.Series, found: Found, *, is_declared: bool) -> str:
    """Return the one unit, in the spelling that is the most common."""
    with_unit = parts.filter(pl.col("unit").is_not_null())
    if not with_unit.height:
        return ""
    spelled = with_unit.with_columns(plain_unit(with_unit["unit"]).alias("plain"))
    spelled = (
        spelled.group_by("plain", "unit").agg(pl.col("count").sum()).sort(["count", "unit"], descending=[True, False])
    )
    units = spelled.group_by("plain", maintain_order=True).agg(pl.col("count").sum(), pl.col("unit").first())
    units = units.sort(["count", "plain"], descending=[True, False])
    unit = str(units["unit"][0])
    without = parts.filter(pl.col("unit").is_null())
    if units.height > 1:
        is_shown = (pl.col("count") >= MIN_NAMED_ROWS) & (pl.col("unit").str.len_chars() <= MAX_UNIT_LENGTH)
        shown = ", ".join(units.filter(is_shown)["unit"].head(MAX_NAMED))
        named = f" ({shown})" if shown else ""
        rare = spelled.filter(pl.col("plain") != units["plain"][0])["unit"]
        others = with_unit.filter(pl.col("unit").is_in(rare.to_list()))
        if units.height > MAX_UNITS:
            found.problems.append(
                "numbers and letters in one, as codes and ids have: name it in data.patient if they "
                "say whose case it is"
            )
        else:
            found.problems.append(
                f"{units.height} different units{named}, the rarer ones in {_rows(others, cells)}: bring them to one"
            )
    elif without.height and not is_declared:
        where = f"{_rows(without, cells)}: no unit where the others have one"
        if int(with_unit["count"].sum()) < int(without["count"].sum()):
            where = f"{_rows(with_unit, cells)}: a unit where the others have none"
        todo = "mend it, or name the column in data.numeric if the unit is the same"
        found.problems.append(f"{where}{_quoted(units)}: {todo}")
    else:
        found.notes.append(f"the unit{_quoted(units)} beside its numbers is left away")
    return unit


def _quoted(units: pl.DataFrame) -> str:
    unit, count = str(units["unit"][0]), int(units["count"][0])
    return f" {unit!r}" if len(unit) <= MAX_UNIT_LENGTH and count >= MIN_NAMED_ROWS else ""


def _signs(parts: pl.DataFrame, layout: TableLayout, decimal: str | None, found: Found) -> tuple[str, str | None]:
    """Return the signs before decimals and between thousands; a problem where they are not clear."""
    number = pl.col("number")
    shown = {key for key, form in SIGNS.items() if parts.select(number.str.contains(form).any()).item()}
    point = layout.decimal or _decimal(shown, layout, decimal)
    if point is None:
        found.problems.append(
            "its numbers have a comma before three digits, as 1,234 has: data.thousands=comma reads 1234, "
            "data.decimal=comma 1.234"
        )
        return ".", None
    other = "," if point == "." else "."
    if {("decimal", other), ("thousands", point)} & shown:
        word = "comma" if point == "," else "point"
        found.problems.append(
            f"its numbers have points and commas before decimals, or data.decimal={word} is not right: mend it"
        )
    found_signs = [sign for kind, sign in shown if kind == "thousands" or (kind == "either" and sign == other)]
    thousands = layout.thousands or min(found_signs, default=None)
    if len({*found_signs, thousands}) > 1:
        found.problems.append("its numbers have several signs between thousands: mend it")
    if point == "," and layout.decimal is None:
        found.notes.append("its decimals are read after a comma (data.decimal)")
    if found_signs and layout.thousands is None:
        named_sign = {",": "commas", ".": "points", " ": "blanks", "'": "apostrophes"}.get(str(thousands), "signs")
        found.notes.append(f"{named_sign} between thousands are left away (data.thousands)")
    return point, thousands


def _decimal(shown: AbstractSet[tuple[str, str]], layout: TableLayout, of_table: str | None) -> str | None:
    if layout.thousands in (".", ","):
        return "," if layout.thousands == "." else "."
    has_comma = ("decimal", ",") in shown or ("thousands", ".") in shown
    has_point = ("decimal", ".") in shown or ("thousands", ",") in shown
    if has_comma and not has_point:
        return ","
    is_clear = has_point or ("either", ",") not in shown
    return "." if is_clear else of_table


def _rows(parts: pl.DataFrame, cells: pl.Series) -> str:
    return rows_where(cells.is_in(parts["text"].to_list()).fill_null(value=False))
