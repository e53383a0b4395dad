"""The target column: which classes there are, and to which one each case belongs."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import polars as pl

from reprodx.datasets.class_meanings import is_unclear, means_presence, positive_of, share_a_meaning
from reprodx.datasets.cleaning import as_plain
from reprodx.datasets.other_tasks import is_graded, refuse_other_tasks, refuse_survival
from reprodx.datasets.row_numbers import row_number
from reprodx.datasets.spelling import spelling_of
from reprodx.datasets.written_values import WrittenValues, graded_numbers, sentinels, shown
from reprodx.errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from reprodx.datasets.missing_values import MissingValues
    from reprodx.schemas import ClassValue

NEGATIVE, POSITIVE = "negative", "positive"
"""Class names where several values of the target mean the same class."""
SIGNS = {"+": POSITIVE, "-": NEGATIVE}
"""What values are called that have neither letters nor digits."""
PLAIN_WORD = r"[\w.+-]+"
"""What needs no quotes in a shell."""


@dataclass(frozen=True)
class Target:
    """The reference standard of a table."""

    values: pl.Series
    """Class name of each row, null where the target is missing."""
    classes: tuple[str, ...]
    """Class names; in a binary task the negative one first."""
    class_values: tuple[ClassValue, ...] = ()
    """Which values became which class."""
    warnings: tuple[str, ...] = ()
    """What the owner of the table should know of it."""


def read_target(
    text: pl.Series,
    *,
    positive: Sequence[str],
    negative: Sequence[str],
    names: Mapping[str, str],
    missing: tuple[str, ...],
    source: str,
) -> Target:
    """Return the classes of a text column.

    With `positive` the task is binary: these values are the positive class and all others, or those of `negative`,
    the negative one. Without it each value is a class, in ascending order. Values that differ in spelling only are one.

    Args:
        text: The target column, named.
        positive: Values in plain form that mean disease; empty to find the classes.
        negative: Values in plain form that mean no disease; empty for the others.
        names: What classes are called, by value in plain form or, with `positive`, by `NEGATIVE` and `POSITIVE`;
            values of one name are one class.
        missing: Values in plain form that mean that there is none.
        source: What the table is called in messages.

    Returns:
        The class of each row, and the classes.

    Raises:
        SchemaError: If there is one class only, or the values are no classes; if a declared value does not occur, or
            another value than those of `positive` and `negative` does; if `positive` leaves several other values that
            are no lower grades; or if two values give the same class name.
    """
    written = WrittenValues.of(text, missing)
    found, where = written.found, f"{source}: the target {text.name!r}"
    if len(found) < 2:
        missing_words = list(written.missing_words)
        beside = f" beside {missing_words}, which data.missing takes for none" if missing_words else ""
        raise SchemaError(f"{where} has {len(found)} class{beside}: a model needs two, so look at data.target")
    diseased, healthy = (
        _found(written, declared, f"data.{key}", where)
        for key, declared in (("positive", positive), ("negative", negative))
    )
    name_of = _declared_names(written, names, is_binary=bool(diseased), where=where)
    others = healthy or [value for value in found if value not in diseased]
    is_said = bool(healthy) or is_graded(diseased, others)
    if not is_said:
        refuse_other_tasks(written.num_rows, text.name, where)
    if not diseased:
        class_of = {value: name_of.get(value, value) for value in found}
        if share_a_meaning(class_of.values()):
            raise SchemaError(
                f"{where} says the same in several words{shown(found)}: join them by data.classes={{value: name}}"
            )
        return _named(written, text, class_of, list(name_of), where)
    if not is_said and len(others) > 1:
        raise SchemaError(
            f"{where} has {len(others)} values beside data.positive{shown(others)}: say in data.negative which mean no "
            "disease, and in data.missing, with data.drop_unlabelled=true, which mean that nobody knows"
        )
    _refuse_unexpected(text, written, [*diseased, *others], source)
    is_plain = len(diseased) == 1 and len(others) == 1
    class_of = _of_one_class(others, NEGATIVE, name_of, is_plain=is_plain)
    class_of |= _of_one_class(diseased, POSITIVE, name_of, is_plain=is_plain)
    return _named(written, text, class_of, [*diseased, *healthy], where)


def read_labels(
    table: pl.DataFrame, *, positive: Sequence[str], negative: Sequence[str], missing: MissingValues, source: str
) -> tuple[pl.DataFrame, tuple[ClassValue, ...]]:
    """Return the labels of a multi-label task, each of which is a column of the table.

    Args:
        table: Text columns, one for each label.
        positive: Values in plain form that mean that a case has the label; empty for those that `means_presence` knows.
        negative: Values in plain form that mean that it has not; empty likewise.
        missing: Values that mean that it is not known.
        source: What the table is called in messages.

    Returns:
        Int8 columns of 0 and 1 under names that are safe in column names, null where it is not known; and which values
        mean each label or that it is not there.

    Raises:
        SchemaError: If there are fewer than two labels, one has another value or is a measurement, or two give the same
            name.
    """
    refuse_survival(table.columns, (), source)
    columns: dict[str, pl.Series] = {}
    class_values: list[ClassValue] = []
    for text in table:
        name, where = safe_name(text.name), f"{source}: the target {text.name!r}"
        written = WrittenValues.of(text, missing.of(text.name))
        refuse_other_tasks(written.num_rows, text.name, where)
        has, has_not = (
            {written.find(value) for value in declared}
            if declared
            else {value for value in written.found if means_presence(value) is is_there}
            for declared, is_there in ((positive, True), (negative, False))
        )
        _refuse_unexpected(text, written, [*filter(None, (*has, *has_not))], source)
        class_of = {value: name if value in has else f"not {name}" for value in written.found}
        columns[name] = text.fill_null("").replace_strict(
            {cell: None if value is None else int(value in has) for cell, value in written.value_of.items()},
            return_dtype=pl.Int8,
        )
        class_values += written.as_class_values(dict(sorted(class_of.items(), key=lambda item: item[1] != name)))
    if len(columns) < 2 or len(columns) < table.width:
        raise SchemaError(f"{source}: data.target names {len(columns)} label that can be told apart: give two or more")
    return pl.DataFrame(columns), tuple(class_values)


def arranged(
    target: Target, order: Sequence[str | float] | None, *, is_ordinal: bool, has_positive: bool, where: str
) -> Target:
    """Return the target with its classes in a given or known order.

    Args:
        target: As read.
        order: All classes or their values, lowest first; None where the order of the classes is known.
        is_ordinal: Whether the classes are grades.
        has_positive: Whether it was said which class is positive.
        where: What the target is called in messages.

    Returns:
        The same values; of two classes the negative one first.

    Raises:
        SchemaError: If `order` is not all classes, each once; or if None knows how grades ascend or which of two
            classes is positive.
    """
    if order is not None:
        return replace(target, classes=_in_order(target, order, where))
    if is_ordinal and graded_numbers({one.value for one in target.class_values if one.class_name}) is None:
        raise SchemaError(
            f"{where} has grades in words{shown(target.classes)}: say their order, data.order=[lowest,...,highest]"
        )
    if has_positive or len(target.classes) != 2:
        return target
    negative, positive = target.classes
    first_values = {one.class_name: one.value for one in reversed(target.class_values)}
    known = positive_of(negative, positive)
    if known is None:
        value = positive_of(first_values.get(negative, negative), first_values.get(positive, positive))
        known = next((name for name, first in first_values.items() if value is not None and first == value), None)
    if known is None:
        # A class may be called otherwise than its value: HIV_ for HIV+.
        ways = [first_values.get(name, name) for name in target.classes]
        keys = [f"data.positive={way if re.fullmatch(PLAIN_WORD, way) else repr(way)}" for way in ways]
        raise SchemaError(
            f"{where} has the classes {negative!r} and {positive!r}: say which means disease, {keys[0]} or {keys[1]}"
        )
    return target if known == positive else replace(target, classes=(positive, negative))


def safe_name(name: str) -> str:
    """Return a class's name with nothing but letters, digits and the signs that a column's name may hold.

    >>> safe_name("grade 2/3")
    'grade_2_3'
    """
    return re.sub(r"[^\w.-]+", "_", name)


def _found(written: WrittenValues, declared: Sequence[str], key: str, where: str) -> list[str]:
    values = {value: written.find(value) for value in declared}
    for value, one in values.items():
        if one is None:
            raise SchemaError(f"{where} never has the value {value!r} of {key}{shown(written.found)}")
    return list(dict.fromkeys(one for one in values.values() if one is not None))


def _declared_names(written: WrittenValues, names: Mapping[str, str], *, is_binary: bool, where: str) -> dict[str, str]:
    name_of = {value: name for sign, name in SIGNS.items() if (value := written.find(sign)) is not None}
    for value, name in names.items():
        found = written.find(value) or (value if is_binary and value in (NEGATIVE, POSITIVE) else None)
        if found is None:
            raise SchemaError(f"{where} never has the value {value!r} of data.classes{shown(written.found)}")
        name_of[found] = name
    return name_of


def _of_one_class(values: Sequence[str], side: str, name_of: Mapping[str, str], *, is_plain: bool) -> dict[str, str]:
    """Return the class of values that are one: its declared name, else the value's if it is the only one."""
    names = {name_of.get(value) for value in values}
    declared = names.pop() if len(names) == 1 else None
    return dict.fromkeys(values, declared or name_of.get(side) or (values[0] if is_plain else side))


