"""Figures for those who cannot see them: the numbers in words, and the data as a table."""

import numpy as np
import polars as pl
import pytest

from reprodx.reporting import figures
from reprodx.reporting.evaluation import Evaluation
from reprodx.schemas import Estimate

AUROC = Estimate(0.9, 0.8, 0.95, 80, 40, "logit DeLong")


def test_the_roc_summary_says_area_limits_and_operating_point(binary: Evaluation) -> None:
    figure = figures.roc_figure(binary.plots["roc"], {"disease": AUROC}, (0.25, 0.875))
    assert figure.summary == (
        "AUROC 0.900 (0.800 to 0.950); 0.5 is chance and 1 is perfect. "
        "The dot marks the threshold in use, with sensitivity 0.875 and specificity 0.750."
    )
    assert figure.summary in figure.svg
    assert figure.data.columns == ("threshold", "1 \N{MINUS SIGN} specificity", "sensitivity")


def test_several_classes_are_told_apart_in_words_and_in_the_table(multiclass: Evaluation) -> None:
    figure = figures.roc_figure(multiclass.plots["roc"], dict.fromkeys(multiclass.classes, AUROC), None)
    assert "0.900 (0.800 to 0.950) for moderate" in figure.summary
    assert figure.data.columns[0] == "class"
    assert "The dot" not in figure.summary


def test_an_area_that_is_undefined_says_why(binary: Evaluation) -> None:
    undefined = Estimate.undefined("one class only: no positive case", n=3)
    figure = figures.roc_figure(binary.plots["roc"].clear(), {"disease": undefined}, None)
    assert figure.summary.startswith("AUROC not estimable: one class only: no positive case;")
    assert figure.data.rows == ()


def test_the_table_is_thinned_with_both_ends_and_says_so() -> None:
    rates = np.linspace(0, 1, 501)
    curve = pl.DataFrame(
        {"class": "a", "threshold": 1 - rates, "false_positive_rate": rates, "true_positive_rate": rates}
    )
    data = figures.roc_figure(curve, {"a": AUROC}, None).data
    assert len(data.rows) == figures.MAX_ROWS
    assert (data.rows[0], data.rows[-1]) == (("1.000", "0.000", "0.000"), ("0.000", "1.000", "1.000"))
    assert data.notes == ("50 of 501 rows; all are in results/plots/.",)
    assert figures.roc_figure(curve.head(50), {"a": AUROC}, None).data.notes == ()


def test_precision_is_told_beside_the_prevalence(binary: Evaluation) -> None:
    table = binary.plots["precision_recall"]
    figure = figures.precision_recall_figure(table, {"disease": AUROC}, {"disease": 0.5})
    assert figure.summary.startswith("Average precision 0.900 (0.800 to 0.950). Calling every case positive")
    assert figure.summary.endswith("has a precision of 0.500, the prevalence.")
    assert figures.precision_recall_figure(table, {}, {"disease": 0.5}).summary.startswith("Calling every case")


def test_calibration_tells_slope_and_in_the_large_where_they_were_scored(binary: Evaluation) -> None:
    tables = (binary.plots[name] for name in ("calibration", "calibration_curve", "probability_histogram"))
    bins, curves, histogram = tables
    slope = Estimate(0.8, 0.5, 1.1, 80, 40, "Wald")
    large = Estimate.undefined("a probability of exactly 0 or 1 has no logit", n=80)
    scores = {"calibration_slope": slope, "calibration_in_the_large": large}
    summary = figures.calibration_figure(bins, curves, histogram, scores).summary
    assert "Slope 0.800 (0.500 to 1.100)" in summary
    assert "in the large not estimable: a probability of exactly 0 or 1 has no logit" in summary
    assert "Slope" not in figures.calibration_figure(bins, curves, histogram, {}).summary
    assert "Band: 95% CI at each point" in figures.calibration_figure(bins, curves, histogram, {}, "95% CI").summary
    assert "Band" not in figures.calibration_figure(bins, curves.clear(), histogram, {}).summary
    assert "Too many equal probabilities" in figures.calibration_figure(bins, curves.clear(), histogram, {}).summary


def test_the_histogram_tells_the_medians(binary: Evaluation) -> None:
    figure = figures.histogram_figure(binary.plots["probability_histogram"], {"healthy": 0.2, "disease": 0.75})
    assert figure.summary == ("Median predicted probability of disease: 0.200 for healthy, 0.750 for disease.")


@pytest.mark.parametrize(
    ("model", "expected"),
    [([0.4, 0.2, 0.1], "2 of 3 thresholds, between 0.20 and 0.30"), ([0.1, 0, 0], "no threshold")],
)
def test_the_decision_curve_tells_where_the_model_is_of_use(model: list[float], expected: str) -> None:
    curve = pl.DataFrame(
        {
            **{"class": "a", "threshold": [0.1, 0.2, 0.3], "model": model, "treat_all": [0.4, 0.1, -0.2]},
            **{"treat_none": 0.0, "ci_low": 0.0, "ci_high": 0.5, "gain_ci_low": [-0.1, 0.0, 0.01]},
        }
    )
    summary = figures.decision_curve_figure(curve, 0.2, "95% CI").summary
    assert summary.startswith("Band: 95% CI at each threshold. At 1 of 3 thresholds the interval of what")
    assert summary.endswith(f" at {expected}.")


def test_the_confusion_matrix_tells_who_was_called_right() -> None:
    figure = figures.confusion_figure(np.array([[30, 10], [5, 35]]), ("healthy", "disease"))
    assert figure.summary.startswith("Called right: 30 of 40 for healthy, 35 of 40 for disease.")
    assert figure.data.rows == (("healthy", "30", "10"), ("disease", "5", "35"))
