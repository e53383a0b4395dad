"""A series in a row of numbers: what a clinician would note of each variable, standardised by the training cases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from reprodx.inputs import Inputs

STATISTICS = ("last", "mean", "min", "max", "std", "count", "slope")
"""Of the measured values of a variable: the latest, their mean, lowest, highest and standard deviation, how many there
are, and the slope of the least-squares line through them per step. One value has neither std nor slope."""
LIMIT = 10.0
"""Standard deviations from the training mean to which a number is moved, lest one artefact rule a linear model."""


@dataclass(frozen=True)
class SeriesSummary:
    """What sums series up; what was not measured is at the training mean."""

    channels: tuple[str, ...]
    """Variables of the series."""
    kept: tuple[int, ...]
    """Places of the numbers that vary among training cases, out of all statistics of all variables."""
    means: tuple[float, ...]
    """Of the kept numbers, over the training cases that have them."""
    stds: tuple[float, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the numbers, such as "hr__last"."""
        every = [f"{channel}__{statistic}" for channel in self.channels for statistic in STATISTICS]
        return tuple(every[place] for place in self.kept)

    @classmethod
    def fit(cls, train: Inputs, targets: NDArray[np.int64] | None = None) -> Self:
        """Return the summary of these training cases.

        Args:
            train: Their series as read.
            targets: Not used.

        Returns:
            The summary by the numbers that vary.
        """
        found = _statistics(train)
        is_known = ~np.isnan(found)
        num_known = np.maximum(is_known.sum(axis=0), 1)
        means = np.where(is_known, found, 0).sum(axis=0) / num_known
        stds = np.sqrt(np.where(is_known, (found - means) ** 2, 0).sum(axis=0) / num_known)
        kept = np.flatnonzero(stds > 1e-6 * np.maximum(np.abs(means), 1e-6))
        return cls(train.channels, tuple(kept.tolist()), tuple(means[kept].tolist()), tuple(stds[kept].tolist()))

    def apply(self, raw: Inputs) -> NDArray[np.float32]:
        """Return the numbers of each case.

        Args:
            raw: Series as read.

        Returns:
            Shape (cases, names), standardised; 0 where there is nothing to compute a number from.
        """
        found = _statistics(raw)[:, list(self.kept)]
        scaled = (found - np.array(self.means)) / np.array(self.stds)
        features: NDArray[np.float32] = np.clip(np.nan_to_num(scaled), -LIMIT, LIMIT).astype(np.float32)
        return features

    def to_json(self) -> dict[str, Any]:
        """Return the summary as JSON."""
        return {
            "channels": list(self.channels),
            "kept": list(self.kept),
            "means": list(self.means),
            "stds": list(self.stds),
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Self:
        """Return the summary that `to_json` made `content` from."""
        return cls(*(tuple(content[name]) for name in ("channels", "kept", "means", "stds")))


def _statistics(raw: Inputs) -> NDArray[np.float64]:
    """Return all statistics, shape (cases, variables * statistics), NaN where undefined."""
    size = len(raw.channels) * len(STATISTICS)
    return np.array([_of_case(np.asarray(case, dtype=np.float64)).ravel() for case in raw]).reshape(len(raw), size)


def _of_case(steps: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the statistics of one case, shape (variables, statistics), from shape (steps, variables)."""
    is_measured = ~np.isnan(steps)
    count = is_measured.sum(axis=0)
    number = np.where(count > 0, count, np.nan)
    values = np.where(is_measured, steps, 0)
    step = np.arange(len(steps), dtype=np.float64)[:, None]
    last = np.take_along_axis(steps, np.where(is_measured, step, 0).argmax(axis=0)[None].astype(np.int64), axis=0)[0]
    mean = values.sum(axis=0) / number
    low = np.where(is_measured, steps, np.inf).min(axis=0)
    high = np.where(is_measured, steps, -np.inf).max(axis=0)
    from_mean = np.where(is_measured, steps - mean, 0)
    from_middle = np.where(is_measured, step - (is_measured * step).sum(axis=0) / number, 0)
    several = np.where(count > 1, count, np.nan)
    std = np.sqrt((from_mean**2).sum(axis=0) / several)
    slope = (from_middle * from_mean).sum(axis=0) / np.where(count > 1, (from_middle**2).sum(axis=0), np.nan)
    columns = [last, mean, np.where(count > 0, low, np.nan), np.where(count > 0, high, np.nan), std, count, slope]
    return np.column_stack(columns)
