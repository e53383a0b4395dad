"""How many cases of resampled patients fall in each of some cells, such as intervals of probability by class.

Statistics that are sums over cells, such as a decision curve, need nothing else of a resample.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reprodx.metrics.bootstrap import Bootstrap


def resampled_cells(
    cells: NDArray[np.int64],
    num_cells: int,
    strata: NDArray[np.int64] | NDArray[np.bool_],
    patients: NDArray[np.int64] | None,
    bootstrap: Bootstrap,
) -> NDArray[np.float64]:
    """Return the cases in each cell of each resample.

    Independent cases are drawn as counts (a multinomial within each class), which is the same as drawing them one by
    one and does not grow with their number; patients with several cases are drawn as wholes.

    Args:
        cells: Shape (cases,), the cell of each case, from 0.
        num_cells: How many cells there are.
        strata: Shape (cases,), the class within which is drawn; all equal in a cohort.
        patients: Shape (cases,), a number from 0 for each patient; None where every case is a patient of its own.
        bootstrap: How the resamples are drawn.

    Returns:
        Shape (resamples, cells).

    >>> from reprodx.metrics.bootstrap import Bootstrap
    >>> resampled_cells(np.array([0, 1, 1]), 2, np.array([0, 1, 1]), None, Bootstrap(2, 0, 0.95)).tolist()
    [[1.0, 2.0], [1.0, 2.0]]
    """
    if patients is None:
        return _independent(cells, num_cells, strata, bootstrap)
    from scipy.sparse import csr_array

    rows = np.arange(cells.size)
    membership = csr_array((np.ones(cells.size), (cells, rows)), shape=(num_cells, cells.size))
    return np.concatenate([(membership @ weights.T).T for weights in bootstrap.weights(strata, patients)])


def _independent(
    cells: NDArray[np.int64],
    num_cells: int,
    strata: NDArray[np.int64] | NDArray[np.bool_],
    bootstrap: Bootstrap,
) -> NDArray[np.float64]:
    rng = np.random.default_rng(bootstrap.seed)
    total = np.zeros((bootstrap.num_resamples, num_cells))
    for stratum in np.unique(strata):
        counts = np.bincount(cells[strata == stratum], minlength=num_cells)
        size = int(counts.sum())
        # Cells without a case of the class are left out: they would cost as much as the others.
        filled = np.flatnonzero(counts)
        total[:, filled] += rng.multinomial(size, counts[filled] / size, size=bootstrap.num_resamples)
    return total
