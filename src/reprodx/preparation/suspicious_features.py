"""Features that a model should not learn from because they name their cases."""

from __future__ import annotations

import polars as pl

MIN_DISTINCT_SHARE = 0.95
"""Share of distinct values from which on a column may be an id."""
MIN_CASES_FOR_ID = 20
"""With fewer cases a measurement may well be distinct and in order."""


def is_like_id(values: pl.Series) -> bool:
    """Return whether a column names its cases rather than measures them.

    Nearly all values are distinct, and they are text; or whole numbers that ascend or descend through the file, or
    that fill at least half of the range that they span, which a measurement would fill with repetitions.

    Args:
        values: Shape (cases,), Float64 or String, in the order of the file.

    Returns:
        False where fewer than `MIN_CASES_FOR_ID` cases have a value.

    >>> is_like_id(pl.Series(range(30)).cast(pl.Float64)), is_like_id(pl.Series(range(30)).cast(pl.Float64).sqrt())
    (True, False)
    """
    present = values.drop_nulls()
    is_text = present.dtype == pl.String
    if present.len() < MIN_CASES_FOR_ID or not (is_text or (present == present.round()).all()):
        return False
    num_distinct = present.n_unique()
    if num_distinct < MIN_DISTINCT_SHARE * values.len():
        return False
    if is_text or present.is_sorted() or present.is_sorted(descending=True):
        return True
    numbers = present.to_numpy()
    return bool(num_distinct >= (numbers.max() - numbers.min() + 1) / 2)
