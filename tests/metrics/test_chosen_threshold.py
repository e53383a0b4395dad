"""Thresholds as they are chosen, written, and read."""

import json

import numpy as np
import polars as pl
import pytest

from reprodx.artifacts.predictions import Predictions
from reprodx.errors import MetricError, UndefinedMetricError
from reprodx.metrics.chosen_threshold import ChosenThreshold, choose_thresholds, threshold_of_grades
from reprodx.metrics.threshold import FixedThreshold, TargetSensitivity, Youden

FIXED = {"value": 0.4, "rule": "Youden", "chosen_on": "val"}


def test_a_binary_task_has_one_threshold(make_predictions):
    probs = np.array([0.1, 0.3, 0.5, 0.9])
    y_true = ["well", "well", "ill", "ill"]
    predictions = make_predictions(y_true, np.column_stack([1 - probs, probs]), ("well", "ill"), split="val")
    entry = {"value": 0.4, "rule": "largest Youden index", "chosen_on": "val"}
    assert choose_thresholds(Youden(), predictions, 2) == {"threshold": entry}


def test_each_label_has_a_threshold_of_its_own(make_labelled):
    validation = make_labelled().of("val")
    rule = TargetSensitivity(0.9)
    thresholds = choose_thresholds(rule, validation, 2)["thresholds"]
    assert list(thresholds) == ["fluid", "cyst", "scar"]
    for index, name in enumerate(thresholds):
        probs, has_label = validation.probs()[:, index], validation.targets()[:, index] == 1
        assert thresholds[name]["value"] == rule.choose(has_label, probs)
        assert thresholds[name]["chosen_on"] == "val"
        assert (probs[has_label] >= thresholds[name]["value"]).mean() >= 0.9
    assert len({entry["value"] for entry in thresholds.values()}) == 3


def test_a_label_that_cannot_choose_says_why(make_labelled):
    predictions = make_labelled()
    validation = Predictions(predictions.table.with_columns(pl.lit(0).alias("y_true_scar")), predictions.metadata).of(
        "val"
    )
    thresholds = choose_thresholds(Youden(), validation, 2)["thresholds"]
    assert thresholds["fluid"]["value"] is not None
    assert thresholds["scar"]["value"] is None
    assert "one class only: no positive case" in thresholds["scar"]["reason"]
    assert choose_thresholds(FixedThreshold(0.5), validation, 2)["thresholds"]["scar"]["value"] == 0.5
    json.dumps(thresholds, allow_nan=False)


def test_grades_have_a_threshold_for_the_referable_ones(make_graded):
    validation = make_graded().of("val")
    entry = choose_thresholds(Youden(), validation, 3)["threshold"]
    expected = Youden().choose(validation.targets() == 3, validation.probs()[:, 3])
    assert entry == {**entry, "value": expected, "positive": "severe", "chosen_on": "val"}
    assert choose_thresholds(Youden(), validation, 1)["threshold"]["positive"] == "mild or above"


def test_several_classes_have_none(make_predictions):
    assert choose_thresholds(Youden(), make_predictions(["a"], np.eye(3)[:1], ("a", "b", "c"), split="val"), 2) == {}


def test_a_binary_task_of_one_class_cannot_go_on(make_predictions):
    predictions = make_predictions(["well"], np.array([[0.5, 0.5]]), ("well", "ill"), split="val")
    with pytest.raises(UndefinedMetricError, match="no threshold can be chosen"):
        choose_thresholds(Youden(), predictions, 2)


def test_a_threshold_for_other_grades_is_not_used(make_graded):
    predictions = make_graded(threshold={**FIXED, "positive": "moderate or above"})
    assert threshold_of_grades(predictions, 2).value == 0.4
    other = threshold_of_grades(predictions, 1)
    assert other.value is None
    assert other.reason == "the threshold was chosen for moderate or above"


def test_what_the_test_split_chose_is_refused():
    assert ChosenThreshold.of(FIXED) == ChosenThreshold(0.4, "Youden", "val", None)
    assert ChosenThreshold.of(None).reason == "no threshold was chosen"
    with pytest.raises(MetricError, match="chosen on the test split"):
        ChosenThreshold.of({**FIXED, "chosen_on": "test"})
