"""Levels of a category: `F`, `f` and `F ` are one; `F` and `Female` may be."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import polars as pl

from reprodx.datasets.missing_words import MISSING_IN_NUMBERS
from reprodx.datasets.spelling import spelling
from reprodx.errors import first_of

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_LEVELS = 1_000
"""A column of more different words is none of categories."""
MIN_LENGTH = 3
"""A word of this length may be what a letter stands for: AB is no long form of A."""
LONG_FORMS = {("y", "yes"), ("n", "no"), ("j", "ja"), ("o", "oui"), ("s", "si"), ("s", "sí")}
MAX_NAMED = 5
"""Pairs of levels that are named."""


def find_levels(values: pl.Series) -> tuple[tuple[str, ...], list[str]]:
    """Return the levels of a column, each in its most common spelling.

    Args:
        values: Text in plain form, null where missing.

    Returns:
        The levels, sorted, and what is to be said of them; no levels where there are more than `MAX_LEVELS`.

    >>> find_levels(pl.Series(["F", "f", "F", "M"]))
    (('F', 'M'), ["'f' is read as 'F'"])
    """
    counts = values.drop_nulls().value_counts().rename({values.name: "level"})
    if counts.height > MAX_LEVELS:
        return (), []
    table = counts.with_columns(spelling(counts["level"]).alias("key")).sort("key", "level")
    first = pl.col("level").sort_by("count", descending=True, maintain_order=True).first().over("key")
    table = table.with_columns(first.alias("kept"))
    if table.height > 1 and table["key"].n_unique() == 1:
        # Nothing would be left to tell cases apart by: genotypes such as AA, Aa and aa.
        return (), ["its levels differ in letter case or signs alone and are kept apart"]
    others = table.filter(pl.col("level") != pl.col("kept"))
    pairs = [f"{level!r} is read as {kept!r}" for level, kept in others.select("level", "kept").iter_rows()]
    return tuple(table["kept"].unique().sort()), [first_of(pairs, MAX_NAMED)] if pairs else []


def as_levels(values: pl.Series, levels: Sequence[str]) -> pl.Series:
    """Return values in the spelling of the levels that they are; others stay as they are.

    >>> as_levels(pl.Series(["f", " M", "x"]), ["F", "M"]).to_list()
    ['F', 'M', 'x']
    """
    if not levels:
        return values
    kept = dict(zip(spelling(pl.Series(levels)), levels, strict=True))
    found = values.drop_nulls().unique()
    read = {value: kept.get(key, value) for value, key in zip(found, spelling(found), strict=True)}
    return values.replace_strict(read, return_dtype=pl.String)


def abbreviations(levels: Sequence[str]) -> list[str]:
    """Return which levels may be one, such as `F` and `Female`, in words.

    >>> abbreviations(["F", "Female", "Male"]), abbreviations(["A", "AB", "B"]), abbreviations(["F", "M", "missing"])
    (["'F' and 'Female'"], [], [])
    """
    found = []
    for short, long in itertools.permutations(levels, 2):
        one, other = short.casefold(), long.casefold()
        begins = [level for level in levels if level != short and level.casefold().startswith(one)]
        is_long_form = (one, other) in LONG_FORMS or len(other) >= MIN_LENGTH
        is_long_form &= other not in MISSING_IN_NUMBERS or one == "u"
        if len(one) == 1 and one.isalpha() and begins == [long] and is_long_form:
            found.append(f"{short!r} and {long!r}")
    return found
