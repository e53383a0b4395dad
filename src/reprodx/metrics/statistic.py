"""A metric of one model as a function of case weights, and what each case contributes to it.

A resample of patients, a fold and a subgroup are rows of weights. What is linear in the weights is computed for all
rows and all metrics of a model in one matrix product; what depends on ranks sorts the cases once. The derivative by a
case's weight is the case's influence, of which variances of any metric are made.

Source: Efron, The Jackknife, the Bootstrap and Other Resampling Plans, 1982, chapter 6 (the infinitesimal jackknife).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

import numpy as np

from reprodx.metrics.undefined import ratio

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from reprodx.metrics.scored_cases import ScoredCases

Part = TypeVar("Part")
BLOCK_ELEMENTS = 100_000
"""Weights that are ranked at a time (0.8 MB, which stays in the cache)."""
STEP = 1e-5
"""Of a numerical derivative, as a share of a sum."""


class Weighted(Protocol):
    """What is no sum of the weights, such as an AUROC."""

    num_cases: int

    def __call__(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return values, shape (resamples,), from weights, shape (resamples, cases); NaN where undefined."""

    def influence(self) -> NDArray[np.float64]:
        """Return the derivative by each case's weight where all weigh one, shape (cases,)."""


Ranked = Callable[["NDArray[np.bool_]", "NDArray[np.float64]"], Weighted]
"""Takes which cases are positive and their scores, each of shape (cases,)."""


@dataclass(frozen=True)
class Statistic:
    """A metric of one model, or the reason why it has none."""

    columns: tuple[NDArray[np.float64], ...]
    """Each of shape (cases,): whose weighted sums it needs. One array that several statistics need is summed once."""
    functions: tuple[Weighted, ...]
    """What else it needs of the weights; one function that several statistics need is called once."""
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
    def share(
        cls, part: NDArray[np.float64], whole: NDArray[np.float64], *, n: int, n_events: int | None = None
    ) -> Statistic:
        """Return the sum of one column over that of another."""
        return cls((part, whole), (), ratio, n, n_events)

    @classmethod
    def mean_of(cls, functions: Sequence[Weighted], *, n: int, n_events: int | None = None) -> Statistic:
        """Return the mean of several functions of the weights, NaN where one of them is."""
        return cls((), tuple(functions), lambda *values: sum(values) / len(values), n, n_events)

    @classmethod
    def of_question(cls, cases: ScoredCases, ranked: Ranked) -> Statistic:
        """Return what ranks of a yes-or-no question give, such as its AUROC."""
        found = ranked(cases.is_positive, cases.positive_probs)
        return cls.mean_of([found], n=cases.num_cases, n_events=cases.n_events)

    @classmethod
    def of_each(cls, cases: ScoredCases, ranked: Ranked) -> Statistic:
        """Return the unweighted mean over each class against the rest, or each label."""
        parts = [cases.about(index) for index in range(len(cases.classes))]
        found = [ranked(part.is_positive, part.positive_probs) for part in parts]
        return cls.mean_of(found, n=cases.num_cases)

    def of_all(self) -> float:
        """Return the value where all cases weigh one, NaN where that is undefined."""
        return float(np.asarray(self.value(*self._at_one())).item())

    def rests_on(self) -> NDArray[np.bool_]:
        """Return which cases play a part, shape (cases,): in a sensitivity the diseased alone."""
        if self.functions:
            return np.ones(self.functions[0].num_cases, dtype=np.bool_)
        return np.asarray(np.any([column != 0 for column in self.columns], axis=0))

    def influence(self) -> NDArray[np.float64]:
        """Return the derivative by each case's weight where all weigh one, shape (cases,).

        Central differences in the sums, exact to about 1e-10, so that no metric needs a derivative of its own.
        """
        parts = [*self.columns, *(function.influence() for function in self.functions)]
        at = np.concatenate(self._at_one())
        steps = STEP * np.maximum(np.abs(at), 1.0)
        shifted = at[:, None] + np.concatenate([np.diag(steps), -np.diag(steps)], axis=1)
        values = np.asarray(self.value(*shifted))
        slopes = (values[: at.size] - values[at.size :]) / (2 * steps)
        # Added one by one: a matrix product sums in an order that depends on the number of threads.
        return sum((slope * part for slope, part in zip(slopes, parts, strict=True)), np.zeros(parts[0].size))

    def _at_one(self) -> list[NDArray[np.float64]]:
        """Return the sums and the functions' values where all cases weigh one, each of shape (1,)."""
        sums = [np.array([column.sum()]) for column in self.columns]
        return [*sums, *(function(np.ones((1, function.num_cases))) for function in self.functions)]


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
        known |= {key: blockwise(function, weights) for key, function in self._functions.items()}
        values = np.empty((len(self.statistics), len(weights)))
        for row, one in zip(values, self.statistics, strict=True):
            row[:] = one.value(*(known[id(part)] for part in (*one.columns, *one.functions)))
        return values


def blockwise(function: Weighted, weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the values of a function, computed for as many resamples at a time as stay in the cache.

    Args:
        function: Of weights.
        weights: Shape (resamples, cases).

    Returns:
        Shape (resamples,).
    """
    size = max(1, BLOCK_ELEMENTS // max(1, weights.shape[1]))
    blocks = [function(weights[start : start + size]) for start in range(0, len(weights), size)]
    return np.concatenate(blocks) if blocks else np.empty(0)


def _distinct(parts: Iterable[Part]) -> dict[int, Part]:
    return {id(part): part for part in parts}