def _refuse_unexpected(text: pl.Series, written: WrittenValues, expected: Sequence[str], source: str) -> None:
    unexpected = [cell for cell, value in written.value_of.items() if value is not None and value not in expected]
    if unexpected:
        is_unexpected = text.is_in(unexpected)
        raise SchemaError(
            f"{source}, row {row_number(is_unexpected)}: the target {text.name!r} has a value that is neither in "
            f"data.positive nor in data.negative ({is_unexpected.sum()} such rows): add it, or name it in data.missing"
        )


def _named(
    written: WrittenValues, text: pl.Series, class_of: dict[str, str], declared: Sequence[str], where: str
) -> Target:
    safe = {value: safe_name(name) for value, name in class_of.items()}
    classes = tuple(dict.fromkeys(safe.values()))
    if len(classes) != len(set(class_of.values())):
        raise SchemaError(f"{where} has values that differ in signs only: name them in data.classes={{value: name}}")
    if len(classes) < 2:
        raise SchemaError(f"{where} has one class: data.positive or data.classes joins all{shown(list(class_of))}")
    cells = {cell: None if value is None else safe[value] for cell, value in written.value_of.items()}
    values = text.fill_null("").replace_strict(cells, return_dtype=pl.String)
    return Target(values, classes, written.as_class_values(safe), tuple(_doubts(written, class_of, declared, where)))


def _doubts(written: WrittenValues, class_of: Mapping[str, str], declared: Sequence[str], where: str) -> Iterator[str]:
    for ways in written.respelled():
        yield f"{where} writes one value in several ways, which are one class: {ways}"
    nones = {word: count for word, count in written.missing_words.items() if spelling_of(word) == "none"}
    if nones:
        yield f"{where} holds {nones} as missing: if it is a class, give data.missing without it, such as [NA]"
    doubtful = {*filter(is_unclear, class_of), *sentinels(class_of)} - set(declared)
    unclear = [value for value in class_of if value in doubtful]
    if unclear:
        yield f"{where} has {unclear} as a class: if it means that nobody knows, name it in data.missing"


def _in_order(target: Target, order: Sequence[str | float], where: str) -> tuple[str, ...]:
    class_of = {safe_name(name): name for name in target.classes}
    class_of |= {spelling_of(one.value): one.class_name for one in target.class_values if one.class_name}
    class_of |= {spelling_of(name): name for name in target.classes}
    wanted = [class_of.get(spelling_of(as_plain(name)), "") for name in order]
    if sorted(wanted) != sorted(target.classes):
        raise SchemaError(f"{where} has other classes than data.order{shown(target.classes)}")
    return tuple(wanted)
