"""Check digits, by the examples that those who give the numbers publish."""

from __future__ import annotations

import polars as pl
import pytest

from reprodx.datasets.checked_numbers import checked_numbers

VALID = (
    "943 476 5919",
    "9434765919",
    "12345678Z",
    "X1234567L",
    "255081416802538",
    "2 55 08 14 168 025 38",
    "A123456780",
)
LOOK_ALIKE = ("P-001", "12345", "2024-01-31", "C09AA", "", "943476591X")


def test_published_numbers_are_known_and_codes_are_not() -> None:
    assert checked_numbers(pl.Series(VALID)).all()
    assert not checked_numbers(pl.Series(LOOK_ALIKE)).any()


@pytest.mark.parametrize("number", ["9434765919", "255081416802538", "A123456780"])
def test_a_single_wrong_digit_is_found(number: str) -> None:
    wrong = [
        f"{number[:place]}{other}{number[place + 1 :]}"
        for place, digit in enumerate(number)
        for other in "0123456789"
        if digit.isdigit() and other != digit
    ]
    assert not checked_numbers(pl.Series(wrong)).any()


def test_the_letter_of_a_spanish_number_is_checked() -> None:
    assert checked_numbers(pl.Series([f"12345678{letter}" for letter in "TRWAGMYFPDXBNJZSQVHLCKE"])).sum() == 1
