"""Measurements over time, one after the other, and the steps of equal length that they become."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reprodx.errors import SchemaError

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    from reprodx.datasets.series_format import SeriesFormat

STEP = "step"
"""The name of our column of the step in which an hour lies."""
COPIES = 4
"""How often steps lie in memory at once, counted in arrays of float32: as read, and as networks take them."""


@dataclass(frozen=True)
class Measurements:
    """All measurements of a table."""

    stays: pl.DataFrame
    """One row per stay, sorted: `stay`, `step` (that of its last row, measured or not), `origin` (its first date)."""
    variables: tuple[str, ...]
    left_out: tuple[str, ...]
    """Columns of the table that were asked not to be variables."""
    rows: NDArray[np.int64]
    """Shape (measurements,): the row of `stays`."""
    hours: NDArray[np.float64]
    """Shape (measurements,): hours since the start of the stay."""
    columns: NDArray[np.int64]
    """Shape (measurements,): the place of the variable."""
    values: NDArray[np.float64]
    """Shape (measurements,): what was measured."""
    warnings: tuple[str, ...]
    """What was left out, and what is doubtful, one sentence each."""

    def first_steps(self, form: SeriesFormat) -> NDArray[np.int64]:
        """Return the step of the first measurement of each stay, shape (stays,); beyond any where there is none."""
        first = np.full(self.stays.height, np.iinfo(np.int64).max)
        np.minimum.at(first, self.rows, form.steps_of(self.hours))
        return first

    def steps(self, form: SeriesFormat, num_steps: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the steps of all stays, one after the other.

        Args:
            form: How long a step is, and how several measurements become one.
            num_steps: Shape (stays,): how many steps each stay has.

        Returns:
            Shape (steps of all, variables); NaN where nothing was measured.

        Raises:
            SchemaError: If they do not fit into the machine's memory.
        """
        shape = (int(num_steps.sum()), len(self.variables))
        _refuse_large(shape)
        grid = np.full(shape, np.nan, dtype=np.float32)
        starts = np.cumsum(num_steps) - num_steps
        cells = (starts[self.rows] + form.steps_of(self.hours)) * len(self.variables) + self.columns
        # Values too decide the order, so that sums are the same in every order of the file's rows.
        order = np.lexsort((self.values, self.hours, cells))
        cells, values = cells[order], self.values[order]
        first = np.flatnonzero(np.diff(cells, prepend=-1))
        if first.size:
            end = np.append(first[1:], len(cells))
            is_mean = form.aggregate == "mean"
            grid.flat[cells[first]] = np.add.reduceat(values, first) / (end - first) if is_mean else values[end - 1]
        return grid


def _refuse_large(shape: tuple[int, int]) -> None:
    gigabytes = COPIES * 4 * shape[0] * shape[1] / 1e9
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9
    if gigabytes > memory:
        raise SchemaError(
            f"{shape[0]} steps of {shape[1]} variables need {gigabytes:.0f} GB of memory and this machine has "
            f"{memory:.0f}: raise data.bin_hours, read less with data.window_hours or data.variables, or look at the "
            f"unit of data.hour"
        )
