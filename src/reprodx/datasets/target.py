"""The target column: which classes there are, and to which one each case belongs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from reprodx.datasets.cleaning import as_plain, labels
from reprodx.datasets.csv_file import row_number
from reprodx.errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reprodx.datasets.missing_values import MissingValues

NEGATIVE, POSITIVE = "negative", "positive"
"""Class names where several values of the target mean the same class."""
PRESENT, ABSENT = ("1", "true"), ("0", "false")
"""Values of a label's column where nothing else was declared."""
MAX_CLASSES = 50
"""More different values than this are a measurement, not classes."""
MAX_SHOWN = 10
"""Values are named in messages only where there are at most this many: then they are classes, not patients' data."""


@dataclass(frozen=True)
class Target:
    """The reference standard of a table."""

    values: pl.Series
    """Class name of each row, null where the target is missing."""
    classes: tuple[str, ...]
    """Class names; in a binary task the negative one first."""


def read_target(
    text: pl.Series, *, positive: Sequence[str], negative: Sequence[str], missing: tuple[str, ...], source: str
) -> Target:
    """Return the classes of a text column.

    With `positive` the task is binary: these values are the positive class and all others, or those of `negative`,
    the negative one. Without it each value is a class, in ascending order, so that of 0 and 1 the positive is 1.

    Args:
        text: The target column, named.
        positive: Values in plain form that mean disease; empty to find the classes.
        negative: Values in plain form that mean no disease; empty for all others.
        missing: Values in plain form that mean that there is none.
        source: What the table is called in messages.

    Returns:
        The class of each row, and the classes.

    Raises:
        SchemaError: If there is one class only, or more than `MAX_CLASSES`; if a value of `positive` or `negative`
            does not occur, or another value than these does; or if two values give the same class name.
    """
    values = labels(text, missing)
    found = _sorted(values.drop_nulls().unique().to_list())
    where = f"{source}: the target {text.name!r}"
    if len(found) < 2:
        raise SchemaError(f"{where} has {len(found)} class: a model needs two, so look at data.target")
    if not positive:
        if len(found) > MAX_CLASSES:
            raise SchemaError(f"{where} has {len(found)} different values: say in data.positive which mean disease")
        return _named(values, {value: value for value in found}, where)
    for key, declared in {"positive": positive, "negative": negative}.items():
        for value in declared:
            if value not in found:
                raise SchemaError(f"{where} never has the value {value!r} of data.{key}{_shown(found)}")
    others = list(negative) or [value for value in found if value not in positive]
    _refuse_unexpected(values, [*positive, *others], source)
    is_plain = len(positive) == 1 and len(others) == 1
    names = {value: value if is_plain else NEGATIVE for value in others}
    return _named(values, names | {value: value if is_plain else POSITIVE for value in positive}, where)


def read_labels(
    table: pl.DataFrame, *, positive: Sequence[str], negative: Sequence[str], missing: MissingValues, source: str
) -> pl.DataFrame:
    """Return the labels of a multi-label task, each of which is a column of the table.

    Args:
        table: Text columns, one for each label.
        positive: Values in plain form that mean that a case has the label; empty for `PRESENT`.
        negative: Values in plain form that mean that it has not; empty for `ABSENT`.
        missing: Values that mean that it is not known.
        source: What the table is called in messages.

    Returns:
        Int8 columns of 0 and 1 under names that are safe in column names; null where it is not known.

    Raises:
        SchemaError: If there are fewer than two labels, one has another value, or two give the same name.
    """
    has, has_not = list(positive) or list(PRESENT), list(negative) or list(ABSENT)
    columns = {}
    for text in table:
        values = labels(text, missing.of(text.name))
        _refuse_unexpected(values, [*has, *has_not], source)
        columns[safe_name(text.name)] = values.is_in(has).cast(pl.Int8)
    if len(columns) < 2 or len(columns) < table.width:
        raise SchemaError(f"{source}: data.target names {len(columns)} label that can be told apart: give two or more")
    return pl.DataFrame(columns)


def in_order(target: Target, order: Sequence[str | float] | None, where: str) -> Target:
    """Return the target with its classes in a given order.

    Args:
        target: As read.
        order: All classes, lowest first; None to leave them as they are.
        where: What the target is called in messages.

    Returns:
        The same values.

    Raises:
        SchemaError: If `order` is not all classes, each once.
    """
    if order is None:
        return target
    classes = tuple(safe_name(as_plain(name)) for name in order)
    if sorted(classes) != sorted(target.classes):
        raise SchemaError(f"{where} has other classes than data.order{_shown(list(target.classes))}")
    return Target(target.values, classes)


def safe_name(name: str) -> str:
    """Return a class's name with nothing but letters, digits and the signs that a column's name may hold.

    >>> safe_name("grade 2/3")
    'grade_2_3'
    """
    return re.sub(r"[^\w.-]+", "_", name)


def _refuse_unexpected(values: pl.Series, expected: list[str], source: str) -> None:
    is_unexpected = ~values.is_in(expected)
    if is_unexpected.any():
        raise SchemaError(
            f"{source}, row {row_number(is_unexpected)}: the target {values.name!r} has a value that is neither in "
            f"data.positive nor in data.negative ({is_unexpected.sum()} such rows): add it, or name it in data.missing"
        )


def _named(values: pl.Series, names: dict[str, str], where: str) -> Target:
    safe = {value: safe_name(name) for value, name in names.items()}
    classes = tuple(dict.fromkeys(safe.values()))
    if len(classes) != len(set(names.values())):
        raise SchemaError(f"{where} has values that differ in signs only: recode them, for they name columns")
    if len(classes) < 2:
        raise SchemaError(f"{where} has one class: data.positive holds every value{_shown(list(names))}")
    return Target(values.replace_strict(safe, return_dtype=pl.String), classes)


def _sorted(values: list[str]) -> list[str]:
    try:
        return sorted(values, key=float)
    except ValueError:
        return sorted(values)


def _shown(values: list[str]) -> str:
    return f": its values are {values}" if len(values) <= MAX_SHOWN else f" among its {len(values)} values"
