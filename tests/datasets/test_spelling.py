"""What is one name in several spellings, and what is not."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reprodx.datasets.spelling import (
    MAX_PAIRS,
    Respellings,
    as_first_spelled,
    find_respellings,
    spelling,
    without_accents,
)

INVISIBLE = ["\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u200e", "\ufe0f", "\x00"]
AROUND = [" ", "\u00a0", "\t", "\u3000", "'", '"', "\u201c", "\u00ab", "\u00b4", ".", "#", *INVISIBLE]
DASHES = ["-", "\u2010", "\u2011", "\u2012", "\u2013", "\u2014", "\u2212", "\ufe63", "\uff0d"]
FULL_WIDTH = {ord(sign): ord(sign) - ord("!") + ord("\uff01") for sign in map(chr, range(ord("!"), ord("~") + 1))}


def spelled(*names: str) -> list[str]:
    return spelling(pl.Series(names, dtype=pl.String)).to_list()


@pytest.mark.parametrize(
    "names",
    [
        ("1", "1.0", "01", "1.", " 1 ", "1.00", "\uff11", "'1"),
        ("P001", "p001", "P1", "\uff30\uff10\uff10\uff11", "P\u200b001", "p1.", "(P01)"),
        ("00012", "12", "12.0"),
        ("P-1", *(f"p{dash}01" for dash in DASHES)),
        ("Bern", "bern", "BERN", "Bern\u00a0", "\ufeffBern", "Be\u00adrn"),
        ("Saint  Mary", "saint\u00a0mary"),
        ("Stra\u00dfe", "STRASSE", "strasse"),
        ("Z\u00fcrich", "Zu\u0308rich"),
        ("S01-P007", "s1-p7"),
        ("-", "\u2212", "\u2013 "),
    ],
)
def test_one_name(names: tuple[str, ...]) -> None:
    assert len(set(spelled(*names))) == 1


@pytest.mark.parametrize(
    "names",
    [
        ("1", "10", "100", "1.5", "1.50", "1.05", "-1", "0"),
        ("P1", "P10", "Q1", "P-1", "P1a"),
        ("1.01", "1.1", "1.10"),
        ("+", "-", "?", "*", "a+", "a-", "a"),
        ("0a01", "00a1"),
        ("Bern", "Berne", "Basel"),
    ],
)
def test_different_names(names: tuple[str, ...]) -> None:
    assert len(set(spelled(*names))) == len(names)


@settings(deadline=None, max_examples=50)
@given(st.data())
def test_whatever_is_done_to_a_name_leaves_it_the_same(data: st.DataObject) -> None:
    words = st.text("abcxyz", min_size=1, max_size=4)
    letters, number = data.draw(words), data.draw(st.integers(1, 10**9))
    zeros = st.integers(0, 5)
    names = [f"{letters}-{number}"]
    for _ in range(3):
        name = f"{letters}{data.draw(st.sampled_from(DASHES))}{'0' * data.draw(zeros)}{number}"
        name = data.draw(st.sampled_from([str.upper, str.lower, str.title]))(name)
        name = name.translate(FULL_WIDTH) if data.draw(st.booleans()) else name
        place = data.draw(st.integers(0, len(name)))
        name = name[:place] + data.draw(st.sampled_from(INVISIBLE)) + name[place:]
        before, after = (data.draw(st.lists(st.sampled_from(AROUND), max_size=3)) for _ in range(2))
        names.append("".join([*before, name, *after]))
    assert len(set(spelled(*names))) == 1


@settings(deadline=None, max_examples=50)
@given(st.lists(st.text(max_size=12), min_size=1, max_size=5))
def test_a_form_is_its_own_form_and_no_name_becomes_empty(names: list[str]) -> None:
    once = spelled(*names)
    assert spelled(*once) == once
    shown = [name for name in names if any(sign.isprintable() and not sign.isspace() for sign in name)]
    assert "" not in spelled(*(name for name in shown if name.isascii()))


@settings(deadline=None, max_examples=30)
@given(st.sets(st.integers(-(10**12), 10**12), min_size=2, max_size=8))
def test_different_numbers_are_different_names(numbers: set[int]) -> None:
    assert len(set(spelled(*map(str, numbers)))) == len(numbers)
    assert spelled(*(f"{number}.0" for number in numbers)) == spelled(*map(str, numbers))


def test_pairs_are_told_by_row_and_counted() -> None:
    assert find_respellings(pl.Series(["a", "b", "c", "a"])) is None
    assert find_respellings(pl.Series([None], dtype=pl.String)) is None
    assert find_respellings(pl.Series(["a", None, "b", "B", "A", "a"])) == Respellings(2, ((0, 4), (2, 3)))
    many = [f"p{number}" for number in range(9)]
    found = find_respellings(pl.Series([*many, *map(str.upper, many)]))
    assert found is not None
    assert (found.num_names, len(found.pairs)) == (9, MAX_PAIRS)
    assert found.in_words.startswith("rows 2 and 11; rows 3 and 12; ")
    assert found.in_words.endswith(", and others")


def test_one_name_is_spelled_as_where_it_stands_first() -> None:
    names = pl.Series("who", ["P01", "p1", "Q", None, "P1", "q "])
    assert as_first_spelled(names).to_list() == ["P01", "P01", "Q", None, "P01", "Q"]
    assert as_first_spelled(names).name == "who"


def test_accents_are_left_away_and_letters_are_not() -> None:
    assert without_accents("Überlebt, n\u0303 und ß: 患者") == "Uberlebt, n und ß: 患者"
