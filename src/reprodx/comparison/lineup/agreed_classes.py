"""The classes that all sources speak of, in one order: what a comparison is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reprodx.artifacts.prediction_files import plain_names
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
    """Where nobody declared which class is positive, which one is taken."""

    def positions(self, predictions: Predictions) -> NDArray[np.int64]:
        """Return where each class of a file stands in `names`, shape (classes,)."""
        index = {key: position for position, key in enumerate(_keys(self.names))}
        return np.array([index[key] for key in _keys(predictions.classes)], dtype=np.int64)


def agreed_classes(sources: Sequence[Source], positive: str | None) -> AgreedClasses:
    """Return the classes that all sources predict.

    The order is that of the first source that declares one, which files of other tools seldom do. Where none does,
    the positive class of a binary task is the one asked for; else that of the only probability column of a file, or 1
    against 0, or true against false; else that of the last probability column of the first file.

    Args:
        sources: One or more.
        positive: The positive class of a binary task; None takes what the sources say.

    Returns:
        Task, classes, and what was assumed.

    Raises:
        IncomparableError: If tasks or classes differ, or grades are in another order.
        ConfigError: If `positive` is no class of a binary task, or not the one that a source declares.
    """
    declared = [source for source in sources if source.predictions.class_order == ClassOrder.DECLARED]
    first = (declared or sources)[0]
    for source in sources:
        _refuse_other_classes(first, source)
    task, names = first.predictions.task, first.predictions.classes
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
            "only runs that predict the same classes can be compared"
        )
    if one.task == Task.ORDINAL and are_declared and _keys(one.classes) != _keys(two.classes):
        raise IncomparableError(
            f"the grades are {list(one.classes)} in {first.label} and {list(two.classes)} in {other.label}: "
            "only runs that order them alike can be compared"
        )


def _asked_for(names: tuple[str, ...], positive: str, *, is_declared: bool) -> tuple[str, ...]:
    found = [name for name in names if positive in (name, *plain_names([name]))]
    if not found:
        raise ConfigError(f"--positive {positive}: the classes are {list(names)}; name one of them")
    if is_declared and found[0] != names[1]:
        raise ConfigError(
            f"--positive {positive}: the runs declare {names[1]!r} as positive, and their thresholds are for it; "
            "leave it out"
        )
    return _with_positive(names, found[0])


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
    return plain if len(set(plain)) == len(names) else names
