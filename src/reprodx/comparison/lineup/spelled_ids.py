"""Ids that two files write differently and that are of the same cases: `001` and `1`, `A7` and `a7`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import polars as pl


class Spelling(NamedTuple):
    """How two files write the ids of cases of which each has its own spelling."""

    num: int
    """Cases, 1 or more."""
    first: str
    """How the id of one of them is written in the first file: its shape, not itself."""
    second: str
    """In the second."""


def other_spelling(first: pl.Series, second: pl.Series) -> Spelling | None:
    """Return the cases that two files would have in common if ids were written alike, beside those that they have.

    What `datasets.spelling` takes for one name is spelling, unless a file itself tells cases apart by it.

    Args:
        first: The ids of a file, distinct.
        second: Those of another.

    Returns:
        None where there is no such case.

    >>> import polars as pl
    >>> other_spelling(pl.Series(["001", "002"]), pl.Series(["1", "2", "3"]))
    Spelling(num=2, first='000', second='0')
    """
    import polars as pl

    from reprodx.datasets.spelling import spelling

    one, two = (pl.DataFrame({"id": ids, "key": spelling(ids)}) for ids in (first, second))
    if one["key"].is_duplicated().any() or two["key"].is_duplicated().any():
        return None
    differ = one.join(two, on="key").filter(pl.col("id") != pl.col("id_right")).sort("key", "id")
    if not differ.height:
        return None
    return Spelling(differ.height, *differ.select(shape_of(differ["id"]), shape_of(differ["id_right"])).row(0))


def shape_of(ids: pl.Series) -> pl.Series:
    """Return ids with every digit as 0 and every letter as a or A, which says how they are written and not whose.

    >>> import polars as pl
    >>> shape_of(pl.Series(["P-017", "ab"])).to_list()
    ['A-000', 'aa']
    """
    shape = ids.str.replace_all(r"\p{Lu}", "A").str.replace_all(r"\p{Nd}", "0")
    return shape.str.replace_all(r"[\p{L}--[A]]", "a")
