"""A metric of one model as a function of case weights, so that a resample of patients is a row of weights.

What is linear in the weights is computed for all resamples and all metrics of a model in one matrix product; what
depends on ranks sorts the cases once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from reprodx.metrics.undefined import ratio

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    Function = Callable[[NDArray[np.float64]], NDArray[np.float64]]
    """From weights, shape (resamples, cases), to values, shape (resamples,)."""

Part = TypeVar("Part")
BLOCK_ELEMENTS = 100_000
"""Weights that are ranked at a time (0.8 MB, which stays in the cache)."""


@dataclass(frozen=True)
class Statistic:
    """A metric of one model, or the reason why it has none."""

    columns: tuple[NDArray[np.float64], ...]
    """Each of shape (cases,): whose weighted sums it needs. One array that several statistics need is summed once."""
    functions: tuple[Function, ...]
    """What else it needs of the weights, such as an AUROC; one function that several statistics need is called once."""
    value: Callable[..., NDArray[np.float64]]
    """Takes the sums of the columns, then the values of the functions, each of shape (resamples,), and returns the
    metric's values: shape (resamples,), NaN where a resample leaves it undefined."""
    n: int
    """Cases that it is computed from."""
    n_events: int | None = None
    """Positive cases among these; None where no class is singled out."""
    reason: str | None = None
    """Why all cases leave it undefined; None where they do not."""

    @classmethod
    def undefined(cls, reason: str, *, n: int, n_events: int | None = None) -> Statistic:
        """Return a statistic without a value, which says why."""
        return cls((), (), lambda: np.array(np.nan), n, n_events, reason)

    @classmethod
    def mean(cls, column: NDArray[np.float64], ones: NDArray[np.float64], n_events: int | None = None) -> Statistic:
        """Return the weighted mean of a column; `ones` is the column of ones."""
        return cls((column, ones), (), ratio, ones.size, n_events)

    @classmethod
    def of_function(cls, function: Function, *, n: int, n_events: int | None = None) -> Statistic:
        """Return what a function of the weights gives."""
        return cls((), (function,), lambda values: values, n, n_events)


class StatisticTable:
    """Several statistics of one model, computed together."""

    def __init__(self, statistics: Sequence[Statistic]) -> None:
        """Gather what the statistics need, each thing once.

        Args:
            statistics: Of the same cases.
        """
        self.statistics = tuple(statistics)
        self._columns = _distinct(column for one in statistics for column in one.columns)
        self._functions = _distinct(function for one in statistics for function in one.functions)
        self._matrix = np.column_stack(list(self._columns.values())) if self._columns else None

    def __call__(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the values of all statistics.

        Args:
            weights: Shape (resamples, cases).

        Returns:
            Shape (statistics, resamples); NaN where undefined.
        """
        sums = [] if self._matrix is None else list((weights @ self._matrix).T)
        known = dict(zip(self._columns, sums, strict=True))
        known |= {key: function(weights) for key, function in self._functions.items()}
        values = np.empty((len(self.statistics), len(weights)))
        for row, one in zip(values, self.statistics, strict=True):
            row[:] = one.value(*(known[id(part)] for part in (*one.columns, *one.functions)))
        return values


def blockwise(function: Function) -> Function:
    """Return a function of weights that is called with as many resamples at a time as stay in the cache.

    Args:
        function: From weights, shape (resamples, cases), to values, shape (resamples,).

    Returns:
        The same function.
    """

    def values(weights: NDArray[np.float64]) -> NDArray[np.float64]:
        size = max(1, BLOCK_ELEMENTS // weights.shape[1])
        return np.concatenate([function(weights[start : start + size]) for start in range(0, len(weights), size)])

    return values


def mean_of(functions: Sequence[Function], *, n: int) -> Statistic:
    """Return the mean of several functions of the weights.

    Args:
        functions: At least one.
        n: Cases.

    Returns:
        NaN where one of them is.
    """
    return Statistic((), tuple(functions), lambda *values: np.mean(values, axis=0), n)


def _distinct(parts: Iterable[Part]) -> dict[int, Part]:
    return {id(part): part for part in parts}
