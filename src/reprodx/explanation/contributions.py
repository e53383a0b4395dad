"""What each part of one case contributes to the log odds, as arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from reprodx.artifacts.explanations import Grid, Named

NUM_KEPT = 10
"""Features or channels that are kept, the strongest."""
DIGITS = 6
"""Significant digits that are kept."""


@dataclass(frozen=True)
class Contributions:
    """Of one case."""

    features: NDArray[np.float64]
    """Shape (features,); empty where there are none or they were held as they are."""
    grid: NDArray[np.float64]
    """Shape (rows, columns); (0, 0) for a table."""
    log_odds: float
    """Of the case."""
    convergence_delta: float | None
    """Sum of everything before it was summed to cells, minus the difference of the log odds from the baseline's."""
    num_steps: int | None = None
    """Of a signal, series or text, that the columns divide up."""

    @property
    def flat(self) -> NDArray[np.float64]:
        """All numbers in a row."""
        return np.concatenate([self.features, self.grid.ravel()])


def coarse_sums(values: NDArray[np.float64], num_rows: int, num_columns: int) -> NDArray[np.float64]:
    """Sum neighbouring numbers to cells of nearly the same size.

    Args:
        values: Shape (rows, columns).
        num_rows: Rows of cells at most.
        num_columns: Columns of cells at most.

    Returns:
        Shape (cell rows, cell columns); the sum over all is kept.

    >>> coarse_sums(np.ones((2, 5)), 9, 2).tolist()
    [[2.0, 3.0], [2.0, 3.0]]
    """
    for axis, most in enumerate((num_rows, num_columns)):
        length = values.shape[axis]
        num = min(length, most)
        values = np.add.reduceat(values, np.arange(num) * length // num, axis=axis)
    return values


def strongest(names: Sequence[str], values: NDArray[np.float64]) -> Named:
    """Return the largest absolute values with their names, the largest first and ties in their order.

    >>> strongest(["age", "sex"], np.array([0.5, -2.0]))
    (('sex', -2.0), ('age', 0.5))
    """
    order = np.argsort(-np.abs(values), kind="stable")[:NUM_KEPT]
    return tuple((names[index], rounded(values[index])) for index in order.tolist())


def as_grid(values: NDArray[np.float64]) -> Grid:
    """Return rows of rounded numbers."""
    return tuple(tuple(rounded(value) for value in row) for row in values)


def rounded(value: float) -> float:
    """Return a number with as many digits as are kept, and no negative zero.

    >>> rounded(0.123456789), rounded(-0.0)
    (0.123457, 0.0)
    """
    return float(f"{value:.{DIGITS}g}") + 0.0
