"""Train on synthetic, test on real: does a classifier learn as much from generated cases as from real ones?

Source: Esteban, Hyland & Rätsch, arXiv:1706.02633, section 5.1 (TSTR).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reprodx.metrics.asked import View
from reprodx.metrics.catalogue.auroc import AUROC
from reprodx.metrics.estimation import difference, estimate
from reprodx.metrics.generation.classifier import class_probs
from reprodx.metrics.measured import Measured, measured
from reprodx.metrics.scored_cases import ScoredCases, renumbered
from reprodx.metrics.settings import Intervals
from reprodx.schemas import Estimate, Task

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reprodx.metrics.bootstrap import Bootstrap
    from reprodx.metrics.generation.case_vectors import CaseVectors

    Vectors = NDArray[np.float32] | NDArray[np.float64]

MULTILABEL = "a generated case is made as of one class, and the cases have several labels"


@dataclass(frozen=True)
class Utility:
    """How well real cases are diagnosed by a classifier that learnt from generated cases, and from real ones."""

    trained_on_generated: Estimate
    """AUROC on real cases; with several classes the mean of each against the rest."""
    trained_on_real: Estimate
    """The same of the classifier that learnt from the real training cases."""
    difference: Estimate
    """The first less the second, paired."""

    def estimates(self) -> dict[str, Estimate]:
        """Return the numbers by their names in `metrics.json`."""
        return {
            "tstr_auroc": self.trained_on_generated,
            "trtr_auroc": self.trained_on_real,
            "tstr_minus_trtr": self.difference,
        }


def train_on_generated(
    generated: Vectors,
    generated_classes: NDArray[np.int64],
    train: Vectors,
    train_classes: NDArray[np.int64],
    test: CaseVectors,
    test_classes: NDArray[np.int64],
    *,
    num_classes: int,
    seed: int,
    bootstrap: Bootstrap,
) -> Utility:
    """Train one classifier on generated and one on real cases, and test both on the same real cases.

    Args:
        generated: Shape (generated, features).
        generated_classes: Shape (generated,), the class that each was made as; shape (generated, labels) of a
            multi-label task, which leaves the result undefined.
        train: Shape (cases, features), the real cases that the generator was trained on.
        train_classes: Shape (cases,) or (cases, labels).
        test: Real cases that neither has seen.
        test_classes: Shape (cases,) or (cases, labels).
        num_classes: 2 or more; with 2, class 1 is the positive one.
        seed: Of the classifier.
        bootstrap: How intervals are made, of patients.

    Returns:
        Undefined, with the reason, where a class is missing among the cases that are tested or learnt from.
    """
    n, patients = len(test_classes), renumbered(test.patients)
    settings = Intervals(bootstrap.confidence_level, "wilson")
    areas: list[Estimate] = []
    learnt: list[Measured] = []
    reasons: list[str] = []
    for name, features, classes in (("generated", generated, generated_classes), ("training", train, train_classes)):
        if reason := _undefined(classes, name, test_classes, num_classes):
            reasons.append(reason)
            areas.append(Estimate.undefined(reason, n=n))
        else:
            probs = class_probs(features, classes, test.vectors, num_classes=num_classes, seed=seed)
            learnt.append(_area(test_classes, probs, patients, settings))
            areas.append(estimate(learnt[-1], settings))
    if reasons:
        return Utility(areas[0], areas[1], Estimate.undefined(reasons[0], n=n))
    return Utility(areas[0], areas[1], difference(learnt[0], learnt[1], settings).estimate)


def _undefined(classes: NDArray[np.int64], name: str, test_classes: NDArray[np.int64], num_classes: int) -> str | None:
    """Return why a classifier cannot be trained or tested, or None."""
    if classes.ndim > 1 or test_classes.ndim > 1:
        return MULTILABEL
    for cases, present in ((f"{name} case", classes), ("real case to test on", test_classes)):
        num_absent = num_classes - np.unique(present).size
        if num_absent:
            return f"{num_absent} of {num_classes} classes have no {cases}"
    return None


def _area(
    targets: NDArray[np.int64], probs: NDArray[np.float64], patients: NDArray[np.int64] | None, settings: Intervals
) -> Measured:
    """Return the AUROC, with several classes the mean of each against the rest."""
    if probs.shape[1] == 2:
        return measured(AUROC, View.BINARY, [ScoredCases.yes_or_no(targets == 1, probs[:, 1], patients)], settings)
    cases = ScoredCases(targets, probs, patients, tuple(map(str, range(probs.shape[1]))), Task.MULTICLASS)
    return measured(AUROC, View.CLASSES, [cases], settings)
