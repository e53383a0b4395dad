"""The mean of the curves of several classes or labels, where a tool can draw but one line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

NUM_MEAN_POINTS = 101
"""Of a curve that is the mean of several."""
MEAN_CLASS = "mean"
"""What stands in `class` for the mean over classes or labels."""


def mean_curves(tables: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Return the mean over classes or labels of each plot that is one line a class.

    Args:
        tables: As of `plot_data`.

    Returns:
        `roc`, `precision_recall` and `decision_curve` with the columns that are drawn, their `class` being
        `MEAN_CLASS`; over the classes whose curve is defined.
    """
    grid = np.linspace(0, 1, NUM_MEAN_POINTS)
    rocs = [_on_grid(part, grid) for part in tables["roc"].partition_by("class")]
    precisions = [_precision_at(part, grid) for part in tables["precision_recall"].partition_by("class")]
    roc = {"false_positive_rate": grid, "true_positive_rate": np.mean(rocs, axis=0)} if rocs else {}
    recall = {"recall": grid, "precision": np.mean(precisions, axis=0)} if precisions else {}
    means = {
        "roc": pl.DataFrame(roc, schema=dict.fromkeys(("false_positive_rate", "true_positive_rate"), pl.Float64)),
        "precision_recall": pl.DataFrame(recall, schema=dict.fromkeys(("recall", "precision"), pl.Float64)),
        # A mean of intervals is none. Of lists, since Polars adds the numbers of a group in an order that it draws.
        "decision_curve": tables["decision_curve"]
        .select("threshold", "model", "treat_all", "treat_none")
        .group_by("threshold", maintain_order=True)
        .agg(pl.all())
        .with_columns(pl.exclude("threshold").list.mean()),
    }
    name = pl.lit(MEAN_CLASS).alias("class")
    return {plot: table.select(name, pl.all()) for plot, table in means.items()}


def _on_grid(roc: pl.DataFrame, grid: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the true positive rate at each false positive rate, the highest where the curve rises upright."""
    rates = roc.group_by("false_positive_rate").agg(pl.max("true_positive_rate")).sort("false_positive_rate")
    on_grid: NDArray[np.float64] = np.interp(
        grid, rates["false_positive_rate"].to_numpy(), rates["true_positive_rate"].to_numpy()
    )
    # The curve starts in the corner, even where it leaves it upright.
    on_grid[0] = 0.0
    return on_grid


def _precision_at(curve: pl.DataFrame, grid: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the precision at the least recall that reaches each one of the grid."""
    precisions = curve["precision"].to_numpy()
    at: NDArray[np.float64] = precisions[np.searchsorted(curve["recall"].to_numpy(), grid - 1e-12)]
    return at
