"""Which rule turns the text of each column into values: declared by a person, or found by the column's values."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import polars as pl

from reprodx.datasets.cleaning import CATEGORICAL, ERROR, NUMERIC, ColumnRule, labels
from reprodx.datasets.dates import CLOCK, DATE, are_dates
from reprodx.datasets.levels import find_levels
from reprodx.datasets.missing_words import MISSING_IN_NUMBERS
from reprodx.datasets.number_finding import SIGNS, decimal_of, find_numbers
from reprodx.datasets.number_format import NUMBER, NumberFormat, split

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from reprodx.datasets.missing_values import MissingValues
    from reprodx.datasets.table_layout import TableLayout

MIN_NUMERIC_SHARE = 0.5
"""Share of numbers among a column's values from which it is taken for a numeric one with mistakes in it."""
MAX_CODES, MIN_ROWS_PER_CODE = 12, 3
"""Up to so many different values, each in so many rows on average, are codes such as 1/2 and <50, not measurements."""
NUM_JUDGED = 20_000
"""Different values by which a column is judged, the most common first."""
SAMPLE_SIZE = 1_000
"""Rows by which the table's sign before decimals is judged."""
MEASURED = r"^(?i)(?:[kmuµ\x{3bc}npdc]?(?:g|l|mol|m|eq|iu|v|pa|bar)|mmhg|bpm|%|mcg|kcal|(?:day|week|year)s?)(?:/|$)"
"""Units of what is measured, not of codes."""
WORDED = rf"^\p{{L}}{{1,8}}[.:=]?\s+{NUMBER}(?:\s*[\p{{L}}%/]+)?$|^[^\p{{L}}]*\d[^\p{{L}}]*$"
"""A word or signs before a number."""
LED_BY_ZERO = r"^\s*0\d"
"""How codes begin, such as postcodes, 038.9 of ICD-9, or 007."""
CODES_AS_NUMBERS = (
    "some of its numbers begin with a zero, as codes do: it is read as numbers (data.categorical if each is a level)"
)
INSTEAD = "name it in data.categorical if each value is a level, else in data.drop"


@dataclass(frozen=True)
class ColumnSettings:
    """What a person said of columns."""

    missing: MissingValues
    layout: TableLayout
    categorical: Sequence[str] = ()
    numeric: Sequence[str] = ()
    case_sensitive: Sequence[str] = ()
    ranges: Mapping[str, Sequence[float]] = field(default_factory=dict)
    outside: str = ERROR
    """What becomes of a value outside its range, see `ColumnRule.outside`."""


@dataclass
class FoundRules:
    """The rules of a table's columns."""

    rules: dict[str, ColumnRule] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    """What is read otherwise than it stands in the table, one sentence each."""
    problems: list[str] = field(default_factory=list)
    """What keeps columns from being read, which have no rule then."""


def find_rules(table: pl.DataFrame, settings: ColumnSettings) -> FoundRules:
    """Return the rule of each column.

    Numbers only, or no values at all: numeric, however few different numbers there are. Text, truth values, or less
    than half numbers: categorical. Numbers with a unit, with decimal commas or between thousands are read where they
    have one reading; dates, limits and several numbers a cell are refused rather than taken for categories.

    Args:
        table: The columns as text.
        settings: What was said of them.

    Returns:
        Rules, notes and problems.
    """
    found = FoundRules()
    decimal = decimal_of(table.head(SAMPLE_SIZE))
    if settings.layout.decimal is not None:
        decimal = settings.layout.decimal
    elif decimal is None and settings.layout.separator == ";":
        # Where commas separate decimals, semicolons separate cells.
        decimal = ","
    for text in table:
        rule, notes, problems = _find_rule(text, settings, decimal)
        where = f"column {text.name!r}: "
        found.notes += [where + note for note in notes]
        found.problems += [where + problem for problem in problems]
        if not problems:
            found.rules[text.name] = rule
    return found


_Rule = tuple[ColumnRule, list[str], list[str]]


def _find_rule(text: pl.Series, settings: ColumnSettings, decimal: str | None) -> _Rule:
    missing = settings.missing.of(text.name)
    is_declared = text.name in (*settings.categorical, *settings.numeric, *settings.ranges)
    low, high = settings.ranges.get(text.name, (None, None))
    rule = ColumnRule(NUMERIC, missing, low, high, is_declared, outside=settings.outside)
    if text.name in settings.categorical:
        return _categorical(text, rule, settings)
    numbers = text.cast(pl.Float64, strict=False)
    has_plain_signs = settings.layout.decimal in (None, ".") and settings.layout.thousands != "." and decimal != ","
    if numbers.null_count() == text.null_count() and has_plain_signs:
        if is_declared:
            return rule, [], []
        is_code = text.head(SAMPLE_SIZE).str.contains(LED_BY_ZERO).any()
        return rule, [CODES_AS_NUMBERS] if is_code else [], _dates_as_numbers(numbers)
    return _judge(text, rule, settings, decimal)


def _categorical(text: pl.Series, rule: ColumnRule, settings: ColumnSettings) -> _Rule:
    rule = replace(rule, kind=CATEGORICAL)
    if text.name in settings.case_sensitive:
        return rule, [], []
    levels, notes = find_levels(labels(text, rule.missing))
    num_none = (text == "None").sum() if settings.missing.is_usual else 0
    if num_none:
        notes.append(
            f"'None' in {num_none} rows means missing: if it is a level, give data.missing without it, as [NA]"
        )
    return replace(rule, levels=levels), notes, []


