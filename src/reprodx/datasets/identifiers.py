"""Columns that name something: the case, the patient, the site. Their text is kept as it is written."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import polars as pl

from reprodx.datasets.missing_words import MISSING_IN_NUMBERS
from reprodx.datasets.row_numbers import FIRST_ROW, row_number
from reprodx.datasets.spelling import as_first_spelled, find_respellings
from reprodx.errors import LeakageError, SchemaError

if TYPE_CHECKING:
    from collections.abc import Sequence

logger = logging.getLogger(__name__)

SAME, EXACT = "same", "exact"
"""What names are that differ in spelling alone: one, or several."""


def read_names(text: pl.Series, missing: Sequence[str], key: str, source: str) -> pl.Series:
    """Return a column of names without the blanks around them.

    Args:
        text: The column, named.
        missing: Values that mean that there is none.
        key: The key of the configuration that gave the column its role.
        source: What the table is called in messages.

    Returns:
        Text without nulls.

    Raises:
        SchemaError: If a name is missing.
    """
    names = text.str.strip_chars()
    is_missing = names.is_null() | names.is_in(["", *missing])
    is_word = names.str.to_lowercase().is_in(list(MISSING_IN_NUMBERS))
    # Beside numbers `unknown` is nobody; sites and people with names may be called so.
    if key == "data.patient" and is_word.any() and names.filter(~(is_word | is_missing)).str.contains(r"\d").all():
        is_missing |= is_word
    if is_missing.any():
        raise SchemaError(
            f"{source}, row {row_number(is_missing)}: {key} {text.name!r} is missing ({is_missing.sum()} such rows): "
            f"every case needs one"
        )
    return names


def settle_spellings(names: pl.Series, rule: str | None, key: str, source: str) -> pl.Series:
    """Return names of which no two mean the same.

    Args:
        names: The column, named; without nulls.
        rule: `SAME` takes what `spelling` cannot tell apart for one name, and `EXACT` for several.
        key: What the key of the configuration that holds the rule is called, such as `data.patient_spelling`.
        source: What the table is called in messages.

    Returns:
        The names as they are, or each as it is spelled first.

    Raises:
        LeakageError: If a name occurs in several spellings and there is no rule.
    """
    found = None if rule == EXACT else find_respellings(names)
    if found is None:
        return names
    if rule is None:
        counted = f"{found.num_names} name{'s' if found.num_names > 1 else ''}"
        raise LeakageError(
            f"{source}: column {names.name!r} holds {counted} in several spellings, which differ only in letter case, "
            f"blanks, invisible signs, dashes or zeros ({found.in_words}): mend them, or say whether they are one "
            f"({key}={SAME}) or several ({key}={EXACT})"
        )
    logger.info("%s: %d names in column %r are one each in all spellings", source, found.num_names, names.name)
    return as_first_spelled(names)


def read_case_ids(text: pl.Series, missing: Sequence[str], source: str) -> pl.Series:
    """Return a column of names that are all different.

    Args:
        text: The column, named.
        missing: Values that mean that there is none.
        source: What the table is called in messages.

    Returns:
        Text without nulls, all different.

    Raises:
        SchemaError: If a name is missing or repeated.
    """
    ids = read_names(text, missing, "data.id", source)
    is_repeated = ~ids.is_first_distinct()
    if is_repeated.any():
        raise SchemaError(
            f"{source}, row {row_number(is_repeated)}: data.id {text.name!r} repeats an earlier one "
            f"({is_repeated.sum()} such rows): a case has one row"
        )
    return ids


def number_cases(num_cases: int) -> pl.Series:
    """Return what a spreadsheet calls the rows of a table, as names.

    >>> number_cases(2).to_list()
    ['row2', 'row3']
    """
    return pl.select(pl.format("row{}", pl.int_range(FIRST_ROW, FIRST_ROW + num_cases))).to_series()
