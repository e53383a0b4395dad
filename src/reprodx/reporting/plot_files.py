"""The data of the plots as CSV files, for `dvc plots` and for whoever draws them anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from reprodx.artifacts.files import replacing_folder
from reprodx.metrics.mean_curves import mean_curves
from reprodx.metrics.risk_coverage import mean_risk_coverage, risk_coverage_table
from reprodx.metrics.scorecard import confusion_matrix
from reprodx.schemas import SPLIT, TEST

if TYPE_CHECKING:
    from pathlib import Path

    from reprodx.artifacts.predictions import Predictions
    from reprodx.metrics.settings import ScoreSettings
    from reprodx.reporting.evaluation import Evaluation


def write_plot_files(folder: Path, evaluation: Evaluation) -> None:
    """Write a CSV file for each plot of the test split, as a whole folder or not at all.

    DVC's line templates draw all rows of a file as one line. So with several classes or labels `roc.csv`,
    `precision_recall.csv`, `decision_curve.csv` and with several labels `risk_coverage.csv` hold their mean, and
    `<plot>_by_class.csv` the curve of each.

    Args:
        folder: Replaced by `roc.csv`, `precision_recall.csv`, `calibration.csv`, `calibration_curve.csv`,
            `probability_histogram.csv`, `decision_curve.csv`, `risk_coverage.csv` and `confusion.csv`.
        evaluation: Whose curves are written.

    Raises:
        MetricError: If a threshold was chosen on the test split, or a probability is not a number.
        ConfigError: If `ordinal_cut` does not leave a grade on both sides.
    """
    tables = dict(evaluation.curves)
    if tables["decision_curve"]["class"].n_unique() > 1:
        means = mean_curves(tables)
        tables |= {f"{name}_by_class": tables[name] for name in means} | means
    tables |= _risk_coverage(evaluation.test, evaluation.settings)
    tables["confusion"] = _one_row_per_case(confusion_matrix(evaluation.predictions))
    with replacing_folder(folder) as temporary:
        for name, table in tables.items():
            table.write_csv(temporary / f"{name}.csv")


def _risk_coverage(test: Predictions, settings: ScoreSettings) -> dict[str, pl.DataFrame]:
    table = risk_coverage_table(test, settings)
    if table["class"].n_unique() < 2:
        return {"risk_coverage": table}
    return {"risk_coverage": mean_risk_coverage(table), "risk_coverage_by_class": table}


def _one_row_per_case(matrix: pl.DataFrame) -> pl.DataFrame:
    """Return `actual` and `predicted`, sorted and without ids: DVC's template counts rows, not a column of counts."""
    cells = matrix.filter(pl.col(SPLIT) == TEST)
    rows = np.repeat(np.arange(cells.height), cells["num_cases"].to_numpy())
    return cells[rows].select(actual="true_class", predicted="called_class")
