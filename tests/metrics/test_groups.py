"""Performance by site and subgroup."""

import dataclasses

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score, roc_auc_score

from reprodx.artifacts.predictions import Predictions
from reprodx.metrics.catalogue.auroc import auroc
from reprodx.metrics.groups import MISSING, score_by_group


@pytest.fixture
def predictions(make_predictions):
    rng = np.random.default_rng(0)
    is_positive = rng.random(120) < 0.4
    probs = 1 / (1 + np.exp(-(is_positive + rng.normal(size=120))))
    columns = {
        "site": ["large"] * 90 + ["small"] * 19 + [None] * 11,
        "group_sex": ["f", "m"] * 60,
        "group_age": [None] * 120,
    }
    y_true = np.where(is_positive, "ill", "well")
    threshold = {"value": 0.6, "rule": "fixed at 0.6", "chosen_on": "val"}
    probs = np.column_stack([1 - probs, probs])
    return make_predictions(y_true, probs, ("well", "ill"), columns=columns, threshold=threshold)


def test_a_row_for_each_group(predictions, settings):
    rows = score_by_group(predictions, settings)
    assert [(row.column, row.group, row.n) for row in rows] == [
        ("site", "large", 90),
        ("site", "small", 19),
        ("site", MISSING, 11),
        ("group_sex", "f", 60),
        ("group_sex", "m", 60),
    ]
    women = predictions.table["group_sex"].to_numpy() == "f"
    is_positive, probs = predictions.targets()[women] == 1, predictions.probs()[women, 1]
    row = rows[3]
    assert row.n_events == is_positive.sum()
    assert row.metrics["auroc"] == auroc(is_positive, probs, confidence_level=0.95)
    assert row.metrics["sensitivity"].value == (probs[is_positive] >= 0.6).mean()
    assert row.metrics["specificity"].value == (probs[~is_positive] < 0.6).mean()


def test_too_few_cases_or_events_give_no_number(predictions, settings):
    small = score_by_group(predictions, settings)[1]
    assert {estimate.value for estimate in small.metrics.values()} == {None}
    assert small.metrics["auroc"].reason.startswith("too few: 19 cases, ")
    enough = dataclasses.replace(settings, min_group_size=19, min_group_events=1)
    assert score_by_group(predictions, enough)[1].metrics["auroc"].value is not None
    events = dataclasses.replace(settings, min_group_events=46)
    assert all("too few" in row.metrics["auroc"].reason for row in score_by_group(predictions, events))


def test_without_a_threshold_the_area_remains(predictions, settings):
    row = score_by_group(Predictions(predictions.table, {"classes": predictions.classes}), settings)[0]
    assert row.metrics["auroc"].value is not None
    assert row.metrics["sensitivity"].reason == "no threshold was chosen"


def test_more_than_two_classes(make_predictions, settings):
    rng = np.random.default_rng(0)
    targets = rng.integers(0, 3, size=80)
    probs = rng.dirichlet(np.ones(3), size=80)
    y_true = np.array(["a", "b", "c"])[targets]
    predictions = make_predictions(y_true, probs, ("a", "b", "c"), columns={"site": ["x"] * 70 + ["y"] * 10})
    large, small = score_by_group(predictions, settings)
    assert large.n_events is None
    assert large.metrics["accuracy"].value == (probs.argmax(axis=1) == targets)[:70].mean()
    assert large.metrics["auroc"].value is not None
    assert set(small.metrics) == {"auroc", "accuracy"}
    assert small.metrics["accuracy"].reason.startswith("too few: 10 cases")


def test_labels_show_their_macro_auroc(make_labelled, settings):
    predictions = make_labelled(600).of("test")
    large, small = score_by_group(predictions, settings)
    at_x = predictions.table["site"].to_numpy() == "x"
    assert (large.group, large.n, large.n_events) == ("x", 200, None)
    expected = roc_auc_score(predictions.targets()[at_x], predictions.probs()[at_x])
    assert large.metrics["auroc"].value == pytest.approx(expected)
    many = dataclasses.replace(settings, min_group_events=int(predictions.targets()[~at_x].sum(axis=0).min()) + 1)
    assert score_by_group(predictions, many)[1].metrics["auroc"].reason.startswith("too few: 100 cases, ")
    assert small.metrics["auroc"].value is not None


def test_grades_show_agreement_and_referable_cases(make_graded, settings):
    predictions = make_graded().of("test")
    large, _ = score_by_group(predictions, settings)
    at_x = predictions.table["site"].to_numpy() == "x"
    targets, called = predictions.targets()[at_x], predictions.probs()[at_x].argmax(axis=1)
    assert list(large.metrics) == ["kappa", "within_1", "accuracy"]
    assert large.n_events == (targets >= 2).sum()
    assert large.metrics["kappa"].value == pytest.approx(cohen_kappa_score(targets, called, weights="quadratic"))
    assert large.metrics["accuracy"].value == (targets == called).mean()
