"""Names that a person reads as the same although a computer does not: `P001` and `p1`, `Bern` and `BERN `."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

import polars as pl

from reprodx.datasets.row_numbers import FIRST_ROW

MAX_PAIRS = 5
"""Pairs of rows that a message names; there may be more."""
ACCENT_AS_QUOTE = "[`´]"
"""Accents on their own are typed for quotation marks; compatibility forms would turn one into a blank."""
INVISIBLE = r"[\p{Default_Ignorable_Code_Point}\p{Cc}&&[^\s]]"
"""Signs without a shape: zero-width ones, byte order marks, soft hyphens, directions, controls."""
BLANKS = r"[\s\x{2800}]+"
AROUND = r"""^[\s\p{Pi}\p{Pf}"',;:.#()\[\]{}]+|[\s\p{Pi}\p{Pf}"',;:.#()\[\]{}]+$"""
"""Signs that are no part of the name they stand around; plus, minus and star may tell two names apart."""
ZEROS_AFTER_POINT = r"^([-+]?\d+)\.0*$"
"""A whole number with a point."""
ZEROS_BEFORE = r"(^|[-_ /:])(\p{L}*)0+(\d)"
"""Zeros at the head of a number that begins a part of a name, at once or after letters; 1.01 is not 1.1."""


@dataclass(frozen=True)
class Respellings:
    """Names of a column that stand in it in several spellings."""

    num_names: int
    """How many names do, 1 or more."""
    pairs: tuple[tuple[int, int], ...]
    """For the first `MAX_PAIRS` of them two rows, counted from 0, that spell it differently: the first of each."""

    @property
    def in_words(self) -> str:
        """The pairs by the numbers that a spreadsheet gives their rows, never by the names, which may be patients'.

        >>> Respellings(6, ((0, 3),)).in_words
        'rows 2 and 5, and others'
        """
        rows = "; ".join(f"rows {one + FIRST_ROW} and {other + FIRST_ROW}" for one, other in self.pairs)
        return f"{rows}, and others" if self.num_names > len(self.pairs) else rows


def spelling(names: pl.Series) -> pl.Series:
    """Return one form for all that is spelled alike but for letter case and signs that are easily overlooked.

    Alike are upper and lower case, full-width and other compatibility forms (NFKC), every kind of dash, names with
    signs around them or invisible ones in them, numbers with zeros before them, and whole numbers with a point.

    Args:
        names: Text; null stays null.

    Returns:
        Text to compare, not to show. It is empty only where nothing but blanks and invisible signs was.

    >>> spelling(pl.Series(["P-001", "p–1", "007", "7.0", " «Bern» ", "BERN", "+", "1.01"])).to_list()
    ['p-1', 'p-1', '7', '7', 'bern', 'bern', '+', '1.01']
    """
    text = names.str.replace_all(ACCENT_AS_QUOTE, "'").str.normalize("NFKC")
    # Two steps make ß and SS one, which lower case alone does not.
    text = text.str.to_uppercase().str.to_lowercase().str.normalize("NFKC")
    text = text.str.replace_all(INVISIBLE, "").str.replace_all(r"\p{Dash}", "-").str.replace_all(BLANKS, " ")
    text = text.str.strip_chars()
    bare = text.str.replace(ZEROS_AFTER_POINT, "$1").str.replace_all(AROUND, "")
    bare = bare.str.replace(ZEROS_AFTER_POINT, "$1").str.replace_all(ZEROS_BEFORE, "${1}${2}${3}")
    return bare.zip_with(bare != "", text)


def spelling_of(name: str) -> str:
    """Return `spelling` of one name.

    >>> spelling_of(" P-007 ")
    'p-7'
    """
    return str(spelling(pl.Series([name]))[0])


def without_accents(text: str) -> str:
    """Return letters without their accents.

    >>> without_accents("Durée für Zürich")
    'Duree fur Zurich'
    """
    return "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))


def find_respellings(names: pl.Series) -> Respellings | None:
    """Return which names stand in a column in several spellings.

    Args:
        names: Text; null is no name.

    Returns:
        None where every name is always spelled in one way.

    >>> find_respellings(pl.Series(["a", "b", "A", "a"]))
    Respellings(num_names=1, pairs=((0, 2),))
    """
    table = pl.DataFrame({"name": names}).with_row_index("row").drop_nulls().unique("name", keep="first")
    if not table.height:
        return None
    table = table.with_columns(spelling(table["name"]).alias("key"))
    rows = table.sort("row").group_by("key", maintain_order=True).agg("row").filter(pl.col("row").list.len() > 1)["row"]
    if rows.is_empty():
        return None
    return Respellings(rows.len(), tuple((first, second) for first, second, *_ in rows.head(MAX_PAIRS).to_list()))


def as_first_spelled(names: pl.Series) -> pl.Series:
    """Return every name as it is spelled where it stands first.

    >>> as_first_spelled(pl.Series(["P1", "p01", None, "P2"])).to_list()
    ['P1', 'P1', None, 'P2']
    """
    table = pl.DataFrame({"name": names, "key": spelling(names)})
    first = pl.col("name").first().over("key")
    return table.select(pl.when(pl.col("name").is_not_null()).then(first)).to_series().alias(names.name)
