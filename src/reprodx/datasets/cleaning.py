"""What turns the text of a table into values: the same rules for the cases to learn from and for new ones.

A numeric column becomes Float64, a categorical one String, and what is missing becomes null.
"""

from __future__ import annotations

import re
import sys
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from reprodx.datasets.row_numbers import row_number
from reprodx.errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import Mapping

NUMERIC, CATEGORICAL = "numeric", "categorical"
SAMPLE_SIZE = 1_000
"""Rows from the top by which a column's kind is judged; all its different values where these rows hold none."""
MIN_NUMERIC_SHARE = 0.5
"""Share of numbers among a column's values from which it is taken for a numeric one with mistakes in it."""
DATE = r"^\d{4}-\d{1,2}-\d{1,2}([T ].*)?$|^\d{1,2}[./-]\d{1,2}[./-]\d{2,4}$"
"""What a date looks like."""


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
    """Whether a person, not `find_kind`, said what kind of column it is."""

    def as_dict(self) -> dict[str, Any]:
        """Return the rule as JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> ColumnRule:
        """Return the rule that `as_dict` made `content` from."""
        return cls(**{**content, "missing": tuple(content["missing"])})


def plain(text: str) -> str:
    """Return the one form of what can be written in several: whole numbers without a point, truth in small letters.

    >>> plain(" 1.0 "), plain("TRUE"), plain("Male"), plain("1.5")
    ('1', 'true', 'Male', '1.5')
    """
    text = text.strip()
    if text.lower() in ("true", "false"):
        return text.lower()
    return re.sub(r"^([+-]?\d+)\.0*$", r"\1", text)


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


def find_kind(text: pl.Series, missing: tuple[str, ...], source: str) -> str:
    """Return what kind of column this is, judged by its first rows.

    Numbers only, or no values at all: numeric, however few different numbers there are. Text, truth values, or less
    than half numbers: categorical.

    Args:
        text: The column, named.
        missing: Values that mean that there is none, in plain form.
        source: What the table is called in messages.

    Returns:
        `NUMERIC` (also for half numbers or more, where `clean` then names the rows that are none) or `CATEGORICAL`.

    Raises:
        SchemaError: If the values are dates, or numbers with decimal commas.
    """
    sample = labels(text.head(SAMPLE_SIZE), missing).drop_nulls()
    if sample.is_empty():
        sample = labels(text.unique(), missing).drop_nulls()
    if _numeric_share(sample) >= MIN_NUMERIC_SHARE:
        return NUMERIC
    if sample.str.contains(DATE).all():
        raise SchemaError(
            f"{source}: column {text.name!r} holds dates: name it in data.time or data.drop, or make it an age"
        )
    if _numeric_share(sample.str.replace(",", ".", literal=True)) >= MIN_NUMERIC_SHARE:
        raise SchemaError(f"{source}: column {text.name!r} holds decimal commas: write its numbers with a point")
    return CATEGORICAL


def clean(table: pl.DataFrame, rules: Mapping[str, ColumnRule], source: str) -> pl.DataFrame:
    """Return the values of the columns that have a rule, in the order of the rules.

    Args:
        table: String columns, one for every rule at least.
        rules: Rule by column.
        source: What the table is called in messages.

    Returns:
        Float64 and String columns with the rows of `table`; null is missing.

    Raises:
        SchemaError: If a numeric column holds text, or a value that is infinite or out of its range.
    """
    numeric = [name for name, rule in rules.items() if rule.kind == NUMERIC]
    numbers = table.select(pl.col(numeric).cast(pl.Float64, strict=False))
    columns = []
    for name, rule in rules.items():
        if rule.kind == CATEGORICAL:
            columns.append(labels(table[name], rule.missing))
        else:
            columns.append(_without_missing(table[name], numbers[name], rule, source))
    values = pl.DataFrame(columns)
    _check_ranges(values.select(numeric), rules, source)
    return values


def _numeric_share(values: pl.Series) -> float:
    return 1.0 if values.is_empty() else values.cast(pl.Float64, strict=False).count() / values.len()


def _without_missing(text: pl.Series, numbers: pl.Series, rule: ColumnRule, source: str) -> pl.Series:
    if numbers.null_count() > text.null_count():
        # Only a column with something else than numbers pays for a second look at its text.
        text = text.str.strip_chars()
        numbers = text.cast(pl.Float64, strict=False)
        is_text = numbers.is_null() & text.is_not_null() & ~text.is_in(["", *rule.missing])
        if is_text.any():
            raise SchemaError(
                f"{source}, row {row_number(is_text)}: text in the numeric column {text.name!r} "
                f"({is_text.sum()} such rows): mend it, declare the column in data.categorical or its word in "
                f"data.missing"
            )
    if numbers.is_nan().any():
        numbers = numbers.fill_nan(None)
    tokens = pl.Series(rule.missing, dtype=pl.String).cast(pl.Float64, strict=False).fill_nan(None).drop_nulls()
    return numbers.replace(tokens.unique(), None) if tokens.len() else numbers


def _check_ranges(numbers: pl.DataFrame, rules: Mapping[str, ColumnRule], source: str) -> None:
    lowest, highest = numbers.min(), numbers.max()
    for column in numbers:
        rule = rules[column.name]
        low = -sys.float_info.max if rule.low is None else rule.low
        high = sys.float_info.max if rule.high is None else rule.high
        if column.count() and (lowest[column.name][0] < low or highest[column.name][0] > high):
            is_outside = ~column.is_between(low, high)
            raise SchemaError(
                f"{source}, row {row_number(is_outside)}: column {column.name!r} is outside [{low:g}, {high:g}] "
                f"({is_outside.sum()} such rows): mend it, widen data.ranges or name the value in data.missing"
            )
