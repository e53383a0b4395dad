"""Ids that two files write differently and that are of the same cases: `001` and `1`, `A7` and `a7`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import polars as pl

WHOLE_NUMBER = r"^(-?)0*(\d+?)(?:\.0+)?$"


class Spelling(NamedTuple):
    """How two files write the ids of cases of which each has its own spelling."""

    num: int
    """Cases, 1 or more."""
    first: str
    """The id of one of them in the first file."""
    second: str
    """In the second."""


def other_spelling(first: pl.Series, second: pl.Series) -> Spelling | None:
    """Return the cases that two files would have in common if ids were written alike, beside those that they have.

    Blanks around an id, upper and lower case, and in whole numbers zeros before and decimals of 0 are spelling, unless
    a file itself tells cases apart by them.

    Args:
        first: The ids of a file, distinct.
        second: Those of another.

    Returns:
        None where there is no such case.

    >>> import polars as pl
    >>> other_spelling(pl.Series(["001", "002"]), pl.Series(["1", "2", "3"]))
    Spelling(num=2, first='001', second='1')
    """
    import polars as pl

    one, two = (pl.DataFrame({"id": ids, "key": _key(ids)}) for ids in (first, second))
    if one["key"].is_duplicated().any() or two["key"].is_duplicated().any():
        return None
    differ = one.join(two, on="key").filter(pl.col("id") != pl.col("id_right")).sort("key", "id")
    return Spelling(differ.height, *differ.select("id", "id_right").row(0)) if differ.height else None


def _key(ids: pl.Series) -> pl.Series:
    return ids.str.strip_chars().str.to_lowercase().str.replace(WHOLE_NUMBER, "${1}${2}")
