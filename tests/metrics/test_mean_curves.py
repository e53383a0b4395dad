"""Means of curves against the means of areas."""

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import auc, average_precision_score, roc_auc_score

from reprodx.metrics.curves import plot_data
from reprodx.metrics.mean_curves import MEAN_CLASS, mean_curves


def test_the_mean_curve_has_the_mean_area(make_labelled, settings):
    predictions = make_labelled(3000).of("test")
    tables = plot_data(predictions, settings)
    means = mean_curves(tables)
    assert all(table["class"].unique().to_list() == [MEAN_CLASS] for table in means.values())
    area = auc(means["roc"]["false_positive_rate"], means["roc"]["true_positive_rate"])
    assert area == pytest.approx(roc_auc_score(predictions.targets(), predictions.probs(), average="macro"), abs=0.005)
    assert means["roc"]["false_positive_rate"].is_sorted()
    assert means["roc"]["true_positive_rate"].is_sorted()
    precision = means["precision_recall"]["precision"].mean()
    expected = average_precision_score(predictions.targets(), predictions.probs(), average="macro")
    assert precision == pytest.approx(expected, abs=0.02)
    at_half = tables["decision_curve"].filter(pl.col("threshold") == 0.5)["model"].mean()
    assert means["decision_curve"].filter(pl.col("threshold") == 0.5)["model"].item() == pytest.approx(at_half)


def test_equal_curves_have_equal_means_to_the_last_digit():
    thresholds, empty = np.linspace(0.01, 0.99, 99), pl.DataFrame({"class": []}, schema={"class": pl.String})
    benefits = np.random.default_rng(0).normal(size=(40, 99))
    columns = {"class": np.repeat(np.arange(40), 99), "threshold": np.tile(thresholds, 40)}
    curves = pl.DataFrame(columns | dict.fromkeys(("model", "treat_all", "treat_none"), benefits.ravel()))
    tables = {"roc": empty, "precision_recall": empty, "decision_curve": curves}
    # Of 200 means that Polars takes within groups two to three have other digits.
    found = {tuple(mean_curves(tables)["decision_curve"]["model"]) for _ in range(300)}
    assert len(found) == 1
    np.testing.assert_allclose(found.pop(), benefits.mean(axis=0), rtol=0, atol=1e-15)


def test_undefined_curves_have_no_mean(make_predictions, settings):
    predictions = make_predictions(["a"] * 4, np.full((4, 3), 1 / 3), ("a", "b", "c"))
    means = mean_curves(plot_data(predictions, settings))
    assert means["roc"].height == 0
    assert means["roc"].columns == ["class", "false_positive_rate", "true_positive_rate"]
    assert means["decision_curve"].height == 99
