"""Separators, comments and headers, judged by the first rows."""

from __future__ import annotations

import pytest

from reprodx.datasets.csv_sniffing import Preamble, find_preamble, find_separator, is_header_missing, sample_rows


@pytest.mark.parametrize(
    ("text", "separator"),
    [
        ("a,b\n1,2\n", ","),
        ("a;b\n1,5;2,5\n", ";"),
        ("a;b, c\n1;2\n3;4\n", ";"),
        ('note,y\n"a; b; c",1\n', ","),
        ("a\n1\n", ","),
        ("a\tb\n1,2\t3\n", "\t"),
        ("", ","),
    ],
)
def test_the_separator_is_what_divides_every_row_alike(text: str, separator: str) -> None:
    assert find_separator(text) == separator


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a,b\n", Preamble(0, None)),
        ("# x\n# y, z\na,b,c\n", Preamble(2, None)),
        ("#id,y\n1,0\n", Preamble(0, None)),
        ("# note\n#id,y\n1,0\n", Preamble(1, None)),
        ("sep=;\r\na;b\n", Preamble(1, ";")),
    ],
)
def test_comments_above_the_header_are_told_from_a_header(text: str, expected: Preamble) -> None:
    assert find_preamble(text) == expected


@pytest.mark.parametrize(
    ("text", "is_missing"),
    [
        ("1,63,0.5,yes\n2,41,0.7,no\n", True),
        ("Mueller,63,m\nMeier,41,f\n", True),
        ("63.0,1.0,?,0\n41.0,?,2.0,1\n", True),
        ("1,5;2\n2,5;3\n", True),
        ("ward,yes\nward,no\nhome,yes\n", True),
        ("age,sex,y\n63,m,0\n", False),
        ("id,2019,2020\n1,5,6\n2,7,8\n", False),
        ("0,1,2,y\n5,6,7,a\n", False),
        (",0,1,2\n5,6,7,8\n", False),
        ("0,1,2\n5,6,7\n", False),
        ("400,410,420,430,440,450,460,470\n1,2,1,2,1,2,1,2\n", False),
        ("sex,smoker\nm,yes\nf,no\n", False),
        ("age\n", False),
    ],
)
def test_a_first_row_like_those_below_is_no_header(text: str, is_missing: bool) -> None:
    assert is_header_missing(sample_rows(text, find_separator(text))) == is_missing


def test_a_row_that_the_sample_cuts_off_is_not_looked_at() -> None:
    assert sample_rows("a,b\n" + "1,2\n" * 40_000, ",")[:2] == [["a", "b"], ["1", "2"]]
    assert len(sample_rows("a,b\n1," + "x" * 70_000, ",")) == 1
