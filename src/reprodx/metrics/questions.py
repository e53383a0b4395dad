"""The yes-or-no questions that a task comes down to, which curves are drawn of and thresholds decide.

A binary task is one; several classes are one each, against the rest; labels one each; grades the one whether a case is
referable.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reprodx.metrics.chosen_threshold import NO_THRESHOLD, THRESHOLD, THRESHOLDS, ChosenThreshold, threshold_of_grades
from reprodx.metrics.labelled_cases import LabelledCases
from reprodx.metrics.referable import REFERABLE, referable_cases
from reprodx.metrics.scored_cases import ScoredCases
from reprodx.schemas import Task

if TYPE_CHECKING:
    from reprodx.artifacts.predictions import Predictions


@dataclass(frozen=True)
class Question:
    """A yes-or-no question that is asked of every case."""

    suffix: str
    """What its metrics' names end in, such as `_fracture`; nothing in a binary task."""
    cases: ScoredCases
    """Of two classes, the positive one being yes."""
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
    if predictions.task == Task.MULTILABEL:
        labelled = LabelledCases.of(predictions)
        entries = predictions.metadata.get(THRESHOLDS, {})
        return [
            Question(f"_{name}", labelled.about(index), ChosenThreshold.of(entries.get(name)))
            for index, name in enumerate(labelled.labels)
        ]
    cases = ScoredCases.of(predictions)
    if predictions.task == Task.ORDINAL:
        threshold = threshold_of_grades(predictions, ordinal_cut)
        return [Question(f"_{REFERABLE}", referable_cases(cases, ordinal_cut), threshold)]
    if predictions.task == Task.BINARY:
        return [Question("", cases, ChosenThreshold.of(predictions.metadata.get(THRESHOLD)))]
    return [_against_the_rest(cases, index) for index in range(len(cases.classes))]


def _against_the_rest(cases: ScoredCases, index: int) -> Question:
    probs, name = cases.probs[:, index], cases.classes[index]
    targets = (cases.targets == index).astype(np.int64)
    one = ScoredCases(targets, np.column_stack([1 - probs, probs]), cases.patients, ("other classes", name))
    return Question(f"_{name}", one, ChosenThreshold(None, None, None, NO_THRESHOLD))
