"""The data of every plot."""

import dataclasses

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import auc, precision_recall_curve, roc_curve

from reprodx.metrics.curves import (
    MAX_POINTS,
    NUM_HISTOGRAM_BINS,
    calibration_curve_table,
    plot_data,
    precision_recall_table,
    roc_table,
)

CASES = st.lists(st.tuples(st.booleans(), st.integers(0, 10)), max_size=40)


def many_cases(num_cases):
    rng = np.random.default_rng(0)
    is_positive = rng.random(num_cases) < 0.3
    return is_positive, 1 / (1 + np.exp(-(is_positive + rng.normal(size=num_cases))))


@given(CASES)
def test_roc_is_scikit_learns(cases):
    cases = [*cases, (True, 3), (False, 4)]
    is_positive, probs = np.array([case[0] for case in cases]), np.array([case[1] for case in cases]) / 10
    table = roc_table(is_positive, probs)
    false_positive_rates, true_positive_rates, thresholds = roc_curve(is_positive, probs, drop_intermediate=False)
    every_point = set(zip(false_positive_rates, true_positive_rates, thresholds, strict=True))
    points = table.select("false_positive_rate", "true_positive_rate", pl.col("threshold").fill_null(np.inf))
    assert set(points.iter_rows()) <= every_point
    area = auc(table["false_positive_rate"], table["true_positive_rate"])
    assert area == pytest.approx(auc(false_positive_rates, true_positive_rates))


def test_points_on_a_straight_line_are_left_out():
    table = roc_table(np.array([True, False, True, True, False]), np.array([0.9, 0.9, 0.8, 0.7, 0.6]))
    assert table.rows() == [(None, 0, 0), (0.9, 0.5, 1 / 3), (0.7, 0.5, 1), (0.6, 1, 1)]


@given(CASES)
def test_precision_recall_is_scikit_learns(cases):
    cases = [*cases, (True, 3)]
    is_positive, probs = np.array([case[0] for case in cases]), np.array([case[1] for case in cases]) / 10
    table = precision_recall_table(is_positive, probs)
    precision, recall, thresholds = precision_recall_curve(is_positive, probs)
    np.testing.assert_allclose(table["precision"], precision[-2::-1])
    np.testing.assert_allclose(table["recall"], recall[-2::-1])
    np.testing.assert_allclose(table["threshold"], thresholds[::-1])


def test_thinned_curves_keep_their_shape():
    is_positive, probs = many_cases(20000)
    table = roc_table(is_positive, probs)
    assert 400 < table.height <= MAX_POINTS
    assert table.select("false_positive_rate", "true_positive_rate").row(0) == (0, 0)
    assert table.select("false_positive_rate", "true_positive_rate").row(-1) == (1, 1)
    full = roc_curve(is_positive, probs)
    area = auc(table["false_positive_rate"], table["true_positive_rate"])
    assert area == pytest.approx(auc(full[0], full[1]), abs=1e-4)
    thinned = np.interp(full[0], table["false_positive_rate"], table["true_positive_rate"])
    assert np.abs(thinned - full[1]).max() < 0.01
    assert precision_recall_table(is_positive, probs).height <= MAX_POINTS


def test_calibration_curve_ascends_in_probability_within_its_band(bootstrap):
    table = calibration_curve_table(*many_cases(2000), bootstrap=bootstrap, strata=np.zeros(2000, dtype=np.int64))
    assert table.height <= MAX_POINTS
    assert table["probability"].is_sorted()
    assert table["observed_rate"].is_between(0, 1).all()
    assert table.select((pl.col("ci_low") <= pl.col("observed_rate")).all()).item()
    assert table.select((pl.col("observed_rate") <= pl.col("ci_high")).all()).item()


