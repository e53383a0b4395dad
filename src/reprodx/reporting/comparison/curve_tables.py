"""The curves of contenders as tables: long ones to draw, and wide ones to read.

A contender with several members has their mean: of ROC curves at each false positive rate, so that the area is the mean
of their areas; of calibration and net benefit over the members' cases together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from reprodx.metrics.calibration_error import smoothed_rates
from reprodx.metrics.curves import DECISION_THRESHOLDS, MAX_POINTS, histogram_table, roc_table
from reprodx.metrics.decision_curve import decision_curve
from reprodx.reporting.page import Table
from reprodx.reporting.wording import number

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from reprodx.reporting.comparison.evidence import Evidence

GRID = np.linspace(0, 1, 21)
"""Where curves are read for a wide table."""
FINE_GRID = np.linspace(0, 1, 201)
"""Where smooths are drawn."""
RATES = ("false_positive_rate", "true_positive_rate")
"""The columns of a ROC curve."""
EVERYONE = "everyone positive"
"""The column of a wide table of net benefit beside the contenders."""


def roc_curves(evidence: Evidence) -> pl.DataFrame:
    """Return `class` (the contender), `false_positive_rate`, `true_positive_rate` of the drawn contenders."""
    return _of_drawn(evidence, _roc)


def calibration_curves(evidence: Evidence) -> pl.DataFrame:
    """Return `class` (the contender), `probability`, `observed_rate`; NaN where they cannot be smoothed."""
    return _of_drawn(evidence, lambda one, position: _smooth(*_pooled(one, position)))


def histograms(evidence: Evidence) -> pl.DataFrame:
    """Return `class` (the contender), `probability_from`, `probability_to`, `num_cases` of the drawn contenders."""

    def of_all(one: Evidence, position: int) -> pl.DataFrame:
        _, probs = _pooled(one, position)
        return histogram_table(np.zeros(probs.size, dtype=np.int64), probs, ("all",)).drop("true_class")

    return _of_drawn(evidence, of_all)


def decision_curves(evidence: Evidence) -> pl.DataFrame:
    """Return `class` (the contender), `threshold`, `model`, `treat_all`, `treat_none` of the drawn contenders."""
    return _of_drawn(evidence, lambda one, position: _net_benefit(*_pooled(one, position)))


def roc_to_read(curves: pl.DataFrame) -> Table:
    """Return the sensitivity of each contender at each rate of `GRID`, without key and caption."""
    parts = {name: _sensitivities(part) for name, part in _by_name(curves).items()}
    return _side_by_side("1 \N{MINUS SIGN} specificity", parts, GRID)


def calibration_to_read(curves: pl.DataFrame) -> Table:
    """Return the observed rate of each contender at each probability of `GRID` that it has predicted about."""
    parts = {name: _read(part, "probability", "observed_rate", GRID) for name, part in _by_name(curves).items()}
    return _side_by_side("predicted probability", parts, GRID)


def net_benefit_to_read(curves: pl.DataFrame) -> Table:
    """Return the net benefit of each contender at each inner threshold of `GRID`."""
    grid, parts = GRID[1:-1], list(_by_name(curves).values())
    columns = {EVERYONE: _read(parts[0], "threshold", "treat_all", grid)}
    columns |= {part["class"][0]: _read(part, "threshold", "model", grid) for part in parts}
    return _side_by_side("threshold", columns, grid)


def _of_drawn(evidence: Evidence, table: Callable[[Evidence, int], pl.DataFrame]) -> pl.DataFrame:
    return pl.concat([_named(table(evidence, position), evidence.names[position]) for position in evidence.drawn])


def _roc(evidence: Evidence, position: int) -> pl.DataFrame:
    """Return a contender's ROC curve; of several members, classes or labels the mean one."""
    answers = [(question.is_positive, row) for question in evidence.questions for row in question.probs[position]]
    curves = [curve for answer in answers if (curve := roc_table(*answer)).height]
    if len(curves) <= 1:
        return (curves or [roc_table(*answers[0])])[0].select(RATES)
    grid = np.unique(np.concatenate([curve[RATES[0]].to_numpy() for curve in curves]))
    kept = grid[np.unique(np.linspace(0, grid.size - 1, MAX_POINTS).round().astype(np.int64))]
    means = np.mean([_limits(curve, kept) for curve in curves], axis=0)
    return pl.DataFrame({RATES[0]: np.repeat(kept, 2), RATES[1]: means.ravel()})


