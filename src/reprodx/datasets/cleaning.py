"""What turns the text of a table into values: the same rules for the cases to learn from and for new ones.

A numeric column becomes Float64, a categorical one String, and what is missing becomes null.
"""

from __future__ import annotations

import math
import re
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import polars as pl

from reprodx.datasets.levels import as_levels
from reprodx.datasets.number_format import NumberFormat
from reprodx.datasets.problems import Problems
from reprodx.datasets.row_numbers import row_number
from reprodx.datasets.spelling import ZEROS_AFTER_POINT
from reprodx.errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import Mapping

NUMERIC, CATEGORICAL = "numeric", "categorical"
ERROR, AS_MISSING, EXCLUDE = "error", "missing", "exclude"
"""What may become of a value outside its range."""
MAX_NUMBER = 1e100
"""No measurement is larger, and squares of what is overflow."""


@dataclass(frozen=True)
class ColumnRule:
    """How the text of one column becomes values."""

    kind: str
    """`NUMERIC` or `CATEGORICAL`."""
    missing: tuple[str, ...] = ()
    """Values that mean that there is none, in their plain form (see `plain`)."""
    low: float | None = None
    """Lowest plausible value, inclusive."""
    high: float | None = None
    """Highest plausible value, inclusive."""
    is_declared: bool = False
    """Whether a person, not `find_rules`, said what kind of column it is."""
    numbers: NumberFormat = field(default_factory=NumberFormat)
    """How numbers are written."""
    levels: tuple[str, ...] = ()
    """Levels in the spelling that they are kept in, whatever way cells spell them; empty where spellings count."""
    outside: str = ERROR
    """What becomes of a value outside its range: `AS_MISSING`, or it is refused; cases to learn from may also be left
    out by `EXCLUDE`."""

    def as_dict(self) -> dict[str, Any]:
        """Return the rule as JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> ColumnRule:
        """Return the rule that `as_dict` made `content` from."""
        numbers = NumberFormat(**content.get("numbers", {}))
        lists = {key: tuple(content.get(key, ())) for key in ("missing", "levels")}
        return cls(**{**content, **lists, "numbers": numbers})


def plain(text: str) -> str:
    """Return the one form of what can be written in several: whole numbers without a point, truth in small letters.

    >>> plain(" 1.0 "), plain("TRUE"), plain("Male"), plain("1.5")
    ('1', 'true', 'Male', '1.5')
    """
    text = text.strip()
    if text.lower() in ("true", "false"):
        return text.lower()
    return re.sub(ZEROS_AFTER_POINT, r"\1", text)


def as_plain(value: object) -> str:
    """Return a value of the configuration in the form that values of the table are brought to.

    >>> as_plain(1), as_plain(1.0), as_plain(True), as_plain("yes")
    ('1', '1', 'true', 'yes')
    """
    return plain(str(value))


def labels(text: pl.Series, missing: tuple[str, ...] = ()) -> pl.Series:
    """Return a text column in plain form, null where it is empty or one of `missing`."""
    written = text.drop_nulls().unique().to_list()
    read = [plain(value) for value in written]
    return text.replace_strict(
        written, [None if not value or value in missing else value for value in read], return_dtype=pl.String
    )


def clean(table: pl.DataFrame, rules: Mapping[str, ColumnRule], source: str, remedy: str = "") -> pl.DataFrame:
    """Return the values of the columns that have a rule, in the order of the rules.

    Args:
        table: One column for every rule at least: text, or numbers where the rule is numeric.
        rules: Rule by column.
        source: What the table is called in messages.
        remedy: What is asked for where text is found among numbers; empty: the keys of the configuration.

    Returns:
        Float64 and String columns with the rows of `table`; null is missing.

    Raises:
        SchemaError: With all columns that hold text where numbers should be, or values that are infinite or out of
            their range.
    """
    problems = Problems(source)
    columns = []
    for name, rule in rules.items():
        with problems.noted():
            if rule.kind == CATEGORICAL:
                columns.append(as_levels(labels(table[name], rule.missing), rule.levels))
            else:
                columns.append(_inside(_numbers(table[name], rule, source, remedy), rule, source))
    problems.refuse()
    return pl.DataFrame(columns)


def outside_range(numbers: pl.Series, rule: ColumnRule) -> pl.Series | None:
    """Return which numbers lie outside the range of a rule or beyond `MAX_NUMBER`, or None where none does.

    Args:
        numbers: Float64, null where missing.
        rule: With the range.

    Returns:
        False where a number is missing.
    """
    low, high = (-MAX_NUMBER if rule.low is None else rule.low), (MAX_NUMBER if rule.high is None else rule.high)
    lowest, highest = numbers.min(), numbers.max()
    if not isinstance(lowest, float) or not isinstance(highest, float) or (lowest >= low and highest <= high):
        return None
    return ~numbers.is_between(low, high).fill_null(value=True)


def _numbers(text: pl.Series, rule: ColumnRule, source: str, remedy: str) -> pl.Series:
    numbers = text.cast(pl.Float64) if text.dtype.is_numeric() else _read(text, rule, source, remedy)
    if numbers.is_nan().any():
        numbers = numbers.fill_nan(None)
    # A person may write the numbers that mean missing plainly whatever the file does.
    words = pl.Series(rule.missing, dtype=pl.String)
    tokens = words.cast(pl.Float64, strict=False).fill_nan(None)
    if rule.numbers != NumberFormat():
        tokens = pl.concat([tokens, rule.numbers.read(words)])
    tokens = tokens.drop_nulls().unique()
    return numbers.replace(tokens, None) if tokens.len() else numbers


def _read(text: pl.Series, rule: ColumnRule, source: str, remedy: str) -> pl.Series:
    is_plain = rule.numbers == NumberFormat()
    numbers = text.cast(pl.Float64, strict=False) if is_plain else rule.numbers.read(text)
    if numbers.null_count() == text.null_count():
        return numbers
    # Only a column with something else than numbers pays for a second look at its text.
    if is_plain:
        numbers = numbers.zip_with(numbers.is_not_null(), rule.numbers.read(text))
    stripped = text.str.strip_chars()
    is_text = numbers.is_null() & stripped.is_not_null() & ~stripped.is_in(["", *rule.missing])
    if is_text.any() and labels(text.filter(is_text), rule.missing).count():
        has_commas = NumberFormat(",").read(text.filter(is_text)).count() == is_text.sum()
        mark = ", whose decimals follow a comma" if rule.numbers.decimal == "," else ""
        advice = remedy or (
            "commas are read with data.decimal=comma or data.thousands=comma"
            if is_plain and has_commas
            else "mend it, or name its word in data.missing"
            if rule.is_declared
            else "mend it, declare the column in data.categorical or its word in data.missing"
        )
        raise SchemaError(
            f"{source}, row {row_number(is_text)}: text in the numeric column {text.name!r}{mark} ({is_text.sum()} "
            f"such rows): {advice}"
        )
    return numbers


def _inside(numbers: pl.Series, rule: ColumnRule, source: str) -> pl.Series:
    is_outside = outside_range(numbers, rule)
    if is_outside is None:
        return numbers
    if rule.outside == AS_MISSING:
        return numbers.set(is_outside, None)
    if rule.low is None and rule.high is None:
        raise SchemaError(
            f"{source}, row {row_number(is_outside)}: column {numbers.name!r} is infinite or beyond {MAX_NUMBER:g} "
            f"({is_outside.sum()} such rows): mend it, or name it in data.missing"
        )
    low, high = (-math.inf if rule.low is None else rule.low), (math.inf if rule.high is None else rule.high)
    raise SchemaError(
        f"{source}, row {row_number(is_outside)}: column {numbers.name!r} is outside [{low:g}, {high:g}] "
        f"({is_outside.sum()} such rows): mend it, widen data.ranges, or set data.outside or data.missing"
    )
