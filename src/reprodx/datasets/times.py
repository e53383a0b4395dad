"""When a case was seen: a number that grows with time, or a date."""

from __future__ import annotations

import polars as pl

from reprodx.datasets.row_numbers import row_number
from reprodx.errors import SchemaError

ISO_FORMATS = ("%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S%.f")
"""Dates that have one reading only; 03/04/2021 has two."""
YEAR_FIRST = r"^([12]\d{3})[-/.](\d{1,2})[-/.](\d{1,2})[T ]?"
"""A year of two digits is not read: 21-04-03 has two readings."""
ZONE = r"(:\d{2}(?:\.\d+)?) ?(Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)$"
"""A time zone after a time of day."""
DECIMAL_COMMA = r"^([+-]?\d*),(\d+)$"
OFFSET = r"^([+-]\d{2}):?(\d{2})?$"
"""Hours and minutes from UTC."""


def read_times(text: pl.Series, missing: tuple[str, ...], key: str, source: str) -> pl.Series:
    """Return a column of times, Float64 if all are numbers, else Datetime; null where empty.

    Args:
        text: The column, named.
        missing: Values that mean that there is none.
        key: The key of the configuration that gave the column its role.
        source: What the table is called in messages.

    Returns:
        A column of the same name; dates with a time zone are in UTC.

    Raises:
        SchemaError: If a value is neither a number nor an ISO 8601 date, or one date has a time zone and another none.
    """
    text = text.str.strip_chars().replace(["", *missing], None)
    numbers = text.cast(pl.Float64, strict=False)
    if numbers.null_count() == text.null_count():
        return numbers.fill_nan(None)
    spaced = text.str.replace(YEAR_FIRST, "$1-$2-$3 ").str.strip_chars()
    zone = spaced.str.extract(ZONE, 2)
    times = _read_dates(spaced.str.replace(ZONE, "$1"), text.str.contains(YEAR_FIRST))
    # Where most are numbers, those that are none are to be mended.
    is_bad = (times if times.count() >= numbers.count() else numbers).is_null() & text.is_not_null()
    if is_bad.any():
        raise SchemaError(
            f"{source}, row {row_number(is_bad)}: {key} {text.name!r} is neither a number nor a date such as "
            f"2021-04-03 ({is_bad.sum()} such rows): {_remedy(text.filter(is_bad))}"
        )
    return _in_utc(times, zone, key, source) if zone.count() else times


def _remedy(text: pl.Series) -> str:
    if text.str.contains(DECIMAL_COMMA).all():
        return "write decimals with a point, or set data.decimal=comma"
    return "mend it"


def _read_dates(text: pl.Series, has_year_first: pl.Series) -> pl.Series:
    dates = [text.str.to_datetime(form, strict=False, time_unit="us") for form in ISO_FORMATS]
    return pl.select(pl.when(has_year_first).then(pl.coalesce(dates)).alias(text.name)).to_series()


def _in_utc(times: pl.Series, zone: pl.Series, key: str, source: str) -> pl.Series:
    is_bare = zone.is_null() & times.is_not_null()
    if is_bare.any():
        raise SchemaError(
            f"{source}, row {row_number(is_bare)}: {key} {times.name!r} has no time zone, and other rows have one "
            f"({is_bare.sum()} such rows): give all of them one, or none"
        )
    hours, minutes = (zone.str.extract(OFFSET, part).cast(pl.Int64).fill_null(0) for part in (1, 2))
    sign = pl.select(pl.when(zone.str.starts_with("-")).then(-1).otherwise(1)).to_series()
    offset = (hours * 60 + sign * minutes) * 60_000_000
    return (times - offset.cast(pl.Duration("us"))).dt.replace_time_zone("UTC").alias(times.name)