def _judge(text: pl.Series, rule: ColumnRule, settings: ColumnSettings, decimal: str | None) -> _Rule:
    """Judge a column that holds something else than plain numbers."""
    cells = text.str.strip_chars().alias("text")
    values, num_plain = _counted(cells, rule.missing)
    is_word = values["text"].str.to_lowercase().is_in(list(MISSING_IN_NUMBERS))
    words = values.filter(is_word) if settings.missing.is_usual else values.clear()
    values = values.join(words, on="text", how="anti", maintain_order="left")
    forms = {form: values.filter(is_so) for form, is_so in _forms(values["text"]).items()}
    rows = {form: int(part["count"].sum()) for form, part in forms.items()}
    rows["number"] += num_plain
    num_rows = sum(rows.values())
    if not rule.is_declared:
        for form, name in {"date": "dates", "clock": "times of day or durations"}.items():
            if rows[form] > num_rows / 2:
                todo = "name it in data.time or data.drop, or make it an age" if form == "date" else "make it a number"
                return rule, [], [f"{rows[form]} of {num_rows} rows hold {name}: {todo}"]
        worded = forms["word"].filter(pl.col("text").str.contains(WORDED))
        num_worded = int(worded["count"].sum())
        if worded.height > MAX_CODES and num_worded > num_rows / 2:
            return rule, [], [f"{num_worded} of {num_rows} rows hold more than a number, as 'kg 70' does: {INSTEAD}"]
        if rows["number"] < MIN_NUMERIC_SHARE * num_rows:
            return _categorical(text, rule, settings)
        if _are_codes(forms["number"]):
            rule, notes, problems = _categorical(text, rule, settings)
            return rule, [*notes, "its few values begin with numbers and are read as levels (data.numeric)"], problems
    found = find_numbers(cells, forms["number"], settings.layout, decimal, is_declared=rule.is_declared)
    problems = [f"{problem} ({INSTEAD})" for problem in found.problems]
    rule = replace(rule, numbers=found.numbers, missing=(*rule.missing, *words["text"]))
    if not problems and not rule.is_declared:
        problems = _doubtful(text, rule, decimal)
    notes = list(found.notes)
    if words.height:
        listed = ", ".join(map(repr, words["text"].sort()))
        notes.append(
            f"{listed} in {words['count'].sum()} rows means missing, for the others are numbers (data.missing)"
        )
    return rule, notes, problems


def _counted(cells: pl.Series, missing: Sequence[str]) -> tuple[pl.DataFrame, int]:
    """Return the different values that are there and the rows of each, and how many rows hold other plain numbers."""
    counts = cells.drop_nulls().value_counts(sort=True)
    is_plain = counts["text"].cast(pl.Float64, strict=False).is_not_null()
    plain, others = counts.filter(is_plain), counts.filter(~is_plain & (counts["text"] != "")).head(NUM_JUDGED)
    others = others.filter(~labels(others["text"], tuple(missing)).is_null())
    return pl.concat([others, plain.head(NUM_JUDGED)]), int(plain["count"][NUM_JUDGED:].sum())


def _forms(text: pl.Series) -> dict[str, pl.Series]:
    is_plain = text.cast(pl.Float64, strict=False).is_not_null()
    is_date = text.str.contains(DATE) & ~is_plain
    is_clock = text.str.contains(CLOCK) & ~is_date
    is_number = (is_plain | split(text)["number"].is_not_null()) & ~is_date & ~is_clock
    return {"date": is_date, "clock": is_clock, "number": is_number, "word": ~(is_date | is_clock | is_number)}


def _are_codes(values: pl.DataFrame) -> bool:
    """Return whether values that begin with a number are codes: few, common, and not all numbers in one unit."""
    parts = values.hstack(split(values["text"]).get_columns())
    is_measured = parts["limit"].is_null().all() and parts["unit"].n_unique() == 1
    is_measured |= parts["unit"].str.contains(MEASURED).any() is True
    num_rows = int(parts["count"].sum())
    return not is_measured and 0 < parts.height <= MAX_CODES and num_rows >= MIN_ROWS_PER_CODE * parts.height


def _doubtful(text: pl.Series, rule: ColumnRule, decimal: str | None) -> list[str]:
    cells = text.str.strip_chars()
    is_either = rule.numbers == NumberFormat() and bool(cells.str.contains(SIGNS["either", "."]).any())
    if decimal == "," and is_either and not cells.str.contains(SIGNS["decimal", "."]).any():
        return [
            "its numbers have a point before three digits, as 1.234 has, where decimals may follow a comma: "
            "data.thousands=point reads 1234, data.decimal=point 1.234"
        ]
    return _dates_as_numbers(rule.numbers.read(text))


def _dates_as_numbers(numbers: pl.Series) -> list[str]:
    if not are_dates(numbers):
        return []
    return [
        "its whole numbers are dates, such as 20210930 or days since 1900: name it in data.time or data.drop, make it "
        "an age, or name it in data.numeric if they are none"
    ]
