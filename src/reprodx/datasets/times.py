"""When a case was seen: a number that grows with time, or a date."""

from __future__ import annotations

import polars as pl

from reprodx.datasets.row_numbers import row_number
from reprodx.errors import SchemaError

ISO_FORMATS = ("%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S%.f")
"""Dates that have one reading only; 03/04/2021 has two."""


def read_times(text: pl.Series, missing: tuple[str, ...], source: str) -> pl.Series:
    """Return a column of times, Float64 if all are numbers, else Datetime; null where empty.

    Args:
        text: The column, named.
        missing: Values that mean that there is none.
        source: What the table is called in messages.

    Returns:
        A column of the same name.

    Raises:
        SchemaError: If a value is neither a number nor an ISO 8601 date without a time zone.
    """
    text = text.str.strip_chars().replace(["", *missing], None)
    numbers = text.cast(pl.Float64, strict=False)
    if numbers.null_count() == text.null_count():
        return numbers
    spaced = pl.col(text.name).str.replace("T", " ", literal=True)
    dates = text.to_frame().select(
        pl.coalesce(spaced.str.to_datetime(form, strict=False, time_unit="us") for form in ISO_FORMATS)
    )
    times = dates.to_series()
    is_bad = times.is_null() & text.is_not_null()
    if is_bad.any():
        raise SchemaError(
            f"{source}, row {row_number(is_bad)}: data.time {text.name!r} is neither a number nor a date such as "
            f"2021-04-03 ({is_bad.sum()} such rows): mend it"
        )
    return times
