"""What every contender answers to each yes-or-no question of the task, from which curves and 2x2 tables are made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reprodx.metrics.asked import EACH, Asked, View
from reprodx.metrics.referable import referable_classes
from reprodx.schemas import Task

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reprodx.comparison.compared_cases import ComparedCases, Contender, Member


@dataclass(frozen=True)
class ComparedQuestion:
    """A yes-or-no question that is asked of every case, and what each contender answers."""

    asked: Asked
    negative: str
    positive: str
    """What is asked for, in words: a class, a label, or the referable grades."""
    is_positive: NDArray[np.bool_]
    """Shape (cases,)."""
    probs: tuple[NDArray[np.float64], ...]
    """By contender, shape (members, cases)."""
    called: tuple[tuple[NDArray[np.bool_] | None, ...], ...]
    """By contender and member, shape (cases,); None without a threshold."""
    thresholds: tuple[tuple[str, ...], ...]
    """By contender and member, for reading: several where the folds have one each; empty where none is needed."""

    def share_wrong(self, position: int) -> NDArray[np.float64] | None:
        """Return the share of a contender's members that call each case wrong, shape (cases,); None without calls."""
        called = [calls for calls in self.called[position] if calls is not None]
        if not called:
            return None
        shares: NDArray[np.float64] = np.mean(np.stack(called) != self.is_positive, axis=0)
        return shares


def compared_questions(cases: ComparedCases, ordinal_cut: int) -> tuple[ComparedQuestion, ...]:
    """Return what is asked of the cases.

    Args:
        cases: What is compared.
        ordinal_cut: Position of the first referable grade, from 0; of ordinal tasks alone.

    Returns:
        One question in binary and ordinal tasks, else one for each class or label in order.
    """
    if cases.task == Task.BINARY:
        return (_question(cases, Asked(View.BINARY), cases.classes, 1),)
    if cases.task == Task.ORDINAL:
        return (_referable(cases, ordinal_cut),)
    no = "no " if cases.task == Task.MULTILABEL else "not "
    view = EACH[cases.task]
    return tuple(
        _question(cases, Asked(view, name), (no + name, name), index) for index, name in enumerate(cases.classes)
    )


def _question(cases: ComparedCases, asked: Asked, answers: tuple[str, ...], index: int) -> ComparedQuestion:
    is_multilabel = cases.task == Task.MULTILABEL
    is_positive = cases.targets[:, index] == 1 if is_multilabel else cases.targets == index

    def calls(member: Member) -> NDArray[np.bool_] | None:
        if member.called is None:
            return None
        called: NDArray[np.bool_] = member.called[:, index] == 1 if is_multilabel else member.called == index
        return called

    label = cases.classes[index] if is_multilabel else ""
    has_threshold = cases.task != Task.MULTICLASS
    return ComparedQuestion(
        asked=asked,
        negative=answers[0],
        positive=answers[1],
        is_positive=is_positive,
        probs=tuple(np.stack([one.probs[:, index] for one in each.members]) for each in cases.contenders),
        called=tuple(tuple(calls(one) for one in each.members) for each in cases.contenders),
        thresholds=tuple(_thresholds(each, label) if has_threshold else () for each in cases.contenders),
    )


def _referable(cases: ComparedCases, cut: int) -> ComparedQuestion:
    negative, positive = referable_classes(cases.classes, cut)

    def calls(member: Member) -> NDArray[np.bool_] | None:
        return None if member.called_referable is None else member.called_referable == 1

    return ComparedQuestion(
        asked=Asked(View.REFERABLE),
        negative=negative,
        positive=positive,
        is_positive=cases.targets >= cut,
        probs=tuple(
            np.stack([np.minimum(one.probs[:, cut:].sum(axis=1), 1.0) for one in each.members])
            for each in cases.contenders
        ),
        called=tuple(tuple(calls(one) for one in each.members) for each in cases.contenders),
        thresholds=tuple(_thresholds(each, "") for each in cases.contenders),
    )


def _thresholds(contender: Contender, label: str) -> tuple[str, ...]:
    return tuple(", ".join(dict.fromkeys(_of_member(member, label))) for member in contender.members)


def _of_member(member: Member, label: str) -> list[str]:
    without = "none" if member.called is None else "not its own"
    return [without if value is None else f"{value:.3f}" for value in member.thresholds_for(label)]
