"""Cases that a model has scored, and what a metric says of them."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from reprodx.metrics.asked import View
from reprodx.metrics.catalogue import metric_of
from reprodx.metrics.estimation import estimate
from reprodx.metrics.measured import Measured, measured
from reprodx.metrics.scored_cases import ScoredCases
from reprodx.schemas import Task
from tests.settings import score_settings

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from reprodx.schemas import Estimate

TASKS = {View.CLASSES: Task.MULTICLASS, View.GRADES: Task.ORDINAL}


def asked(
    is_positive: ArrayLike, probs: ArrayLike, *, threshold: float | None = None, patients: ArrayLike | None = None
) -> ScoredCases:
    """Return the cases of a yes-or-no question, called where there is a threshold."""
    numbers = None if patients is None else np.asarray(patients, dtype=np.int64)
    cases = ScoredCases.yes_or_no(np.asarray(is_positive, dtype=bool), np.asarray(probs, dtype=np.float64), numbers)
    return cases.called_at(threshold)


def table(
    true_negatives: int, false_positives: int, false_negatives: int, true_positives: int, *, twice: bool = False
) -> ScoredCases:
    """Return the cases of a 2x2 table, each a patient of its own or there twice under the same patient."""
    cells = np.repeat(np.arange(4), [true_negatives, false_positives, false_negatives, true_positives])
    patients = np.tile(np.arange(cells.size), 2) if twice else None
    cells = np.tile(cells, 1 + twice)
    return asked(cells // 2, cells % 2, threshold=0.5, patients=patients)


def classed(
    targets: ArrayLike, said: ArrayLike, view: View = View.CLASSES, *, size: int = 3, patients: ArrayLike | None = None
) -> ScoredCases:
    """Return cases of several classes or grades from probabilities, or from what is called with certainty."""
    given = np.asarray(said)
    probs = np.eye(size)[given.astype(np.int64)] if given.ndim == 1 else given
    numbers = None if patients is None else np.asarray(patients, dtype=np.int64)
    names = tuple(f"class{index}" for index in range(probs.shape[1]))
    true = np.asarray(targets, dtype=np.int64)
    return ScoredCases(true, probs, numbers, names, TASKS[view], probs.argmax(axis=1))


def labelled(targets: ArrayLike, probs: ArrayLike, *, patients: ArrayLike | None = None) -> ScoredCases:
    """Return cases with several labels."""
    true = np.asarray(targets, dtype=np.int64)
    numbers = None if patients is None else np.asarray(patients, dtype=np.int64)
    names = tuple(f"label{index}" for index in range(true.shape[1]))
    return ScoredCases(true, np.asarray(probs, dtype=np.float64), numbers, names, Task.MULTILABEL)


def scored(name: str, cases: ScoredCases, view: View = View.BINARY, **settings: Any) -> Estimate:
    """Return a metric of one model."""
    given = score_settings(**settings)
    return estimate(measured(metric_of(name), view, [cases], given), given)


def width(found: Estimate) -> float:
    assert found.ci_low is not None
    assert found.ci_high is not None
    return found.ci_high - found.ci_low


def drawn(view: View, num_cases: int = 60, *, seed: int = 0, num_patients: int | None = None) -> ScoredCases:
    """Return cases of any kind, with ties, each class present; of several cases a patient where these are numbered."""
    rng = np.random.default_rng(seed)
    patients = None
    if num_patients:
        patients = np.concatenate([np.arange(num_patients), rng.integers(0, num_patients, num_cases - num_patients)])
    if view == View.LABELS:
        targets = (rng.random((num_cases, 3)) < (0.5, 0.3, 0.2)).astype(np.int64)
        targets[:2] = [[0, 0, 0], [1, 1, 1]]
        return labelled(targets, _probability(targets, rng), patients=patients)
    if view in TASKS:
        targets = np.concatenate([np.arange(4), rng.integers(0, 4, num_cases - 4)])
        nearness = np.exp(-np.abs(np.arange(4) - (targets + rng.normal(size=num_cases))[:, None]).round(1))
        return classed(targets, nearness / nearness.sum(axis=1, keepdims=True), view, patients=patients)
    is_positive = np.concatenate([[0, 1], rng.random(num_cases - 2) < 0.4]).astype(bool)
    return asked(is_positive, _probability(is_positive, rng), threshold=0.45, patients=patients)


def shares_of_pairs(is_positive: NDArray[np.bool_], scores: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
    """Return DeLong's components by his definition, pair by pair."""
    wins = np.sign(scores[is_positive][:, None] - scores[~is_positive][None, :]) / 2 + 0.5
    return wins.mean(axis=1), wins.mean(axis=0)


def _probability(truth: NDArray[Any], rng: np.random.Generator) -> NDArray[np.float64]:
    return 1 / (1 + np.exp(0.8 - 1.6 * truth - rng.normal(size=truth.shape).round(1)))


def of(name: str, *members: ScoredCases, view: View = View.BINARY) -> Measured:
    """Return a metric of one model, before an interval is made of it."""
    return measured(metric_of(name), view, members, score_settings(prevalence=0.2))


def again(view: View, seed: int, num_patients: int | None = None) -> tuple[ScoredCases, ScoredCases]:
    """Return two models of the same cases, which agree in part."""
    first = drawn(view, seed=seed, num_patients=num_patients)
    other = drawn(view, seed=seed + 1, num_patients=num_patients).probs
    probs = np.where(np.arange(60)[:, None] % 3 == 0, other, first.probs)
    second = dataclasses.replace(first, probs=probs)
    if first.calls is not None:
        second = dataclasses.replace(second, calls=second.called(0.45 if len(first.classes) == 2 else None))
    return first, second
