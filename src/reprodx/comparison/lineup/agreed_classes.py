"""The classes that all sources speak of, in one order: what a comparison is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reprodx.artifacts.prediction_files import TRUTH_NUMBERS, plain_names
from reprodx.artifacts.predictions import ClassOrder
from reprodx.errors import ConfigError, IncomparableError
from reprodx.schemas import Task

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from reprodx.artifacts.predictions import Predictions
    from reprodx.comparison.source import Source

USUAL_POSITIVES = {frozenset({"0", "1"}): "1", frozenset({"false", "true"}): "true"}
"""Of two classes whose names leave no doubt which is positive."""


@dataclass(frozen=True)
class AgreedClasses:
    """The task, and the names of its classes in the order of all results."""

    task: Task
    names: tuple[str, ...]
    """In a binary task the negative one first; grades ascend."""
    notes: tuple[str, ...] = ()
    """Where no file declares the positive class or the order of grades, which one is taken."""

    def positions(self, predictions: Predictions) -> NDArray[np.int64]:
        """Return where each class of a file stands in `names`, shape (classes,)."""
        index = {key: position for position, key in enumerate(_keys(self.names))}
        return np.array([index[key] for key in _keys(predictions.classes)], dtype=np.int64)


def agreed_classes(
    sources: Sequence[Source], positive: str | None, order: Sequence[str] | None = None
) -> AgreedClasses:
    """Return the classes that all sources predict.

    The order is that of the first source that declares one, which files of other tools seldom do. Where none does,
    the positive class of a binary task is the one asked for; else that of the only probability column of a file, or 1
    against 0, or true against false; else that of the last probability column of the first file.

    Args:
        sources: One or more.
        positive: The positive class of a binary task; None takes what the sources say.
        order: The classes as ascending grades, which files of other tools cannot declare; None takes what sources say.

    Returns:
        Task, classes, and what was assumed.

    Raises:
        IncomparableError: If tasks or classes differ, or grades are in another order.
        ConfigError: If `positive` is no class of a binary task, or not the one that a source declares; if `order` is
            not all classes once each, three or more, or not as a source declares.
    """
    declared = [source for source in sources if source.predictions.class_order == ClassOrder.DECLARED]
    first = (declared or sources)[0]
    for source in sources:
        _refuse_other_classes(first, source)
    task, names = first.predictions.task, first.predictions.classes
    if order is not None:
        return _ordered(first, order, positive)
    if task != Task.BINARY:
        if positive is not None:
            raise ConfigError(f"--positive {positive}: the task is {task} and has no positive class; leave it out")
        return AgreedClasses(task, names)
    if positive is not None:
        return AgreedClasses(task, _asked_for(names, positive, is_declared=bool(declared)))
    if declared:
        return AgreedClasses(task, names)
    return _assumed(sources)


def _refuse_other_classes(first: Source, other: Source) -> None:
    one, two = first.predictions, other.predictions
    are_declared = one.class_order == two.class_order == ClassOrder.DECLARED
    if one.task != two.task and (are_declared or Task.MULTILABEL in (one.task, two.task)):
        raise IncomparableError(
            f"{first.label} is {one.task} and {other.label} is {two.task}: only runs of one task can be compared"
        )
    if set(_keys(one.classes)) != set(_keys(two.classes)):
        raise IncomparableError(
            f"{first.label} predicts the classes {list(one.classes)} and {other.label} {list(two.classes)}: "
            "only runs that predict the same classes can be compared; in a file, write y_true and prob_<class> in the "
            "words of the run"
        )
    if one.task == Task.ORDINAL and are_declared and _keys(one.classes) != _keys(two.classes):
        raise IncomparableError(
            f"the grades are {list(one.classes)} in {first.label} and {list(two.classes)} in {other.label}: "
            "only runs that order them alike can be compared"
        )


def _ordered(first: Source, order: Sequence[str], positive: str | None) -> AgreedClasses:
    """Return the grades in the order that a person gives, `first` being what declares one if anything does."""
    predictions, option = first.predictions, f"--order {','.join(order)}"
    if positive is not None:
        raise ConfigError(f"{option}: grades have no positive class; leave out --positive")
    if predictions.task not in (Task.MULTICLASS, Task.ORDINAL):
        raise ConfigError(f"{option}: the task of {first.label} is {predictions.task}, without grades; leave it out")
    grades = [_named(predictions.classes, name) for name in order]
    if unknown := [name for name, grade in zip(order, grades, strict=True) if grade is None]:
        raise ConfigError(f"{option}: {unknown[0]!r} is none of the classes {list(predictions.classes)}")
    names = tuple(grade for grade in grades if grade is not None)
    if sorted(names) != sorted(predictions.classes):
        raise ConfigError(f"{option}: name each of the classes {list(predictions.classes)} once, the lowest first")
    if predictions.class_order != ClassOrder.DECLARED:
        note = f"No file declares the order of the grades: {', '.join(names)} is taken, as --order says."
        return AgreedClasses(Task.ORDINAL, names, (note,))
    if predictions.task != Task.ORDINAL or names != predictions.classes:
        said = (
            f"the grades {list(predictions.classes)}" if predictions.task == Task.ORDINAL else "classes without order"
        )
        raise ConfigError(f"{option}: {first.label} declares {said}; leave it out")
    return AgreedClasses(Task.ORDINAL, names)


def _named(names: tuple[str, ...], wanted: str) -> str | None:
    """Return the class that a person means, however it is written; None where none is meant."""
    by_key = dict(zip(_keys(names), names, strict=True))
    (plain,) = plain_names([wanted])
    return wanted if wanted in names else by_key.get(plain) or by_key.get(TRUTH_NUMBERS.get(plain, plain))


def _asked_for(names: tuple[str, ...], positive: str, *, is_declared: bool) -> tuple[str, ...]:
    found = _named(names, positive)
    if found is None:
        raise ConfigError(f"--positive {positive}: the classes are {list(names)}; name one of them")
    if is_declared and found != names[1]:
        raise ConfigError(
            f"--positive {positive}: the runs declare {names[1]!r} as positive, and their thresholds are for it; "
            "leave it out"
        )
    return _with_positive(names, found)


def _assumed(sources: Sequence[Source]) -> AgreedClasses:
    first = sources[0]
    only = [source for source in sources if source.predictions.class_order == ClassOrder.ONLY_COLUMN]
    names = (*only, first)[0].predictions.classes
    usual = USUAL_POSITIVES.get(frozenset(names))
    if only:
        why = f"it has the only probability column of {only[0].label}"
    elif usual:
        names, why = _with_positive(names, usual), "its name says so"
    else:
        why = f"its probability column is the last of {first.label}"
    note = f"No file declares the positive class: {names[1]!r} is taken, since {why}; name another with --positive."
    return AgreedClasses(Task.BINARY, names, (note,))


def _with_positive(names: tuple[str, ...], positive: str) -> tuple[str, ...]:
    return (*(name for name in names if name != positive), positive)


def _keys(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return names by which classes are recognised however a tool writes them."""
    plain = plain_names(names)
    if len(set(plain)) < len(names):
        return names
    return tuple(TRUTH_NUMBERS[name] for name in plain) if set(plain) == set(TRUTH_NUMBERS) else plain
