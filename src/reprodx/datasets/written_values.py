"""The different values of a target as they are written, and which of them are one in another spelling."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import polars as pl

from reprodx.datasets.cleaning import plain
from reprodx.datasets.spelling import spelling, spelling_of
from reprodx.schemas import ClassValue

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

MAX_SHOWN = 10
"""Values are named in messages only where there are at most this many: then they are classes, not patients' data."""
SENTINELS = (-1, -9, -99, -999, 9, 99, 999, 9999, 88, 77)
"""Numbers that often stand for no value."""
TRUTH_VALUES = {"true": ("yes", "on"), "false": ("no", "off")}
"""Words that YAML takes for truth values; a table may have them as they are."""

WORD_AND_NUMBER, WORD_AND_NUMERAL = r"(\D*)(\d+(?:\.\d+)?)", r"(|.*[\s_-])([ivx]+)"
NUMERALS = {"i": 1.0, "ii": 2.0, "iii": 3.0, "iv": 4.0, "v": 5.0, "vi": 6.0, "vii": 7.0, "viii": 8.0, "ix": 9.0}
"""Roman ones, as grades and stages have them."""


@dataclass(frozen=True)
class WrittenValues:
    """The values of one column, by one spelling each."""

    counts: Mapping[str, int]
    """Rows by value, null among them as ""; the values as they are written."""
    value_of: Mapping[str, str | None]
    """For each of `counts` its value in the commonest spelling; None where it means that there is none."""

    @classmethod
    def of(cls, text: pl.Series, missing: Sequence[str]) -> WrittenValues:
        """Return the values of a column.

        Args:
            text: Text.
            missing: Values in plain form that mean that there is none, beside an empty cell.

        Returns:
            Values that `spelling` takes for one are one.

        >>> WrittenValues.of(pl.Series(["No", "no ", "no", "yes", "?"]), ["?"]).found
        ['no', 'yes']
        """
        counts = dict(text.fill_null("").value_counts().sort(text.name).iter_rows())
        plains = {written: value for written in counts if (value := plain(written)) and value not in missing}
        keys = dict(zip(plains, spelling(pl.Series(plains.values(), dtype=pl.String)), strict=True))
        num_rows: dict[tuple[str, str], int] = {}
        for written, key in keys.items():
            spelled = (key, plains[written])
            num_rows[spelled] = num_rows.get(spelled, 0) + counts[written]
        commonest: dict[str, str] = {}
        for key, name in sorted(num_rows, key=lambda spelled: (-num_rows[spelled], spelled)):
            commonest.setdefault(key, name)
        value_of = {written: commonest[keys[written]] if keys.get(written) else None for written in counts}
        return cls(counts, value_of)

    @cached_property
    def found(self) -> list[str]:
        """The different values, ascending."""
        return in_ascending_order({value for value in self.value_of.values() if value is not None})

    @property
    def num_rows(self) -> dict[str, int]:
        """Rows by value of `found`."""
        totals = dict.fromkeys(self.found, 0)
        for written, count in self.counts.items():
            value = self.value_of[written]
            if value is not None:
                totals[value] += count
        return totals

    @property
    def missing_words(self) -> dict[str, int]:
        """Rows by word that means that there is none, empty cells left out."""
        return {word: count for word, count in self.counts.items() if self.value_of[word] is None and word.strip()}

    def find(self, declared: str) -> str | None:
        """Return which value something in the configuration means, whatever its spelling; None if it does not occur."""
        wanted = spelling_of(declared)
        words = (wanted, *TRUTH_VALUES.get(wanted, ()))
        return next((self._by_spelling[word] for word in words if word in self._by_spelling), None)

    @cached_property
    def _by_spelling(self) -> dict[str, str]:
        return dict(zip(spelling(pl.Series(self.found, dtype=pl.String)), self.found, strict=True))

    def respelled(self) -> list[str]:
        """Return in words which values are written in several spellings that differ in more than blanks and points."""
        ways: dict[str, dict[str, int]] = {}
        for written, count in self.counts.items():
            value = self.value_of[written]
            if value is not None:
                way, num_rows = plain(written), ways.setdefault(value, {})
                num_rows[way] = num_rows.get(way, 0) + count
        return [
            ", ".join(f"{name!r} ({count})" for name, count in names.items())
            for names in ways.values()
            if len(names) > 1
        ]

    def as_class_values(self, class_of: Mapping[str, str]) -> tuple[ClassValue, ...]:
        """Return which class each value became as it is written.

        Args:
            class_of: Class name by value of `found`.

        Returns:
            By class in the order of `class_of`, and the commonest first; what became no class comes last.
        """
        places = {name: place for place, name in enumerate(dict.fromkeys(class_of.values()))}
        rows = []
        for written, count in self.counts.items():
            value = self.value_of[written]
            rows.append(ClassValue(written, None if value is None else class_of[value], count))
        return tuple(
            sorted(rows, key=lambda row: (places.get(str(row.class_name), len(places)), -row.count, row.value))
        )


def in_ascending_order(values: set[str]) -> list[str]:
    """Return values from lowest to highest: as numbers, as one word with numbers, or else as letters.

    >>> in_ascending_order({"10", "9.5"}), in_ascending_order({"stage 10", "stage 9"}), in_ascending_order({"b", "a"})
    (['9.5', '10'], ['stage 9', 'stage 10'], ['a', 'b'])
    """
    numbers = graded_numbers(values)
    return sorted(values, key=lambda value: (numbers[value], value)) if numbers else sorted(values)


def graded_numbers(values: set[str]) -> dict[str, float] | None:
    """Return the number of each value; None where they are not numbers, nor all one word with a number or numeral.

    >>> graded_numbers({"Grade II", "Grade IV"}), graded_numbers({"low", "high"})
    ({'Grade II': 2.0, 'Grade IV': 4.0}, None)
    """
    numbers = {value: _number(value) for value in sorted(values)}
    if None not in numbers.values():
        return {value: number for value, number in numbers.items() if number is not None}
    for pattern, read in ((WORD_AND_NUMBER, float), (WORD_AND_NUMERAL, NUMERALS.get)):
        parts = {value: re.fullmatch(pattern, value.strip().lower()) for value in numbers}
        read_numbers = {value: read(part[2]) for value, part in parts.items() if part}
        is_one_word = len({part[1].strip(" _-") for part in parts.values() if part}) == 1
        known = {value: number for value, number in read_numbers.items() if number is not None}
        if is_one_word and len(known) == len(values):
            return known
    return None


def sentinels(values: Iterable[str]) -> list[str]:
    """Return numbers that often stand for no value, where they stand apart from other whole numbers.

    >>> sentinels(["0", "1", "2", "9"]), sentinels(["7", "8", "9"]), sentinels(["0", "1", "-1"])
    (['9'], [], ['-1'])
    """
    numbers = {value: _number(value) for value in values}
    known = {number for number in numbers.values() if number is not None and number.is_integer()}
    is_apart = {
        value: number == -1 or (number is not None and not known & {number - 1, number + 1})
        for value, number in numbers.items()
    }
    return [value for value, number in numbers.items() if number in SENTINELS and is_apart[value]]


def _number(value: str) -> float | None:
    try:
        number = float(value)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def shown(values: Sequence[str]) -> str:
    """Return values for the end of a message, where they are few enough to be classes."""
    return f": its values are {list(values)}" if len(values) <= MAX_SHOWN else f" among its {len(values)} values"
