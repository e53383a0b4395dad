"""Columns that name something: the case, the patient, the site. Their text is kept as it is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from reprodx.datasets.csv_file import FIRST_ROW, row_number
from reprodx.errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import Sequence


def read_names(text: pl.Series, missing: Sequence[str], key: str, source: str) -> pl.Series:
    """Return a column of names without the blanks around them; 007 and 7 are different names.

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
    if is_missing.any():
        raise SchemaError(
            f"{source}, row {row_number(is_missing)}: {key} {text.name!r} is missing ({is_missing.sum()} such rows): "
            f"every case needs one"
        )
    return names


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
