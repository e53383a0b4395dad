"""Subgroups for which performance is reported: bands of a number, or the words of a column."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Sequence

MISSING = "missing"
"""The group of cases for which the column has no value."""
MAX_CODES = 10
"""Up to so many different numbers are codes (0 and 1 for the sexes) and each is a group of its own."""


def group_of(values: pl.Series, cuts: Sequence[float] | None) -> pl.Series:
    """Return the group of each case, as text.

    Args:
        values: A clean column, Float64 or String, null where missing.
        cuts: Where one band ends and the next begins, ascending; a cut belongs to the upper band. None for thirds of
            the cases where the column is numeric and has more than `MAX_CODES` different numbers.

    Returns:
        Text without nulls.

    >>> group_of(pl.Series("age", [49.0, 50.0, None]), [50, 65]).to_list()
    ['<50', '50-<65', 'missing']
    """
    if values.dtype == pl.String:
        return values.fill_null(MISSING)
    if cuts is None and values.drop_nulls().n_unique() <= MAX_CODES:
        codes = {code: f"{code:g}" for code in values.drop_nulls().unique()}
        return values.replace_strict(codes, return_dtype=pl.String).fill_null(MISSING)
    bounds = _thirds(values) if cuts is None else list(cuts)
    names = [f"<{bounds[0]:g}", *(f"{low:g}-<{high:g}" for low, high in itertools.pairwise(bounds))]
    names.append(f">={bounds[-1]:g}")
    positions = np.searchsorted(bounds, values.to_numpy(), side="right")
    return pl.Series(values.name, names).gather(positions).set(values.is_null(), MISSING)


def _thirds(values: pl.Series) -> list[float]:
    thirds = [values.quantile(share, "nearest") for share in (1 / 3, 2 / 3)]
    return sorted({third for third in thirds if third is not None})
