"""What a task comes down to: all classes or labels together, and yes-or-no questions of them.

Curves are drawn of questions, and thresholds decide them. A binary task is one; several classes are one each, against
the rest; labels one each; grades the one whether a case is referable.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reprodx.metrics.asked import EACH, TOGETHER, Asked, View
from reprodx.metrics.chosen_threshold import THRESHOLD, THRESHOLDS, ChosenThreshold, threshold_of_grades
from reprodx.metrics.referable import referable_cases
from reprodx.metrics.scored_cases import ScoredCases
from reprodx.schemas import CASE_ID, Task

if TYPE_CHECKING:
    from reprodx.artifacts.predictions import Predictions


@dataclass(frozen=True, eq=False)
class Question:
    """A yes-or-no question that is asked of every case."""

    asked: Asked
    cases: ScoredCases
    """Of two classes, the positive one being yes; called where there is a threshold."""
    threshold: ChosenThreshold

    @property
    def name(self) -> str:
        """What is asked for, in words: a class, a label, or the referable grades."""
        return self.cases.classes[1]


def questions(predictions: Predictions, ordinal_cut: int) -> list[Question]:
    """Return what is asked of the cases of a table.

    Args:
        predictions: Of one split or several.
        ordinal_cut: Position of the first referable grade, from 0; of ordinal tasks alone.

    Returns:
        One question in binary and ordinal tasks, else one for each class or label in order.

    Raises:
        MetricError: If a threshold was chosen on the test split, or a probability is not a number.
        ConfigError: If the cut does not leave a grade on both sides.
    """
    task, cases, metadata = predictions.task, ScoredCases.of(predictions), predictions.metadata
    if task == Task.ORDINAL:
        threshold = threshold_of_grades(predictions, ordinal_cut)
        return [_question(Asked(View.REFERABLE), referable_cases(cases, ordinal_cut), threshold)]
    if task == Task.BINARY:
        return [_question(Asked(View.BINARY), cases, ChosenThreshold.of(metadata.get(THRESHOLD)))]
    entries = metadata.get(THRESHOLDS, {}) if task == Task.MULTILABEL else {}
    return [
        _question(Asked(EACH[task], name), cases.about(index), ChosenThreshold.of(entries.get(name)))
        for index, name in enumerate(cases.classes)
    ]


def _question(asked: Asked, cases: ScoredCases, threshold: ChosenThreshold) -> Question:
    if asked.view != View.CLASS:
        cases = cases.called_at(threshold.value, threshold.reason)
    return Question(asked, cases, threshold)


def asked_of(predictions: Predictions, ordinal_cut: int) -> dict[Asked, ScoredCases]:
    """Return everything that metrics ask of the cases of a table.

    Args:
        predictions: Of one split.
        ordinal_cut: Position of the first referable grade, from 0; of ordinal tasks alone.

    Returns:
        The cases by what is asked, sorted by case id, so that their order in the file decides nothing. All together
        first; grades each against the rest last.

    Raises:
        MetricError: If a threshold was chosen on the test split, or a probability is not a number.
        ConfigError: If the cut does not leave a grade on both sides.
    """
    ordered = dataclasses.replace(predictions, table=predictions.table.sort(CASE_ID))
    asked: dict[Asked, ScoredCases] = {}
    if predictions.task in TOGETHER:
        asked[Asked(TOGETHER[predictions.task])] = ScoredCases.of(ordered)
    asked |= {one.asked: one.cases for one in questions(ordered, ordinal_cut)}
    if predictions.task == Task.ORDINAL:
        together = asked[Asked(View.GRADES)]
        asked |= {Asked(View.CLASS, name): together.about(index) for index, name in enumerate(predictions.classes)}
    return asked
