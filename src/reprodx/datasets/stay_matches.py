"""Stays that one table has and another has not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reprodx.datasets.spelling import spelling
from reprodx.errors import SchemaError

if TYPE_CHECKING:
    import polars as pl


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

    >>> import polars as pl
    >>> compare_stays(pl.Series(["1", "2"]), pl.Series(["1", "3"]), "a.csv", "b.csv")
    '1 of 2 stays of a.csv have no row in b.csv'
    """
    found = stays.unique()
    alone = found.filter(~found.is_in(others.unique().implode()))
    if not alone.len():
        return None
    unmatched = others.filter(~others.is_in(found.implode())).unique()
    num_alike = int(spelling(alone).is_in(spelling(unmatched).implode()).sum())
    if num_alike:
        raise SchemaError(
            f"{source}: {num_alike} of {found.len()} stays are in {other_source} in another spelling, such as other "
            f"letter case or zeros: write data.id alike in all tables"
        )
    return f"{alone.len()} of {found.len()} stays of {source} have no row in {other_source}"
