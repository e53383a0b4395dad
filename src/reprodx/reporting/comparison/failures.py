"""The cases that models get wrong: those that all do with the most confidence, and those that one alone does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reprodx.reporting.page import Block, Folded, Paragraph, Section, Table
from reprodx.reporting.wording import counted, number
from reprodx.schemas import CASE_ID, Task

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reprodx.reporting.comparison.evidence import Evidence

MAX_SHARED = 10
"""Cases that are listed of those that all get wrong."""
MAX_ALONE = 5
"""Cases that are listed of those that a model alone gets wrong."""


@dataclass(frozen=True)
class Answers:
    """What each contender says of each case, or of each case and label."""

    case_ids: list[str]
    """A case comes once, or once for each label."""
    truths: list[str]
    """What is true, in words."""
    probs_of_truth: NDArray[np.float64]
    """Shape (contenders, answers): the probability of what is true, the mean over members."""
    is_wrong: NDArray[np.bool_]
    """Shape (contenders, answers): whether more than half of the members are wrong."""


def failures_section(evidence: Evidence) -> Section:
    """Return the failures by case id; no other value of a patient is shown."""
    answers = collected_answers(evidence)
    how = (
        "A case is wrong where its class is missed at the model's threshold, by more than half of its members; without "
        "a threshold, where a wrong answer is the more probable one. Cases stand by their id, the most confident "
        "errors first: the least probability given to what is true."
    )
    by_all = np.flatnonzero(answers.is_wrong.all(axis=0))
    cells = "case and label" if evidence.comparison.cases.task == Task.MULTILABEL else "case"
    blocks: list[Block] = [Paragraph(how), Paragraph(f"All models get {_some(by_all.size, cells)} wrong.")]
    if by_all.size:
        blocks.append(_shared(answers, by_all))
    num_wrong = answers.is_wrong.sum(axis=0)
    for position in evidence.drawn:
        alone = np.flatnonzero(answers.is_wrong[position] & (num_wrong == 1))
        if alone.size and len(evidence.names) > 1:
            label = f"{evidence.names[position]} alone gets {_some(alone.size, cells)} wrong"
            blocks.append(Folded(label, _alone(answers, alone, position, label)))
    return Section("failures", "Failures", blocks)


def collected_answers(evidence: Evidence) -> Answers:
    """Return who is wrong where.

    Args:
        evidence: The comparison.

    Returns:
        A column for each case; in a multi-label task for each label of it.
    """
    cases = evidence.comparison.cases
    ids = cases.table[CASE_ID].to_list()
    if cases.task in (Task.MULTICLASS,):
        return Answers(ids, [cases.classes[one] for one in cases.targets], *_of_classes(evidence))
    truths, probs, wrong = [], [], []
    for question in evidence.questions:
        names = np.where(question.is_positive, question.positive, question.negative)
        truths += names.tolist()
        means = np.stack([one.mean(axis=0) for one in question.probs])
        probs.append(np.where(question.is_positive, means, 1 - means))
        shares = [question.share_wrong(position) for position in range(len(means))]
        wrong.append(
            np.stack([probs[-1][index] < 0.5 if share is None else share > 0.5 for index, share in enumerate(shares)])
        )
    return Answers(ids * len(evidence.questions), truths, np.hstack(probs), np.hstack(wrong))


def _of_classes(evidence: Evidence) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    cases = evidence.comparison.cases
    rows = np.arange(cases.targets.size)
    probs, wrong = [], []
    for contender in cases.contenders:
        probs.append(np.mean([member.probs[rows, cases.targets] for member in contender.members], axis=0))
        called = [one.probs.argmax(axis=1) if one.called is None else one.called for one in contender.members]
        wrong.append(np.mean([calls != cases.targets for calls in called], axis=0) > 0.5)
    return np.stack(probs), np.stack(wrong)


def _some(number_of: int, noun: str) -> str:
    if not number_of:
        return f"no {noun}"
    return counted(number_of, noun, "cases and labels" if noun != "case" else None)


def _most_confident(places: NDArray[np.int64], probs: NDArray[np.float64], most: int) -> NDArray[np.int64]:
    return places[np.argsort(probs[places], kind="stable")][:most]


def _shared(answers: Answers, places: NDArray[np.int64]) -> Table:
    means = answers.probs_of_truth.mean(axis=0)
    shown = _most_confident(places, means, MAX_SHARED)
    return Table(
        key="failures-shared",
        caption=f"Wrong in all models: the {shown.size} most confident of {places.size}",
        columns=("Case", "True class", "Mean probability of it", "Least", "Most"),
        rows=tuple(
            (
                answers.case_ids[place],
                answers.truths[place],
                number(float(means[place])),
                number(float(answers.probs_of_truth[:, place].min())),
                number(float(answers.probs_of_truth[:, place].max())),
            )
            for place in shown.tolist()
        ),
        text_columns=("True class",),
    )


def _alone(answers: Answers, places: NDArray[np.int64], position: int, label: str) -> Table:
    own = answers.probs_of_truth[position]
    others = np.delete(answers.probs_of_truth, position, axis=0).mean(axis=0)
    shown = _most_confident(places, own, MAX_ALONE)
    return Table(
        key=f"failures-alone-{position}",
        caption=f"{label}: the {shown.size} most confident",
        columns=("Case", "True class", "Its probability of it", "Mean of the others"),
        rows=tuple(
            (answers.case_ids[place], answers.truths[place], number(float(own[place])), number(float(others[place])))
            for place in shown.tolist()
        ),
        text_columns=("True class",),
    )
