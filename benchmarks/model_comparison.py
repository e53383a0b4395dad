"""Comparing models: every metric by the delta method, and the paired AUROC, beside loops over scikit-learn.

The loops resample what ours has formulas for; they are timed on a few resamples or pairs of classes and carried on from
there: whole, they would take hours.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from scipy.special import expit

from benchmarks.comparison import TIMES_AS_LONG, Comparison, Timing
from reprodx.comparison.compared_cases import ComparedCases, Contender, Member
from reprodx.comparison.metric_comparisons import compared_metrics, metric_comparisons
from reprodx.comparison.settings import DEFAULTS, ComparisonSettings, Margin
from reprodx.schemas import Task

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

THRESHOLD = 0.3
NUM_LOOPED = 4
"""Resamples that scikit-learn is timed on."""
NUM_NAIVE_POSITIVES = 50
"""Positive cases that the pairwise DeLong is timed on: each is held against all negative ones."""
NUM_PAIRS = 3
NUM_CASES, NUM_CASES_OF_MANY, NUM_CASES_OF_AUROC = 100_000, 10_000, 1_000_000
NUM_MODELS = 50
SMOKE = {
    **dict.fromkeys(("NUM_CASES", "NUM_CASES_OF_MANY", "NUM_CASES_OF_AUROC"), 400),
    **{"NUM_MODELS": 3, "NUM_LOOPED": 1, "NUM_NAIVE_POSITIVES": 2},
}
"""What the constants are in a smoke run, which asks whether it runs at all."""


def measure() -> list[Comparison]:
    """Time both sides of each comparison in turn."""
    settings = ComparisonSettings(**{**DEFAULTS, "margin": Margin(0.02, "in the benchmark")})
    two, many, for_auroc = _cases(NUM_CASES, 2), _cases(NUM_CASES_OF_MANY, NUM_MODELS), _cases(NUM_CASES_OF_AUROC, 2)
    loop = f"scikit-learn, B = {settings.num_resamples}"
    of_all = "all binary metrics"
    return [
        _in_turn(f"{of_all}: 2 models, {NUM_CASES:,} cases; {loop}", _ours(two, settings), _loop(two, settings)),
        _in_turn(
            f"{of_all}: {NUM_MODELS} models, {NUM_CASES_OF_MANY:,} cases; {loop}",
            _ours(many, settings),
            _loop(many, settings),
        ),
        _in_turn(
            f"paired AUROC, {NUM_CASES_OF_AUROC:,} cases; pair by pair",
            _ours(for_auroc, settings, ("auroc",)),
            _naive_delong(for_auroc),
        ),
    ]


def _in_turn(what: str, ours: Callable[[], Timing], bare: Callable[[], Timing]) -> Comparison:
    pairs = [(ours(), bare()) for _ in range(NUM_PAIRS)]
    return Comparison(what, [pair[0] for pair in pairs], [pair[1] for pair in pairs], TIMES_AS_LONG)


def _cases(num_cases: int, num_contenders: int) -> ComparedCases:
    rng = np.random.default_rng(0)
    targets = (rng.random(num_cases) < 0.2).astype(np.int64)
    signal = rng.normal(size=num_cases) + 1.2 * targets - 1.8
    contenders = tuple(
        Contender(f"model {number}", (_member(expit(signal + 0.3 * rng.normal(size=num_cases))),), None)
        for number in range(num_contenders)
    )
    return ComparedCases(
        table=pl.DataFrame(),
        targets=targets,
        patients=None,
        folds=None,
        task=Task.BINARY,
        classes=("no", "yes"),
        split="test",
        contenders=contenders,
        has_patients=False,
        notes=(),
        checks=(),
    )


def _member(probs: NDArray[np.float64]) -> Member:
    called = (probs >= THRESHOLD).astype(np.int64)
    return Member(np.column_stack([1 - probs, probs]), called, None, (THRESHOLD,), None, 0, ())


def _ours(cases: ComparedCases, settings: ComparisonSettings, names: tuple[str, ...] = ()) -> Callable[[], Timing]:
    metrics = [one for one in compared_metrics(cases, settings) if one.name in names or not names]
    return lambda: _timed(lambda: metric_comparisons(cases, metrics, cases.pair_positions, settings))


def _loop(cases: ComparedCases, settings: ComparisonSettings) -> Callable[[], Timing]:
    """Return the time of all resamples, carried on from a few of one model."""
    probs, called = cases.contenders[0].members[0].probs[:, 1], cases.contenders[0].members[0].called
    scale = settings.num_resamples * len(cases.contenders) / NUM_LOOPED
    return lambda: _scaled(_timed(lambda: _scikit_learn(cases.targets, probs, called)), scale)


def _scikit_learn(targets: NDArray[np.int64], probs: NDArray[np.float64], called: NDArray[np.int64]) -> None:
    from sklearn import metrics
    from sklearn.linear_model import LogisticRegression

    rng = np.random.default_rng(0)
    for _ in range(NUM_LOOPED):
        rows = rng.integers(targets.size, size=targets.size)
        metrics.average_precision_score(targets[rows], probs[rows])
        metrics.brier_score_loss(targets[rows], probs[rows])
        metrics.balanced_accuracy_score(targets[rows], called[rows])
        metrics.cohen_kappa_score(targets[rows], called[rows])
        metrics.recall_score(targets[rows], called[rows])
        metrics.accuracy_score(targets[rows], called[rows])
        LogisticRegression(C=np.inf).fit(np.log(probs[rows] / (1 - probs[rows]))[:, None], targets[rows])


def _naive_delong(cases: ComparedCases) -> Callable[[], Timing]:
    """Return the time of holding every positive case against every negative one, carried on from a few."""
    is_positive = cases.targets == 1
    scale = is_positive.sum() / NUM_NAIVE_POSITIVES

    def compare() -> None:
        for contender in cases.contenders:
            scores = contender.members[0].probs[:, 1]
            negatives = scores[~is_positive]
            for score in scores[is_positive][:NUM_NAIVE_POSITIVES]:
                (score > negatives).mean() + (score == negatives).mean() / 2

    return lambda: _scaled(_timed(compare), scale)


def _timed(action: Callable[[], object]) -> Timing:
    clock, processor = time.perf_counter(), time.process_time()
    action()
    return Timing(time.perf_counter() - clock, time.process_time() - processor)


def _scaled(timing: Timing, times: float) -> Timing:
    return Timing(timing.clock * times, timing.processor * times)


if __name__ == "__main__":
    for comparison in measure():
        print(comparison.details())
