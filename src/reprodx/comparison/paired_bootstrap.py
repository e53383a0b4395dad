"""Differences between models in any metric, from resamples of patients that all models share.

Patients are drawn with replacement within the strata that one model is scored in. A contender with several members is
their mean, and its members are drawn too, so that intervals cover another seed as well as other patients: one fewer
than there are, which makes the variance of their mean the unbiased one.

Source: Efron & Tibshirani, An Introduction to the Bootstrap, 1993, chapters 8 and 13; McCarthy & Snowden, Vital Health
Stat 2 1985;95, and Rao & Wu, J Am Stat Assoc 1988;83:231 (drawing one fewer).
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np

from reprodx.comparison.difference import Difference
from reprodx.comparison.percentiles import percentile_difference, percentile_estimate
from reprodx.comparison.result import MetricComparison, PairedDifference
from reprodx.comparison.statistics.contender_statistics import ContenderStatistics, case_strata
from reprodx.schemas import Estimate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Future

    from numpy.typing import NDArray

    from reprodx.comparison.compared_cases import ComparedCases
    from reprodx.comparison.result import ComparedMetric
    from reprodx.comparison.settings import ComparisonSettings

CHUNK_ELEMENTS = 1_600_000
"""Weights that a thread works on at a time (13 MB): enough resamples for a matrix product to be worth its call."""
NUM_THREADS = 2
"""Results do not depend on it."""


def bootstrap_comparisons(
    cases: ComparedCases,
    metrics: Sequence[ComparedMetric],
    pairs: Sequence[tuple[int, int]],
    settings: ComparisonSettings,
    *,
    threshold: float | None = None,
) -> list[MetricComparison]:
    """Return every metric of every contender and the differences of pairs, from one stream of resamples.

    Args:
        cases: That all contenders answered.
        metrics: Of the cases' task.
        pairs: Positions of contenders, the second being subtracted.
        settings: Resamples, level, and what net benefit and grades are taken at.
        threshold: Probability at which net benefit is taken; None asks `catalogue.decision_threshold`.

    Returns:
        A comparison for each metric, in order. A metric that all cases leave undefined says why, and so does a
        difference of which one side is undefined.

    Raises:
        ConfigError: If `ordinal_cut` or the stated threshold has no meaning here.
    """
    if not metrics:
        return []
    statistics = ContenderStatistics(cases, [metric.name for metric in metrics], settings, threshold=threshold)
    shares = drawn_shares(cases, settings)

    def resample(weights: NDArray[np.float64], rows: slice) -> NDArray[np.float64]:
        return statistics.values(weights, [share[:, rows] for share in shares])

    resampled = over_resamples(resample, cases, settings)
    found = []
    for row, metric in enumerate(metrics):
        estimates = estimates_of(statistics, row, resampled[:, row], cases, settings)
        differences = [
            PairedDifference(*pair, _difference(estimates, pair, resampled[:, row], cases, settings)) for pair in pairs
        ]
        found.append(MetricComparison(metric, tuple(estimates), statistics.spreads(row), tuple(differences)))
    return found


def estimates_of(
    statistics: ContenderStatistics,
    row: int,
    resampled: NDArray[np.float64],
    cases: ComparedCases,
    settings: ComparisonSettings,
) -> list[Estimate]:
    """Return a metric of every contender with its percentile interval.

    Args:
        statistics: Of the contenders.
        row: The metric's position.
        resampled: Shape (contenders, resamples).
        cases: That the contenders answered.
        settings: The level.

    Returns:
        By contender; without a value where all cases leave it undefined.
    """
    values, estimates = statistics.all_cases()[:, row], []
    for position, value in enumerate(values):
        one = statistics.first(position, row)
        counts, method = (one.n, one.n_events), _method(cases, settings, [position])
        if reason := statistics.reason(position, row):
            estimates.append(Estimate.undefined(reason, n=one.n, n_events=one.n_events))
        else:
            level = settings.confidence_level
            estimates.append(percentile_estimate(float(value), resampled[position], level, counts, method))
    return estimates


def over_resamples(
    function: Callable[[NDArray[np.float64], slice], NDArray[np.float64]],
    cases: ComparedCases,
    settings: ComparisonSettings,
) -> NDArray[np.float64]:
    """Return the values of a function over all resamples of the cases' patients.

    Args:
        function: From weights, shape (resamples, cases), and the position of these resamples among all, to an array
            whose last axis is of the resamples.
        cases: Whose patients are drawn.
        settings: How many resamples, and their seed. Equal seeds draw equal patients, whatever the function.

    Returns:
        The arrays joined along the last axis; of length 0 there without cases.
    """
    from threadpoolctl import threadpool_limits

    if not len(cases.targets):
        return function(np.ones((0, 0)), slice(0, 0))
    pending: deque[Future[NDArray[np.float64]]] = deque()
    found, start = [], 0
    # A matrix product in threads of its own would compete with ours, and its sums would depend on their number.
    with threadpool_limits(1), ThreadPoolExecutor(NUM_THREADS) as pool:
        for weights in _chunks(cases, settings):
            pending.append(pool.submit(function, weights, slice(start, start + len(weights))))
            start += len(weights)
            if len(pending) > NUM_THREADS:
                found.append(pending.popleft().result())
        found.extend(future.result() for future in pending)
    return np.concatenate(found, axis=-1)


def drawn_shares(cases: ComparedCases, settings: ComparisonSettings) -> list[NDArray[np.float64]]:
    """Return how much of a contender's mean each of its members makes up in each resample.

    Args:
        cases: With the contenders.
        settings: How many resamples, and their seed.

    Returns:
        For each contender shape (members, resamples), adding up to 1 in each resample.
    """
    shares = []
    for position, contender in enumerate(cases.contenders):
        num_members = len(contender.members)
        num_drawn = max(1, num_members - 1)
        rng = np.random.default_rng([settings.bootstrap_seed, position])
        equal = np.full(num_members, 1 / num_members)
        shares.append(rng.multinomial(num_drawn, equal, size=settings.num_resamples).T / num_drawn)
    return shares


def _chunks(cases: ComparedCases, settings: ComparisonSettings) -> Iterator[NDArray[np.float64]]:
    """Yield the weights of as many resamples as a thread works on at a time."""
    size = max(1, CHUNK_ELEMENTS // len(cases.targets))
    gathered: list[NDArray[np.float64]] = []
    for weights in settings.bootstrap.weights(case_strata(cases), cases.patients):
        gathered.append(weights)
        if sum(map(len, gathered)) >= size:
            yield np.concatenate(gathered)
            gathered = []
    if gathered:
        yield np.concatenate(gathered)


def _difference(
    estimates: Sequence[Estimate],
    pair: tuple[int, int],
    resampled: NDArray[np.float64],
    cases: ComparedCases,
    settings: ComparisonSettings,
) -> Difference:
    first, second = (estimates[position] for position in pair)
    if first.value is None or second.value is None:
        lacking = first if first.value is None else second
        assert lacking.reason is not None, "what has no value has a reason"
        return Difference(Estimate.undefined(lacking.reason, n=first.n, n_events=first.n_events), None, None)
    differences = resampled[pair[0]] - resampled[pair[1]]
    counts, method = (first.n, first.n_events), f"paired {_method(cases, settings, pair)}"
    return percentile_difference(first.value - second.value, differences, settings.confidence_level, counts, method)


def _method(cases: ComparedCases, settings: ComparisonSettings, positions: Sequence[int]) -> str:
    unit = "cases" if cases.patients is None else "patients"
    has_members = any(len(cases.contenders[position].members) > 1 for position in positions)
    drawn = f"{unit} and repetitions" if has_members else unit
    return f"percentile bootstrap of {drawn}, stratified, B = {settings.num_resamples}"
