"""The diagnoses of PTB-XL: codes of statements with a likelihood, summed up in diagnostic superclasses.

Source: Wagner, Strodthoff, Bousseljot et al. PTB-XL, a large publicly available electrocardiography dataset. Sci Data
2020;7:154, and `example_physionet.py`, which is published with it: every code counts that is marked as diagnostic,
whatever its likelihood, where 0 means that none was stated.
"""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from reprodx.datasets.cleaning import labels
from reprodx.datasets.keys import require_columns
from reprodx.datasets.row_numbers import FIRST_ROW, rows_where
from reprodx.datasets.target import NEGATIVE, POSITIVE, Target
from reprodx.datasets.typed_file import read_text_table
from reprodx.errors import ConfigError, SchemaError
from reprodx.schemas import ClassValue

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MAX_LIKELIHOOD = 100.0
"""Percent."""
IS_DIAGNOSTIC, SUPERCLASS = "diagnostic", "diagnostic_class"
"""Columns of the table of statements; its first column is the code."""


def read_superclasses(path: str | Path) -> dict[str, str | None]:
    """Return the superclass of each code.

    Args:
        path: `scp_statements.csv`.

    Returns:
        Superclass by code; None for a code that is no diagnosis.

    Raises:
        DatasetNotFoundError: If there is no such file.
        SchemaError: If it is no table of statements, or says two things of one code.
    """
    source = Path(path).name
    table = read_text_table(Path(path), key="data.statements_path")
    require_columns(table.columns, {"data.statements_path": [IS_DIAGNOSTIC, SUPERCLASS]}, source)
    code, marks = labels(table[table.columns[0]]), labels(table[IS_DIAGNOSTIC])
    superclasses = labels(table[SUPERCLASS]).zip_with(marks == "1", pl.Series([None], dtype=pl.String))
    for wrong, what in (
        (code.is_null() | code.is_duplicated(), "a code is missing or stands there twice"),
        ((marks.is_not_null() & ~marks.is_in(["0", "1"])), f"{IS_DIAGNOSTIC!r} must be 1, 0 or empty"),
        ((marks == "1").fill_null(False) & superclasses.is_null(), f"a diagnosis has no {SUPERCLASS!r}"),
    ):
        if wrong.any():
            raise SchemaError(f"{source}, {rows_where(wrong)}: {what}: take the file as it was published")
    return dict(zip(code, superclasses, strict=True))


def superclass_columns(
    text: pl.Series, superclass_of: Mapping[str, str | None], min_likelihood: float, source: str
) -> pl.DataFrame:
    """Return which superclasses the codes of each case belong to.

    Args:
        text: Python's text of a dictionary of likelihoods by code, such as `{'NORM': 100.0, 'SR': 0.0}`; or null.
        superclass_of: Superclass by code; None for codes that are no diagnoses.
        min_likelihood: Percent from which a code counts; 0 for every code.
        source: What the table is called in messages.

    Returns:
        Columns of 0 and 1, Int8, for each superclass found, by name; a case without any has nulls.

    Raises:
        SchemaError: If a cell is no such text, a code is none of `superclass_of`, or no case has a superclass.

    >>> codes = pl.Series("codes", ["{'NORM': 100.0, 'SR': 0.0}", "{'SR': 0.0}"])
    >>> superclass_columns(codes, {"NORM": "NORM", "SR": None}, 0, "table")["NORM"].to_list()
    [1, None]
    """
    parsed = _parsed(text, source)
    is_unknown = pl.Series([bool(codes.keys() - superclass_of.keys()) for codes in parsed], dtype=pl.Boolean)
    if is_unknown.any():
        raise SchemaError(
            f"{source}, {rows_where(is_unknown)}: {text.name!r} has codes that data.statements_path does not list, so "
            f"that their diagnoses would be lost: take both files of one version"
        )
    found = [
        {name for code, percent in codes.items() if (name := superclass_of[code]) and percent >= min_likelihood}
        for codes in parsed
    ]
    names = sorted(set().union(*found))
    if not names:
        raise SchemaError(f"{source}: no code in {text.name!r} is a diagnosis: look at data.statements_path")
    columns = {name: [int(name in own) if own else None for own in found] for name in names}
    return pl.DataFrame(columns, schema=dict.fromkeys(names, pl.Int8))


