"""Stays that one table has and another has not, and hours that lie after all that is known of a stay."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from reprodx.datasets.measurements import STEP
from reprodx.datasets.spelling import spelling
from reprodx.datasets.stay_hours import STAY
from reprodx.errors import SchemaError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from reprodx.datasets.measurements import Measurements

MAX_SHARE_AFTER = 0.5
"""Share of labels that may lie after the last row of their stay without a word."""


def compare_stays(stays: pl.Series, others: pl.Series, source: str, other_source: str) -> str | None:
    """Return how many stays of one table have no row in another.

    Args:
        stays: Ids of one table, perhaps repeated.
        others: Ids of the other.
        source: What the first table is called in messages.
        other_source: What the second is called.

    Returns:
        One sentence; None where all have one.

    Raises:
        SchemaError: If ids are those of the other table but for their spelling.

    >>> compare_stays(pl.Series(["1", "2"]), pl.Series(["1", "3"]), "a.csv", "b.csv")
    '1 of 2 stays of a.csv have no row in b.csv'
    """
    found, known = stays.unique(), others.unique()
    alone = found.filter(~found.is_in(known.implode()))
    if not alone.len():
        return None
    # Also those of the other table that are here too: rows of one stay may spell it in two ways.
    num_alike = int(spelling(alone).is_in(spelling(known).implode()).sum())
    if num_alike:
        raise SchemaError(
            f"{source}: {num_alike} of {found.len()} stays are in {other_source} in another spelling, such as other "
            f"letter case or zeros: write data.id alike in all tables"
        )
    return f"{alone.len()} of {found.len()} stays of {source} have no row in {other_source}"


def doubt_label_hours(
    measured: Measurements, stays: pl.Series, hours: NDArray[np.float64], bin_hours: float, source: str
) -> str | None:
    """Return a warning where most labels lie after the last row of their stay, as minutes do among hours.

    Args:
        measured: Says when stays end.
        stays: The stay of each label.
        hours: Shape (labels,): of each label.
        bin_hours: Length of a step.
        source: What the table of labels is called.

    Returns:
        One sentence; None where few do.
    """
    last = dict(measured.stays.select(STAY, STEP).iter_rows())
    steps = stays.replace_strict(last, default=None, return_dtype=pl.Int64).cast(pl.Float64).to_numpy()
    is_after = hours > (steps + 1) * bin_hours
    if is_after.mean() <= MAX_SHARE_AFTER:
        return None
    return (
        f"{source}: {is_after.sum()} of {len(is_after)} labels lie after the last row of their stay: are "
        f"data.label_hour and data.hour in one unit?"
    )
