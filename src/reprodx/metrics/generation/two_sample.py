"""Classifier two-sample test: can generated cases be told from real ones that the generator never saw?

One half of the cases trains the classifier and the other half tests it. Out-of-fold scores of a cross-validation hang
together: among equal populations they rejected three times too often.

Source: Lopez-Paz & Oquab, Revisiting classifier two-sample tests, ICLR 2017 (arXiv:1610.06545), section 3.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reprodx.metrics.catalogue.auroc import auroc
from reprodx.metrics.generation.case_vectors import drawn_rows
from reprodx.metrics.generation.classifier import class_probs
from reprodx.metrics.scored_cases import renumbered
from reprodx.metrics.wilson import proportion
from reprodx.schemas import Estimate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reprodx.metrics.bootstrap import Bootstrap
    from reprodx.metrics.generation.case_vectors import CaseVectors

    Vectors = NDArray[np.float32] | NDArray[np.float64]
    Half = tuple[Vectors, NDArray[np.int64], NDArray[np.int64]]
    """Features, 1 for generated cases, and patients."""

MIN_CASES = 10
"""Of a side, and patients of it."""


@dataclass(frozen=True)
class TwoSampleTest:
    """How well a classifier tells generated cases from real ones."""

    auroc: Estimate
    """0.5 where it cannot, 1 where it always can."""
    accuracy: Estimate
    """Of the classifier, with as many real as generated cases; 0.5 is guessing."""
    p_value: float | None
    """That the accuracy is of guessing, one-sided; None where the test is undefined."""

    def estimates(self) -> dict[str, Estimate]:
        """Return the numbers by their names in `metrics.json`."""
        return {"two_sample_auroc": self.auroc, "two_sample_accuracy": self.accuracy}


def two_sample_test(
    heldout: CaseVectors,
    generated: Vectors,
    *,
    seed: int,
    bootstrap: Bootstrap,
) -> TwoSampleTest:
    """Train a classifier to tell generated from held-out real cases on one half of them, and test it on the other.

    Args:
        heldout: Real cases that the generator was not trained on; a patient's are in one half together.
        generated: Shape (generated, features); where a side is larger, cases are drawn from it.
        seed: Of that drawing, of the halves and of the classifier.
        bootstrap: How the interval of the accuracy is made where patients have several cases.

    Returns:
        Of the tested half, of which `n_events` are generated. Undefined with fewer than 10 cases or patients of a side.
    """
    size, num_patients = min(len(heldout.vectors), len(generated)), np.unique(heldout.patients).size
    if min(size, num_patients) < MIN_CASES:
        reason = f"{size} cases of a side, of {num_patients} patients; {MIN_CASES} of each are needed"
        nothing = Estimate.undefined(reason, n=2 * size, n_events=size)
        return TwoSampleTest(nothing, nothing, None)
    real, made = heldout.at(_drawn(len(heldout.vectors), size, seed)), generated[_drawn(len(generated), size, seed)]
    (features, targets, _), (tested, tested_targets, patients) = _halves(real, made, seed)
    scores = class_probs(features, targets, tested, num_classes=2, seed=seed)[:, 1]
    is_generated, numbers = tested_targets == 1, renumbered(patients)
    area = auroc(is_generated, scores, confidence_level=bootstrap.confidence_level, patients=numbers)
    hits = (scores > 0.5) == is_generated
    return TwoSampleTest(area, _accuracy(hits, is_generated, numbers, bootstrap), _p_value(hits, patients))


def _drawn(num_cases: int, size: int, seed: int) -> NDArray[np.int64]:
    return drawn_rows(np.arange(num_cases), size, seed=seed)


def _halves(real: CaseVectors, generated: Vectors, seed: int) -> list[Half]:
    """Return two halves with as many generated as real cases in each."""
    numbers = np.unique(real.patients, return_inverse=True)[1].astype(np.int64)
    num_patients = int(numbers.max()) + 1
    in_first = np.isin(np.arange(len(numbers)), drawn_rows(numbers, num_patients // 2, seed=seed))
    made_in_first = np.isin(np.arange(len(generated)), _drawn(len(generated), int(in_first.sum()), seed))
    halves: list[Half] = []
    for rows, made_rows in ((in_first, made_in_first), (~in_first, ~made_in_first)):
        num = int(rows.sum())
        features = np.concatenate([real.vectors[rows], generated[made_rows]])
        patients = np.concatenate([numbers[rows], num_patients + np.arange(num)])
        halves.append((features, np.repeat([0, 1], num), patients))
    return halves


def _accuracy(
    hits: NDArray[np.bool_], is_generated: NDArray[np.bool_], patients: NDArray[np.int64] | None, bootstrap: Bootstrap
) -> Estimate:
    n_events = int(is_generated.sum())
    if patients is None:
        level = bootstrap.confidence_level
        return proportion(int(hits.sum()), hits.size, n_events=n_events, confidence_level=level, interval="wilson")
    return bootstrap.estimate(
        lambda weights: np.einsum("rc,c->r", weights, hits.astype(np.float64)) / weights.sum(axis=1),
        is_generated,
        patients,
        n_events=n_events,
    )


def _p_value(hits: NDArray[np.bool_], patients: NDArray[np.int64]) -> float:
    """Return the chance of an accuracy as high from guessing; a patient with several cases is one guess of more weight.

    Source: Lopez-Paz & Oquab 2017, equation 3 and below: normal with mean 1/2 and variance 1/(4 n);
    with a continuity correction, since 50 guesses exceed the limit of 5 % in 6 %.
    """
    from scipy.stats import norm

    by_patient = np.bincount(patients, weights=hits - 0.5)
    return float(norm.sf((by_patient.sum() - 0.5) / np.sqrt((by_patient**2).sum())))
