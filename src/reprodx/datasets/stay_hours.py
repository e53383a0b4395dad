"""Hours since the start of a stay: counted from its first date, none beyond belief, and in hours indeed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from reprodx.datasets.plain_columns import MICROSECONDS_PER_HOUR
from reprodx.datasets.row_numbers import row_number
from reprodx.errors import SchemaError

if TYPE_CHECKING:
    from numpy.typing import NDArray

STAY, HOURS, ORIGIN = "stay", "hours", "origin"
"""Names of our columns: what is followed over time, hours since its start, its first date."""
LOOKS_LIKE = (
    (1e8, 1e10, "seconds since 1970"),
    (1e11, 1e13, "milliseconds since 1970"),
    (1e14, 1e20, "microseconds or nanoseconds since 1970"),
    (1.5e7, 3e7, "dates written yyyymmdd"),
    (2e4, 8e4, "a spreadsheet's numbers of days"),
)
"""What large numbers are by their size: from, to."""
MIN_TIMES = 5
"""Different times from which on their unit is judged."""
LONG_STAY = 30 * 24
"""Hours that few stays last."""


def clock(stays: pl.Series, times: pl.Series, source: str) -> pl.DataFrame:
    """Return hours since the start of each stay.

    Args:
        stays: The stay of each row.
        times: Hours, or dates, which count from the first of their stay.
        source: What the table is called in messages.

    Returns:
        `stay`, `hours` (Float64) and `origin` (the first date of the stay; null where times are hours).
    """
    frame = pl.DataFrame({STAY: stays, HOURS: times})
    if not times.dtype.is_temporal():
        return frame.with_columns(pl.lit(None).alias(ORIGIN))
    frame = frame.with_columns(pl.col(HOURS).min().over(STAY).alias(ORIGIN))
    return frame.with_columns(since(frame[HOURS], frame[ORIGIN], source).alias(HOURS))


def since(times: pl.Series, origin: pl.Series, source: str) -> pl.Series:
    """Return hours since the start of the stay, Float64.

    Args:
        times: Hours, or dates.
        origin: The first date of each row's stay; null where times are hours, or the stay has no row.
        source: What the table is called in messages.

    Returns:
        Hours; null for a date of a stay without a row.

    Raises:
        SchemaError: If one table has hours where the other has dates, or a time zone where the other has none.
    """
    if times.dtype.is_temporal() != origin.dtype.is_temporal():
        raise SchemaError(f"{source}: column {times.name!r} and data.hour must both be hours or both be dates")
    if not times.dtype.is_temporal():
        return times
    if times.dtype != origin.dtype:
        raise SchemaError(f"{source}: dates of column {times.name!r} and data.hour must both have a time zone, or none")
    return (times - origin).dt.total_microseconds() / MICROSECONDS_PER_HOUR


def refuse_late(hours: pl.Series, max_hours: float, key: str, column: str, source: str) -> None:
    """Refuse hours that no stay lasts: they are of another unit, or a date is wrong.

    Args:
        hours: Float64; null and infinity are not judged.
        max_hours: The last hour that there may be.
        key: The key of the configuration that names the column.
        column: Its name.
        source: What the table is called in messages.

    Raises:
        SchemaError: If an hour is later; the message names its row.
    """
    is_late = (hours.is_finite() & (hours > max_hours)).fill_null(value=False)
    if is_late.any():
        middle = float(np.median(hours.filter(is_late).to_numpy()))
        like = [words for low, high, words in LOOKS_LIKE if low <= middle < high]
        hint = f"the numbers look like {like[0]}: " if like else ""
        raise SchemaError(
            f"{source}, row {row_number(is_late)}: {key} {column!r} is more than data.max_hours ({max_hours:g}) hours "
            f"after the start of the stay ({is_late.sum()} such rows): {hint}give hours since the start, durations or "
            f"dates, or raise data.max_hours"
        )


def doubt_unit(stays: NDArray[np.int64], hours: NDArray[np.float64]) -> str | None:
    """Return in words why numbers that count as hours look like another unit; None where they do not.

    Args:
        stays: Shape (rows,): the number of the stay.
        hours: Shape (rows,): from 0.

    Returns:
        One sentence.
    """
    times = np.unique(np.round(hours[hours > 0], 6))
    if len(times) < MIN_TIMES:
        return None
    last = np.zeros(int(stays.max()) + 1)
    np.maximum.at(last, stays, hours)
    length = float(np.median(last[np.unique(stays)]))
    if _are_whole(times / 5):
        return f"all {len(times)} different times are multiples of 5, as those of minutes or seconds are"
    if _are_whole(times * 24) and not _are_whole(times * 60):
        return "all times are whole 24ths, as those of days are"
    if length > LONG_STAY:
        return f"half of the stays last longer than {length:g}, which is {length / 24:.0f} days if these are hours"
    step = _median_step(stays, hours)
    if step > 24 and not _are_whole(times / 12):
        return f"half of the times are more than {step:g} after the one before"
    return None


def _median_step(stays: NDArray[np.int64], hours: NDArray[np.float64]) -> float:
    order = np.lexsort((hours, stays))
    steps, is_same = np.diff(hours[order]), np.diff(stays[order]) == 0
    steps = steps[is_same & (steps > 0)]
    return float(np.median(steps)) if steps.size else 0.0


def _are_whole(numbers: NDArray[np.float64]) -> bool:
    return bool((np.abs(numbers - np.round(numbers)) < 2e-3).all())
