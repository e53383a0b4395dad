"""Functions of resampled patients, all from one stream of resamples that every model shares.

A contender with several members is their mean, and its members are drawn too, so that what is found covers another seed
as well as other patients: one fewer than there are, which makes the variance of their mean the unbiased one.

Source: Efron & Tibshirani, An Introduction to the Bootstrap, 1993, chapters 8 and 13; McCarthy & Snowden, Vital Health
Stat 2 1985;95, and Rao & Wu, J Am Stat Assoc 1988;83:231 (drawing one fewer).
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future

    from numpy.typing import NDArray

    from reprodx.comparison.compared_cases import ComparedCases
    from reprodx.comparison.settings import ComparisonSettings
    from reprodx.metrics.scored_cases import ScoredCases

CHUNK_ELEMENTS = 1_600_000
"""Weights that a thread works on at a time (13 MB): enough resamples for a matrix product to be worth its call."""
NUM_THREADS = 2
"""Results do not depend on it."""


def over_resamples(
    function: Callable[[NDArray[np.float64], slice], NDArray[np.float64]],
    cases: ScoredCases,
    settings: ComparisonSettings,
) -> NDArray[np.float64]:
    """Return the values of a function over all resamples of the cases' patients.

    Args:
        function: From weights, shape (resamples, cases), and the position of these resamples among all, to an array
            whose last axis is of the resamples.
        cases: Whose patients are drawn; what was said of them plays no part.
        settings: How many resamples, and their seed. Equal seeds draw equal patients, whatever the function.

    Returns:
        The arrays joined along the last axis; of length 0 there without cases.
    """
    from threadpoolctl import threadpool_limits

    if not cases.num_cases:
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


def _chunks(cases: ScoredCases, settings: ComparisonSettings) -> Iterator[NDArray[np.float64]]:
    """Yield the weights of as many resamples as a thread works on at a time."""
    size = max(1, CHUNK_ELEMENTS // cases.num_cases)
    gathered: list[NDArray[np.float64]] = []
    for weights in settings.bootstrap.weights(cases.drawn_within, cases.patients):
        gathered.append(weights)
        if sum(map(len, gathered)) >= size:
            yield np.concatenate(gathered)
            gathered = []
    if gathered:
        yield np.concatenate(gathered)