def test_tables_of_a_binary_task(make_predictions, settings):
    is_positive, probs = many_cases(400)
    y_true = np.where(is_positive, "ill", "well")
    predictions = make_predictions(y_true, np.column_stack([1 - probs, probs]), ("well", "ill"))
    tables = plot_data(predictions, settings)
    assert {name: table.columns for name, table in tables.items()} == {
        "roc": ["class", "threshold", "false_positive_rate", "true_positive_rate"],
        "precision_recall": ["class", "threshold", "recall", "precision"],
        "calibration": ["class", "mean_probability", "observed_rate", "ci_low", "ci_high", "num_cases"],
        "calibration_curve": ["class", "probability", "observed_rate", "ci_low", "ci_high"],
        "probability_histogram": ["class", "true_class", "probability_from", "probability_to", "num_cases"],
        "decision_curve": [
            *("class", "threshold", "model", "treat_all", "treat_none", "ci_low", "ci_high"),
            *("gain", "gain_ci_low", "gain_ci_high", "avoided_per_100"),
        ],
    }
    assert all(table["class"].unique().to_list() == ["ill"] for table in tables.values())
    calibration = tables["calibration"]
    assert calibration["num_cases"].to_list() == [40] * 10
    assert (calibration["ci_low"] < calibration["observed_rate"]).all()
    histogram = tables["probability_histogram"]
    assert histogram.height == 2 * NUM_HISTOGRAM_BINS
    counts = histogram.group_by("true_class").agg(pl.col("num_cases").sum())
    assert dict(counts.iter_rows()) == {
        "ill": is_positive.sum(),
        "well": (~is_positive).sum(),
    }


def test_calibration_intervals_are_left_out_where_patients_have_several_cases(make_predictions, settings):
    is_positive, probs = many_cases(40)
    y_true = np.where(is_positive, "ill", "well")
    columns = {"patient_id": [str(row // 2) for row in range(40)]}
    predictions = make_predictions(y_true, np.column_stack([1 - probs, probs]), ("well", "ill"), columns=columns)
    assert plot_data(predictions, settings)["calibration"]["ci_low"].is_null().all()


def test_each_of_several_classes_has_its_curves(make_predictions, settings):
    rng = np.random.default_rng(0)
    probs = rng.dirichlet(np.ones(3), size=60)
    tables = plot_data(make_predictions(["a", "b", "c"] * 20, probs, ("a", "b", "c")), settings)
    for table in tables.values():
        assert table["class"].unique(maintain_order=True).to_list() == ["a", "b", "c"]


@pytest.mark.parametrize(("y_true", "num_recall"), [(["well"] * 3, 0), (["ill"] * 3, 3)])
def test_one_class_has_no_roc(make_predictions, settings, y_true, num_recall):
    probs = np.array([0.1, 0.5, 0.8])
    tables = plot_data(make_predictions(y_true, np.column_stack([1 - probs, probs]), ("well", "ill")), settings)
    assert tables["roc"].height == 0
    assert tables["precision_recall"].height == num_recall
    assert tables["decision_curve"].height == 99


def test_equal_probabilities_have_no_smooth_curve(bootstrap):
    cases, cohort = (np.array([True, False, False]), np.full(3, 0.4)), np.zeros(3, dtype=np.int64)
    table = calibration_curve_table(*cases, bootstrap=bootstrap, strata=cohort)
    assert table.height == 0


def test_a_stated_prevalence_moves_the_decision_curve_of_one_question_alone(make_predictions, settings):
    stated = dataclasses.replace(settings, prevalence=0.05)
    rng = np.random.default_rng(0)
    for classes in (("well", "ill"), ("a", "b", "c")):
        probs = rng.dirichlet(np.ones(len(classes)), size=60)
        predictions = make_predictions(list(classes) * (60 // len(classes)), probs, classes)
        usual, moved = (plot_data(predictions, each)["decision_curve"] for each in (settings, stated))
        assert usual.equals(moved) == (len(classes) == 3)
    halves = make_predictions(["well", "ill"] * 30, rng.dirichlet((1, 1), size=60), ("well", "ill"))
    at_5 = plot_data(halves, stated)["decision_curve"].filter(pl.col("threshold") == 0.05)
    assert at_5["treat_all"].item() == pytest.approx(0)


def test_one_class_has_no_decision_curve_at_another_prevalence(make_predictions, settings):
    probs = np.array([0.1, 0.5, 0.8])
    predictions = make_predictions(["ill"] * 3, np.column_stack([1 - probs, probs]), ("well", "ill"))
    stated = plot_data(predictions, dataclasses.replace(settings, prevalence=0.2))["decision_curve"]
    assert stated.height == 0
    assert stated.columns == plot_data(predictions, settings)["decision_curve"].columns


def test_labels_and_referable_grades_have_their_curves(make_labelled, make_graded, settings):
    labels = plot_data(make_labelled().of("test"), settings)
    grades = plot_data(make_graded().of("test"), settings)
    for name, table in labels.items():
        assert table["class"].unique(maintain_order=True).to_list() == ["fluid", "cyst", "scar"]
        assert grades[name]["class"].unique().to_list() == ["moderate or above"]
    assert set(labels["probability_histogram"].filter(pl.col("class") == "cyst")["true_class"]) == {"no cyst", "cyst"}
