"""What of the features their owner should look at before anybody trusts a model of them."""

from __future__ import annotations

import polars as pl

from reprodx.datasets.levels import abbreviations
from reprodx.datasets.sentinels import find_sentinels

MAX_COMPARED = 20
"""Levels of a column up to which they are looked at for short and long forms."""


def find_doubts(features: pl.DataFrame) -> tuple[str, ...]:
    """Return which numbers may stand for missing values, and which levels may be one.

    Args:
        features: Clean columns, Float64 or String.

    Returns:
        One sentence for each column.

    >>> find_doubts(pl.DataFrame({"sex": ["F", "Female", "M"]}))
    ("column 'sex': 'F' and 'Female' are different levels: make them one if they are",)
    """
    found = find_sentinels(features)
    for column in features.select(pl.selectors.string()):
        levels = column.drop_nulls().unique().sort().to_list()
        if len(levels) <= MAX_COMPARED and (pairs := abbreviations(levels)):
            found.append(f"column {column.name!r}: {', '.join(pairs)} are different levels: make them one if they are")
    return tuple(found)
