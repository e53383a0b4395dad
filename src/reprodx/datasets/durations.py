"""Durations as text, in the two forms that tables are written in."""

from __future__ import annotations

import polars as pl

DAYS = r"^(?<days>-?\d+) days?,?(?: (?<sign>[+-])?(?<hours>\d+):(?<minutes>\d{2}):(?<seconds>\d{2}(?:\.\d+)?))?$"
"""As pandas and Python write them: `1 days 02:30:00`, and 1 hour before the start as `-1 days +23:00:00`."""
ISO = (
    r"^(?<sign>[+-])?P(?:(?<days>\d+)D)?"
    r"(?:T(?:(?<hours>\d+(?:\.\d+)?)H)?(?:(?<minutes>\d+(?:\.\d+)?)M)?(?:(?<seconds>\d+(?:\.\d+)?)S)?)?$"
)
"""ISO 8601, as R and other programs write them: `P1DT2H30M`."""


def read_durations(text: pl.Series) -> pl.Series | None:
    """Return durations in hours.

    Args:
        text: The column; null is missing.

    Returns:
        Float64, null where `text` is; None where a value is no duration, or there is no value. `02:30` is none: it may
        be a time of day.

    >>> read_durations(pl.Series(["1 days 02:30:00", "-1 days +23:00:00", "PT90M", "-PT1H"])).to_list()
    [26.5, -1.0, 1.5, -1.0]
    """
    days = _parts(text, DAYS)
    sign = _sign(days)
    of_days = days["days"] * 24 + sign * _hours(days)
    iso = _parts(text, ISO)
    of_iso = _sign(iso) * (iso["days"].fill_null(0) * 24 + _hours(iso))
    is_iso = text.str.contains(ISO) & text.str.contains(r"\d")
    hours = of_iso.zip_with(is_iso.fill_null(value=False), of_days)
    return hours.alias(text.name) if hours.count() and hours.null_count() == text.null_count() else None


def _parts(text: pl.Series, pattern: str) -> dict[str, pl.Series]:
    found = text.str.extract_groups(pattern).struct.unnest()
    numbers = found.select(pl.col("days", "hours", "minutes", "seconds").cast(pl.Float64))
    return {"sign": found["sign"], **numbers.to_dict()}


def _sign(parts: dict[str, pl.Series]) -> pl.Series:
    return (parts["sign"] == "-").fill_null(value=False).cast(pl.Float64) * -2 + 1


def _hours(parts: dict[str, pl.Series]) -> pl.Series:
    hours, minutes, seconds = (parts[name].fill_null(0) for name in ("hours", "minutes", "seconds"))
    return hours + minutes / 60 + seconds / 3600
