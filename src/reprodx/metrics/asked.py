"""What is asked of the cases: of all classes or labels together, or a yes-or-no question; and how that is written.

A number of a model is known by its metric and by what it asks. The pair becomes one name only where it is written, so
that no class called `macro`, `micro` or `referable` can take the name of another number.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from reprodx.schemas import Task

if TYPE_CHECKING:
    from collections.abc import Iterable

REFERABLE = "referable"
"""What the metrics of referable grades end in."""


class View(StrEnum):
    """How cases are looked at."""

    BINARY = "binary"
    CLASSES = "classes"
    """Several classes together."""
    CLASS = "class"
    """One of several classes against the rest."""
    GRADES = "grades"
    """Grades together."""
    REFERABLE = REFERABLE
    """Whether a grade is reached."""
    LABELS = "labels"
    """All labels together."""
    LABEL = "label"
    """One label."""


TOGETHER = {Task.MULTICLASS: View.CLASSES, Task.ORDINAL: View.GRADES, Task.MULTILABEL: View.LABELS}
"""How all classes or labels are looked at; a binary task is one question."""
EACH = {Task.MULTICLASS: View.CLASS, Task.ORDINAL: View.CLASS, Task.MULTILABEL: View.LABEL}


def main_view(task: Task) -> View:
    """Return how the cases of a task are looked at first: all together, or by the only question."""
    return TOGETHER.get(task, View.BINARY)


class Asked(NamedTuple):
    """What is asked of the cases."""

    view: View
    about: str = ""
    """The class or label; empty where there is one question only."""


class Key(NamedTuple):
    """A number: a metric, and what it asks."""

    metric: str
    """Name of the metric."""
    asked: Asked


def written_names(keys: Iterable[Key]) -> dict[Key, str]:
    """Return the name under which each number is written.

    Args:
        keys: All numbers that are written together.

    Returns:
        The metric's name and `_referable`, or `_` and the class or label. Where that is another number's name already,
        the kind of the thing stands between: `auroc_class_macro`. What asks of all comes first.

    >>> macro, one = Key("auroc_macro", Asked(View.CLASSES)), Key("auroc", Asked(View.CLASS, "macro"))
    >>> list(written_names([one, macro]).values())
    ['auroc_macro', 'auroc_class_macro']
    """
    # What asks of all comes first, since its names are those that other tools rely on.
    ordered = sorted(dict.fromkeys(keys), key=lambda key: bool(key.asked.about))
    taken: dict[str, Key] = {}
    for key in ordered:
        view, about = key.asked
        name = f"{key.metric}_{about or REFERABLE}" if about or view == View.REFERABLE else key.metric
        while name in taken:
            name = f"{key.metric}_{view.value}{name.removeprefix(key.metric)}"
        taken[name] = key
    return {key: name for name, key in taken.items()}


def told_of(label: str, words: str) -> str:
    """Return what is said of a number after its name, as it stands in a sentence.

    >>> told_of("AUROC", "0.900"), told_of("AUROC, mean over classes", "0.900")
    ('AUROC 0.900', 'AUROC, mean over classes, 0.900')
    """
    return f"{label}{',' if ',' in label else ''} {words}"