def code_values(
    text: pl.Series,
    superclass_of: Mapping[str, str | None],
    class_of: Mapping[str, str],
    min_likelihood: float,
    source: str,
) -> tuple[ClassValue, ...]:
    """Return which codes became which class.

    Args:
        text: As `superclass_columns` takes it.
        superclass_of: Superclass by code; None for codes that are no diagnoses.
        class_of: Class or label by superclass; others are none.
        min_likelihood: Percent from which a code counts.
        source: What the table is called in messages.

    Returns:
        Codes with the number of cases that have them, by class in the order of `class_of`, the commonest first; those
        that are no diagnosis that was asked for come last.

    Raises:
        SchemaError: If a cell is no such text.
    """
    counts = Counter(
        code for codes in _parsed(text, source) for code, percent in codes.items() if percent >= min_likelihood
    )
    names = {code: class_of.get(superclass_of.get(code) or "") for code in counts}
    places = {name: place for place, name in enumerate(dict.fromkeys(class_of.values()))}
    ordered = sorted(counts, key=lambda code: (places.get(str(names[code]), len(places)), -counts[code], code))
    return tuple(ClassValue(code, names[code], counts[code]) for code in ordered)


def chosen_labels(superclasses: pl.DataFrame, wanted: Sequence[str] | None) -> pl.DataFrame:
    """Return the columns of some superclasses, in the order wanted.

    Args:
        superclasses: As `superclass_columns` gives them.
        wanted: Names; None for all.

    Returns:
        The columns; a case that has other superclasses only has zeros.

    Raises:
        ConfigError: If no case has a superclass that is wanted.
    """
    _require(superclasses, "data.superclasses", wanted or ())
    return superclasses if wanted is None else superclasses.select(wanted)


def one_class(superclasses: pl.DataFrame, positive: Sequence[str], negative: Sequence[str]) -> Target:
    """Return a binary target: a case is positive if it has one of the superclasses `positive`, whatever else it has.

    Args:
        superclasses: As `superclass_columns` gives them.
        positive: Superclasses that mean disease.
        negative: Superclasses that mean none; empty for all others. A case with neither has no class.

    Returns:
        The class of each case, and the classes, called by their superclass where each side has one.

    Raises:
        ConfigError: If no case has a superclass that is named.
    """
    _require(superclasses, "data.positive", positive)
    _require(superclasses, "data.negative", negative)
    is_plain = len(positive) == 1 and len(negative) == 1
    classes = (negative[0], positive[0]) if is_plain else (NEGATIVE, POSITIVE)
    is_positive = pl.any_horizontal(pl.col(positive) == 1)
    is_negative = pl.any_horizontal(pl.col(list(negative) or superclasses.columns) == 1)
    truth = pl.when(is_positive).then(pl.lit(classes[1])).when(is_negative).then(pl.lit(classes[0]))
    return Target(superclasses.select(truth.alias("y")).to_series(), classes)


def _parsed(text: pl.Series, source: str) -> list[dict[str, float]]:
    parsed = []
    for row, cell in enumerate(text, start=FIRST_ROW):
        try:
            codes = {str(code): _percent(likelihood) for code, likelihood in ast.literal_eval(cell or "{}").items()}
        except (ValueError, SyntaxError, TypeError, AttributeError, RecursionError, MemoryError):
            raise SchemaError(
                f"{source}, row {row}: the target {text.name!r} is not a dictionary of codes such as "
                f"{{'NORM': 100.0}}, in percent: mend it, or set data.statements_path to null"
            ) from None
        parsed.append(codes)
    return parsed


def _percent(likelihood: str | float) -> float:
    """Return a likelihood; ValueError if it is none."""
    percent = float(likelihood)
    if not 0 <= percent <= MAX_LIKELIHOOD:
        raise ValueError
    return percent


def _require(superclasses: pl.DataFrame, key: str, names: Sequence[str]) -> None:
    for name in names:
        if name not in superclasses.columns:
            raise ConfigError(f"{key}: no case has {name!r}; there are {', '.join(superclasses.columns)}")
