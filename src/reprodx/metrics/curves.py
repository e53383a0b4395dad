"""The data of every plot, as tables with plain column names that `dvc plots` and a report can draw."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from reprodx.metrics.calibration_error import calibration_bins, smoothed_rates
from reprodx.metrics.decision_curve import decision_curve
from reprodx.metrics.proportions import proportion
from reprodx.metrics.questions import questions
from reprodx.metrics.ranked_cases import RankedCases
from reprodx.metrics.undefined import ratio

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reprodx.artifacts.predictions import Predictions
    from reprodx.metrics.questions import Question
    from reprodx.metrics.settings import ScoreSettings

MAX_POINTS = 500
"""Of a drawn curve: more are not seen, and make a report slow."""
NUM_HISTOGRAM_BINS = 20
DECISION_THRESHOLDS = np.arange(1, 100) / 100


def plot_data(predictions: Predictions, settings: ScoreSettings) -> dict[str, pl.DataFrame]:
    """Return the table of every plot of one split, for each of its yes-or-no `questions`.

    Args:
        predictions: Of one split, with at least one case.
        settings: The number of calibration bins and how their intervals are made.

    Returns:
        `roc`, `precision_recall`, `calibration`, `calibration_curve`, `probability_histogram` and `decision_curve`,
        each with the class or label it is about in the column `class`. A curve that is undefined has no rows.

    Raises:
        MetricError: If a threshold was chosen on the test split, or a probability is not a number.
        ConfigError: If `ordinal_cut` does not leave a grade on both sides.
    """
    tables = [_question_tables(question, settings) for question in questions(predictions, settings.ordinal_cut)]
    return {name: pl.concat([table[name] for table in tables]) for name in tables[0]}


def _question_tables(question: Question, settings: ScoreSettings) -> dict[str, pl.DataFrame]:
    cases = question.cases
    is_positive, probs = cases.is_positive, cases.positive_probs
    tables = {
        "roc": roc_table(is_positive, probs),
        "precision_recall": precision_recall_table(is_positive, probs),
        "calibration": calibration_table(is_positive, probs, settings, is_clustered=cases.patients is not None),
        "calibration_curve": calibration_curve_table(is_positive, probs),
        "probability_histogram": histogram_table(cases.targets, probs, cases.classes),
        "decision_curve": decision_curve_table(is_positive, probs),
    }
    name = pl.lit(question.name).alias("class")
    return {plot: table.select(name, pl.all()) for plot, table in tables.items()}


def roc_table(is_positive: NDArray[np.bool_], probs: NDArray[np.float64]) -> pl.DataFrame:
    """Return the corners of the ROC curve, from (0, 0) to (1, 1), thinned to `MAX_POINTS`.

    Args:
        is_positive: Shape (cases,).
        probs: Shape (cases,), of the positive class.

    Returns:
        `threshold` (null at the first point, where no one is called positive), `false_positive_rate`,
        `true_positive_rate`; no rows with one class only.
    """
    ranked = RankedCases.of(is_positive, probs)
    true_positives, false_positives = (np.append(0, counts) for counts in ranked[1:])
    is_corner = (np.diff(true_positives, 2) != 0) | (np.diff(false_positives, 2) != 0)
    table = pl.DataFrame(
        {
            "threshold": pl.Series([None, *ranked.scores], dtype=pl.Float64),
            "false_positive_rate": ratio(false_positives, false_positives[-1:]),
            "true_positive_rate": ratio(true_positives, true_positives[-1:]),
        }
    )
    corners = table.filter(np.concatenate([[True], is_corner, [True]])).drop_nans()
    return _thinned(corners, "false_positive_rate", "true_positive_rate")


def precision_recall_table(is_positive: NDArray[np.bool_], probs: NDArray[np.float64]) -> pl.DataFrame:
    """Return the precision-recall curve from the highest threshold down, thinned to `MAX_POINTS`.

    Args:
        is_positive: Shape (cases,).
        probs: Shape (cases,), of the positive class.

    Returns:
        `threshold`, `recall`, `precision`; no rows without a positive case.
    """
    scores, true_positives, false_positives = RankedCases.of(is_positive, probs)
    table = pl.DataFrame(
        {
            "threshold": scores,
            "recall": ratio(true_positives, true_positives[-1:]),
            "precision": ratio(true_positives, true_positives + false_positives),
        }
    )
    return _thinned(table.drop_nans(), "recall", "precision")


def calibration_table(
    is_positive: NDArray[np.bool_], probs: NDArray[np.float64], settings: ScoreSettings, *, is_clustered: bool
) -> pl.DataFrame:
    """Return observed rates in bins of equal mass.

    Args:
        is_positive: Shape (cases,).
        probs: Shape (cases,), of the positive class.
        settings: The number of bins and how intervals are made.
        is_clustered: Whether patients have several cases; the intervals, which hold for independent cases, are then
            null.

    Returns:
        `mean_probability`, `observed_rate`, `ci_low`, `ci_high`, `num_cases`.
    """
    bins = calibration_bins(is_positive, probs, settings.num_calibration_bins)
    estimates = [
        proportion(
            hits, n, n_events=hits, confidence_level=settings.confidence_level, interval=settings.proportion_interval
        )
        for hits, n in zip(bins.num_positives.tolist(), bins.num_cases.tolist(), strict=True)
    ]
    limits = {
        "ci_low": [None if is_clustered else estimate.ci_low for estimate in estimates],
        "ci_high": [None if is_clustered else estimate.ci_high for estimate in estimates],
    }
    return pl.DataFrame(
        {
            "mean_probability": bins.mean_probs,
            "observed_rate": bins.num_positives / bins.num_cases,
            **limits,
            "num_cases": bins.num_cases,
        },
        schema_overrides=dict.fromkeys(limits, pl.Float64),
    )


def calibration_curve_table(is_positive: NDArray[np.bool_], probs: NDArray[np.float64]) -> pl.DataFrame:
    """Return the smoothed calibration curve, thinned to `MAX_POINTS`.

    Args:
        is_positive: Shape (cases,).
        probs: Shape (cases,), of the positive class.

    Returns:
        `probability` ascending, `observed_rate` held in [0, 1]; no rows where it cannot be smoothed.
    """
    smooth = smoothed_rates(is_positive, probs)
    values = {"probability": probs, "observed_rate": np.clip(smooth, 0, 1)} if smooth is not None else {}
    table = pl.DataFrame(values, schema={"probability": pl.Float64, "observed_rate": pl.Float64})
    return _thinned(table.unique("probability", keep="first").sort("probability"), "probability", "observed_rate")


def histogram_table(targets: NDArray[np.int64], probs: NDArray[np.float64], classes: tuple[str, ...]) -> pl.DataFrame:
    """Return how a class's probability is spread among the cases of each true class.

    Args:
        targets: Shape (cases,), the index of the true class.
        probs: Shape (cases,), the probability of one class.
        classes: Names of the classes.

    Returns:
        `true_class`, `probability_from`, `probability_to`, `num_cases`; `NUM_HISTOGRAM_BINS` rows a class, the last
        bin with its upper edge.
    """
    edges = np.linspace(0, 1, NUM_HISTOGRAM_BINS + 1)
    return pl.concat(
        pl.DataFrame(
            {
                "true_class": [name] * NUM_HISTOGRAM_BINS,
                "probability_from": edges[:-1],
                "probability_to": edges[1:],
                "num_cases": np.histogram(probs[targets == index], bins=edges)[0],
            }
        )
        for index, name in enumerate(classes)
    )


def decision_curve_table(is_positive: NDArray[np.bool_], probs: NDArray[np.float64]) -> pl.DataFrame:
    """Return the net benefit at `DECISION_THRESHOLDS`.

    Args:
        is_positive: Shape (cases,), at least one case.
        probs: Shape (cases,), of the positive class.

    Returns:
        `threshold`, `model`, `treat_all`, `treat_none`, in true positives a case.
    """
    curve = decision_curve(is_positive, probs, DECISION_THRESHOLDS)
    return pl.DataFrame({"threshold": DECISION_THRESHOLDS, **curve._asdict()})


def _thinned(table: pl.DataFrame, x: str, y: str) -> pl.DataFrame:
    """Return at most `MAX_POINTS` rows, evenly spaced along the drawn line, with both ends."""
    if table.height <= MAX_POINTS:
        return table
    steps = np.abs(np.diff(table[x].to_numpy())) + np.abs(np.diff(table[y].to_numpy()))
    path = np.append(0, np.cumsum(steps))
    return table[np.unique(np.searchsorted(path, np.linspace(0, path[-1], MAX_POINTS)))]
