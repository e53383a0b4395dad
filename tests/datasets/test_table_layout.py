"""The keys by which a table is read, as a person writes them."""

from __future__ import annotations

from typing import Any

import pytest

from reprodx.datasets.number_format import NumberFormat
from reprodx.datasets.table_layout import LayoutKeys, TableLayout
from reprodx.errors import ConfigError


def test_signs_have_words_that_no_shell_takes_for_its_own() -> None:
    layout = TableLayout(separator="tab", decimal="comma", thousands="point")
    assert (layout.separator, layout.decimal, layout.thousands) == ("\t", ",", ".")
    assert TableLayout(**layout.as_dict()) == layout


@pytest.mark.parametrize(
    "wrong",
    [
        {"separator": "ab"},
        {"separator": ""},
        {"separator": '"'},
        {"decimal": ";"},
        {"thousands": "x"},
        {"decimal": ",", "thousands": ","},
        {"encoding": "klingon"},
        {"encoding": "hex"},
        {"comment": ""},
    ],
)
def test_what_cannot_be_is_refused_by_its_key(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=r"data\.(separator|decimal|thousands|encoding|comment)"):
        TableLayout(**wrong)


def test_a_reader_hands_its_keys_on() -> None:
    keys = LayoutKeys(separator=";", decimal=None, thousands=None, encoding=None, header=False, comment=None)
    assert keys.layout == TableLayout(separator=";", header=False)


def test_what_was_said_of_numbers_holds_for_every_column() -> None:
    assert TableLayout().numbers == NumberFormat()
    assert TableLayout(decimal=",").numbers == NumberFormat(",")
    assert TableLayout(thousands=".").numbers == NumberFormat(",", ".")
