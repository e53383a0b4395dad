"""The data of every plot, as tables with plain column names that `dvc plots` and a report can draw."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from reprodx.metrics.calibration_curve import calibration_curve
from reprodx.metrics.calibration_error import calibration_bins
from reprodx.metrics.decision_curve import decision_band, decision_curve, interventions_avoided
from reprodx.metrics.questions import questions
from reprodx.metrics.ranked_cases import RankedCases
from reprodx.metrics.undefined import ratio
from reprodx.metrics.wilson import proportion

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reprodx.artifacts.predictions import Predictions
    from reprodx.metrics.bootstrap import Bootstrap
    from reprodx.metrics.calibration_curve import CalibrationCurve
    from reprodx.metrics.questions import Question
    from reprodx.metrics.scored_cases import ScoredCases
    from reprodx.metrics.settings import ScoreSettings

MAX_POINTS = 500
"""Of a drawn curve: more are not seen, and make a report slow."""
NUM_HISTOGRAM_BINS = 20
DECISION_THRESHOLDS = np.arange(1, 100) / 100


def plot_data(predictions: Predictions, settings: ScoreSettings) -> dict[str, pl.DataFrame]:
    """Return the table of every plot of one split, for each of its yes-or-no `questions`.

    Args:
        predictions: Of one split, with at least one case.
        settings: The number of calibration bins, how intervals are made, and the prevalence of decision curves.

    Returns:
        `roc`, `precision_recall`, `calibration`, `calibration_curve`, `probability_histogram` and `decision_curve`,
        each with the class or label it is about in the column `class`. A curve that is undefined has no rows.

    Raises:
        MetricError: If a threshold was chosen on the test split, or a probability is not a number.
        ConfigError: If `ordinal_cut` does not leave a grade on both sides.
    """
    asked = questions(predictions, settings.ordinal_cut)
    of_each = settings.of_questions(len(asked))
    tables = [_question_tables(question, of_each) for question in asked]
    return {name: pl.concat([table[name] for table in tables]) for name in tables[0]}


def _question_tables(question: Question, settings: ScoreSettings) -> dict[str, pl.DataFrame]:
    cases = question.cases
    is_positive, probs = cases.is_positive, cases.positive_probs
    tables = {
        "roc": roc_table(is_positive, probs),
        "precision_recall": precision_recall_table(is_positive, probs),
        "calibration": calibration_table(is_positive, probs, settings, is_clustered=cases.patients is not None),
        "calibration_curve": calibration_curve_table(
            is_positive, probs, bootstrap=settings.bootstrap, strata=cases.drawn_within, patients=cases.patients
        ),
        "probability_histogram": histogram_table(cases.targets, probs, cases.classes),
        "decision_curve": decision_curve_table(cases, settings),
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


def calibration_curve_table(
    is_positive: NDArray[np.bool_],
    probs: NDArray[np.float64],
    *,
    bootstrap: Bootstrap,
    strata: NDArray[np.int64],
    patients: NDArray[np.int64] | None = None,
) -> pl.DataFrame:
    """Return the smoothed calibration curve with its pointwise interval.

    Args:
        is_positive: Shape (cases,).
        probs: Shape (cases,), of the positive class.
        bootstrap: How the interval is made.
        strata: Shape (cases,), the class within which the design drew patients; all equal in a cohort.
        patients: Shape (cases,), a number from 0 for each patient; None where every case is a patient of its own.

    Returns:
        `probability` ascending, `observed_rate`, `ci_low` and `ci_high`, held in [0, 1]; no rows where it cannot be
        smoothed.
    """
    curve = calibration_curve(is_positive, probs, bootstrap=bootstrap, strata=strata, patients=patients)
    columns = ("probability", "observed_rate", "ci_low", "ci_high")
    values = {} if curve is None else {"probability": curve.probs, **_held(curve)}
    return pl.DataFrame(values, schema=dict.fromkeys(columns, pl.Float64)).fill_nan(None)


def _held(curve: CalibrationCurve) -> dict[str, NDArray[np.float64]]:
    rates = {"observed_rate": curve.rates, "ci_low": curve.ci_low, "ci_high": curve.ci_high}
    return {name: np.clip(values, 0, 1) for name, values in rates.items()}


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


def decision_curve_table(cases: ScoredCases, settings: ScoreSettings) -> pl.DataFrame:
    """Return the net benefit at `DECISION_THRESHOLDS`.

    Args:
        cases: Of a yes-or-no question, at least one.
        settings: How intervals are made, and the prevalence to which sensitivity and specificity are carried over.

    Returns:
        `threshold`, `model`, `treat_all`, `treat_none`, `ci_low` and `ci_high` of the model, `gain` over the better of
        both other strategies with `gain_ci_low` and `gain_ci_high`, all in true positives a case; and
        `avoided_per_100`, the interventions that the model spares beside treating everyone. No rows where a class that
        another prevalence asks for has no case.
    """
    if settings.prevalence is not None and cases.missing:
        return decision_curve_table(cases, dataclasses.replace(settings, prevalence=None)).clear()
    arguments = cases.is_positive, cases.positive_probs, DECISION_THRESHOLDS
    curve = decision_curve(*arguments, prevalence=settings.prevalence)
    band = decision_band(
        *arguments,
        bootstrap=settings.bootstrap,
        strata=cases.drawn_within,
        patients=cases.patients,
        prevalence=settings.prevalence,
    )
    return pl.DataFrame(
        {
            "threshold": DECISION_THRESHOLDS,
            **curve._asdict(),
            "ci_low": band.ci_low,
            "ci_high": band.ci_high,
            "gain": curve.gain,
            "gain_ci_low": band.gain_ci_low,
            "gain_ci_high": band.gain_ci_high,
            "avoided_per_100": interventions_avoided(curve, DECISION_THRESHOLDS),
        }
    )


def _thinned(table: pl.DataFrame, x: str, y: str) -> pl.DataFrame:
    """Return at most `MAX_POINTS` rows, evenly spaced along the drawn line, with both ends."""
    if table.height <= MAX_POINTS:
        return table
    steps = np.abs(np.diff(table[x].to_numpy())) + np.abs(np.diff(table[y].to_numpy()))
    path = np.append(0, np.cumsum(steps))
    return table[np.unique(np.searchsorted(path, np.linspace(0, path[-1], MAX_POINTS)))]