def _limits(curve: pl.DataFrame, grid: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return where a curve arrives at each false positive rate and where it leaves, shape (rates, 2)."""
    low, high = pl.min(RATES[1]).alias("low"), pl.max(RATES[1]).alias("high")
    rates = curve.group_by(RATES[0]).agg(low, high).sort(RATES[0])
    x, ends = rates[RATES[0]].to_numpy(), rates.select("low", "high").to_numpy()
    between = np.interp(grid, np.repeat(x, 2), ends.ravel())
    places = np.searchsorted(x, grid)
    limits: NDArray[np.float64] = np.where((x[places] == grid)[:, None], ends[places], between[:, None])
    return limits


def _sensitivities(curve: pl.DataFrame) -> NDArray[np.float64]:
    """Return the sensitivity at each false positive rate of `GRID`, the highest where the curve rises upright."""
    return _limits(curve, GRID)[:, 1] if curve.height else np.full(GRID.size, np.nan)


def _smooth(is_positive: NDArray[np.bool_], probs: NDArray[np.float64]) -> pl.DataFrame:
    """Return the smoothed calibration curve; one point that is nowhere keeps a contender's place in the colours."""
    smooth = smoothed_rates(is_positive, probs)
    if smooth is None:
        return _without_band(pl.DataFrame({"probability": [np.nan], "observed_rate": [np.nan]}), "observed_rate")
    distinct, first = np.unique(probs, return_index=True)
    kept = np.unique(np.searchsorted(distinct, np.linspace(distinct[0], distinct[-1], FINE_GRID.size)))
    rates = np.clip(smooth[first[kept]], 0, 1)
    return _without_band(pl.DataFrame({"probability": distinct[kept], "observed_rate": rates}), "observed_rate")


def _net_benefit(is_positive: NDArray[np.bool_], probs: NDArray[np.float64]) -> pl.DataFrame:
    curve = decision_curve(is_positive, probs, DECISION_THRESHOLDS)
    return _without_band(pl.DataFrame({"threshold": DECISION_THRESHOLDS, **curve._asdict()}), "model")


def _without_band(curve: pl.DataFrame, column: str) -> pl.DataFrame:
    """Return a curve with limits that add nothing to it: the bands of several models would hide each other."""
    return curve.with_columns(ci_low=pl.col(column), ci_high=pl.col(column))


def _pooled(evidence: Evidence, position: int) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Return truths and probabilities of all questions and members, one after the other, shape (answers,)."""
    truths = [np.tile(one.is_positive, len(one.probs[position])) for one in evidence.questions]
    return np.concatenate(truths), np.concatenate([one.probs[position].ravel() for one in evidence.questions])


def _named(table: pl.DataFrame, name: str) -> pl.DataFrame:
    return table.select(pl.lit(name).alias("class"), pl.all())


def _by_name(curves: pl.DataFrame) -> dict[str, pl.DataFrame]:
    return {part["class"][0]: part for part in curves.partition_by("class", maintain_order=True)}


def _read(curve: pl.DataFrame, x: str, y: str, grid: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a curve at the points of a grid, NaN beyond its ends."""
    if not curve.height:
        return np.full(grid.size, np.nan)
    at: NDArray[np.float64] = np.interp(grid, curve[x].to_numpy(), curve[y].to_numpy(), left=np.nan, right=np.nan)
    return at


def _side_by_side(first: str, columns: Mapping[str, NDArray[np.float64]], grid: NDArray[np.float64]) -> Table:
    rows = tuple(
        (
            number(float(point), 2),
            *(number(None if np.isnan(values[place]) else float(values[place])) for values in columns.values()),
        )
        for place, point in enumerate(grid)
    )
    return Table("", "", (first, *columns), rows)
