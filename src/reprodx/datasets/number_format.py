"""How the numbers of one column are written: decimals, thousands, a unit, limits of measurement."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

BLANK = " \u00a0\u2007\u2009\u202f"
"""Blanks of every width that stand between thousands."""
APOSTROPHE = "'’ʼ`´"
LIMIT = r"^\s*(?:<=|>=|[<>≤≥~≈])\s*"
"""Signs of a value that was not measured exactly."""
NUMBER = (
    rf"[+-]?(?:\d{{1,3}}(?:[{BLANK}{APOSTROPHE}_]\d{{3}})+(?:[.,]\d+)?|\d+(?:[.,]\d+)*\.?|[.,]\d+)(?:[eE][+-]?\d+)?"
)
"""A number in any form; whether its commas and points make sense is another question."""
PARTS = rf"^(?P<limit>{LIMIT[1:]})?(?P<currency>[$€£¥])?\s*(?P<number>{NUMBER})(?P<rest>.*)$"
MIN_LENGTH_TO_IGNORE_CASE = 3
"""Units from this length on are the same in small and capital letters; M and m are not."""
QUOTED = r"""^=?["']+(.*\d.*?)["']+$"""
"""A number that is quoted, as spreadsheets do to keep it as it is."""
Parts = pl.DataFrame
"""Columns `limit`, `number` and `unit` of text, null where absent."""


@dataclass(frozen=True)
class NumberFormat:
    """How the numbers of one column are written; numbers that are written plainly are read under every format."""

    decimal: str = "."
    """The sign before decimals."""
    thousands: str | None = None
    """The sign between thousands; a blank stands for all of `BLANK`, ' for all of `APOSTROPHE`."""
    unit: str = ""
    """What stands beside the numbers, as `plain_unit` writes it; a number without it is taken to be in the same."""
    has_limits: bool = False
    """Whether a limit such as <0.5 is read as its number."""

    def read(self, text: pl.Series) -> pl.Series:
        """Return numbers, Float64, null where the text is none in this format.

        Args:
            text: Cells.

        Returns:
            The same length.
        """
        parts = split(text)
        number = self._ungrouped(parts["number"])
        is_plain_unit = plain_unit(parts["unit"]).fill_null("").is_in(["", self._unit_key])
        is_read = is_plain_unit & (parts["limit"].is_null() | pl.Series([self.has_limits]))
        number = number.set(~is_read, None)
        if self.decimal == ",":
            number = number.set(number.str.contains(".", literal=True), None).str.replace(",", ".", literal=True)
        return number.cast(pl.Float64, strict=False).alias(text.name)

    @property
    def _unit_key(self) -> str:
        return str(plain_unit(pl.Series([self.unit]))[0])

    def _ungrouped(self, number: pl.Series) -> pl.Series:
        if self.thousands is None:
            return number
        sign = {" ": f"[{BLANK}]", "'": f"[{APOSTROPHE}]", ".": r"\."}.get(self.thousands, self.thousands)
        decimal = r"\." if self.decimal == "." else self.decimal
        is_grouped = number.str.contains(rf"^[+-]?\d{{1,3}}(?:{sign}\d{{3}})+(?:{decimal}\d*)?$")
        return number.zip_with(~is_grouped.fill_null(value=False), number.str.replace_all(sign, ""))


def split(text: pl.Series) -> Parts:
    """Return the parts of cells that begin with a number: a sign of a limit, the number, and what stands beside it.

    Args:
        text: Cells.

    Returns:
        One row for each; all null where a cell does not begin with a number.

    >>> split(pl.Series(["< 0.5 mg/dL", "120/80", "F"])).rows()
    [('<', '0.5', 'mg/dL'), (None, '120', '/80'), (None, None, None)]
    """
    bare = text.str.strip_chars().str.replace(QUOTED, "$1").str.replace("^[−–]", "-")
    parts = bare.str.extract_groups(PARTS).struct.unnest()
    beside = pl.col("rest").str.strip_chars()
    unit = pl.when(beside != "").then(beside).otherwise(pl.col("currency"))
    is_top_coded = beside == "+"
    return parts.select(
        pl.when(is_top_coded).then(pl.lit(">=")).otherwise(pl.col("limit").str.strip_chars()).alias("limit"),
        "number",
        pl.when(~is_top_coded.fill_null(value=False)).then(unit).alias("unit"),
    )


def plain_unit(units: pl.Series) -> pl.Series:
    """Return one form for all spellings of a unit: without blanks, µ in one form, long ones in small letters.

    >>> plain_unit(pl.Series(["mm Hg", "mmhg", "M", "m"])).to_list()
    ['mmhg', 'mmhg', 'M', 'm']
    """
    plain = units.str.normalize("NFKC").str.replace_all(r"\s+", "")
    return plain.zip_with(plain.str.len_chars() < MIN_LENGTH_TO_IGNORE_CASE, plain.str.to_lowercase())
