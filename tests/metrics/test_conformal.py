"""Prediction sets: against crepes, and by the promise that they make."""

import dataclasses

import numpy as np
import polars as pl
import pytest
from crepes import ConformalClassifier
from statsmodels.stats.proportion import proportion_confint

from reprodx.artifacts.predictions import Predictions
from reprodx.errors import MetricError
from reprodx.metrics.conformal import min_probs, num_needed, prediction_sets
from reprodx.metrics.scored_cases import ScoredCases


def draw_cases(rng, n, num_classes, *, shares=None, decimals=None):
    """Draw exchangeable cases of a model that is right more often than not."""
    targets = rng.choice(num_classes, n, p=shares)
    logits = rng.normal(size=(n, num_classes)) + 1.5 * np.eye(num_classes)[targets]
    probs = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    probs = probs if decimals is None else probs.round(decimals)
    return ScoredCases(targets, probs, None, tuple("abcd"[:num_classes]))


@pytest.fixture
def make_split(make_predictions):
    """Validation and test cases of exchangeable draws."""

    def make(n=600, num_classes=3, *, seed=0, shares=None, **metadata):
        cases = draw_cases(np.random.default_rng(seed), n, num_classes, shares=shares)
        split = ["val" if row % 2 else "test" for row in range(n)]
        columns = {"site": ["x" if row % 5 else "y" for row in range(n)], "group_few": ["k"] * (n - 30) + ["m"] * 30}
        y_true = [cases.classes[target] for target in cases.targets]
        return make_predictions(y_true, cases.probs, cases.classes, split=split, columns=columns, **metadata)

    return make


def held(cases, lowest):
    return cases.probs >= lowest


@pytest.mark.parametrize("num_classes", [2, 3])
@pytest.mark.parametrize("coverage", [0.8, 0.9, 0.95])
@pytest.mark.parametrize("decimals", [None, 1])
def test_sets_are_those_of_crepes(num_classes, coverage, decimals):
    rng = np.random.default_rng(1)
    calibration = draw_cases(rng, 300, num_classes, decimals=decimals)
    test = draw_cases(rng, 200, num_classes, decimals=decimals)
    is_held = held(test, min_probs(calibration, coverage))
    for index in range(num_classes):
        # Its non-conformity score and p-values, within the class and without its randomised ties.
        scores = 1 - calibration.probs[calibration.targets == index, index]
        p_values = ConformalClassifier().fit(scores).predict_p(1 - test.probs[:, index], smoothing=False)
        # It takes a p-value that equals the risk into the set, which the textbook leaves out.
        np.testing.assert_array_equal(is_held[:, index], p_values > 1 - coverage + 1e-9)


def test_each_class_is_covered_as_promised_on_exchangeable_cases():
    rng = np.random.default_rng(2)
    shares, coverage = [0.7, 0.2, 0.1], 0.9
    covered = np.zeros((400, 3))
    for draw in range(400):
        calibration, test = (draw_cases(rng, 400, 3, shares=shares) for _ in range(2))
        is_held = held(test, min_probs(calibration, coverage))
        for index in range(3):
            own = test.targets == index
            covered[draw, index] = is_held[own, index].mean()
    means, errors = covered.mean(axis=0), covered.std(axis=0) / np.sqrt(len(covered))
    # At least as promised, and at most 1 / (n + 1) more, of about 280, 80 and 40 calibration cases.
    assert (means > coverage - 3 * errors).all()
    assert (means < coverage + np.array([1 / 250, 1 / 60, 1 / 25]) + 3 * errors).all()


def test_how_many_cases_are_needed():
    for coverage in (0.5, 0.8, 0.9, 0.95, 0.99):
        enough = num_needed(coverage)
        cases = ScoredCases(np.zeros(enough, dtype=np.int64), np.linspace(0.1, 0.9, enough)[:, None], None, ("a",))
        # Just enough to take all of them in: the set holds what is as probable as the least probable one.
        assert min_probs(cases, coverage)[0] == pytest.approx(0.1 if enough > 1 else cases.probs[0, 0])
    assert [num_needed(coverage) for coverage in (0.9, 0.95, 0.99)] == [9, 19, 99]


def test_the_test_split_is_judged(make_split, settings):
    predictions = make_split()
    (sets,) = prediction_sets(predictions, settings)
    val, test = (ScoredCases.of(predictions.of(split)) for split in ("val", "test"))
    is_held = held(test, min_probs(val, 0.9))
    is_covered = is_held[np.arange(300), test.targets]
    assert sets.num_calibration == tuple(np.bincount(val.targets))
    for index, name in enumerate("abc"):
        own = test.targets == index
        low, high = proportion_confint(is_covered[own].sum(), own.sum(), method="wilson")
        estimate = sets.coverage[name]
        assert (estimate.value, estimate.n) == (is_covered[own].mean(), own.sum())
        np.testing.assert_allclose((estimate.ci_low, estimate.ci_high), (low, high))
    sizes = is_held.sum(axis=1)
    assert {kind: estimate.value for kind, estimate in sets.sizes.items()} == {
        "empty": np.mean(sizes == 0),
        "single": np.mean(sizes == 1),
        "several": np.mean(sizes == 2),
        "all": np.mean(sizes == 3),
    }
    assert sets.single_accuracy.value == is_covered[sizes == 1].mean()


def test_groups_have_their_coverage_and_small_ones_none(make_split, settings):
    predictions = make_split()
    (sets,) = prediction_sets(predictions, settings)
    by_group = {(one.column, one.group): one.coverage for one in sets.by_group}
    assert list(by_group) == [("site", "x"), ("site", "y"), ("group_few", "k"), ("group_few", "m")]
    assert by_group["group_few", "m"].reason == "too few: 15 cases (minimum 20)"
    val, test = (ScoredCases.of(predictions.of(split)) for split in ("val", "test"))
    is_covered = held(test, min_probs(val, 0.9))[np.arange(300), test.targets]
    is_x = (predictions.of("test").table["site"] == "x").to_numpy()
    assert by_group["site", "x"].value == is_covered[is_x].mean()


def test_too_few_validation_cases_of_a_class_leave_no_sets(make_split, settings):
    rare = make_split(num_classes=2, shares=[0.98, 0.02])
    num = np.bincount(rare.of("val").targets())[1]
    (sets,) = prediction_sets(rare, settings)
    assert num < 9
    assert sets.reason == f"validation has {num} cases of 'b', 9 are needed to calibrate on"
    assert (sets.coverage, sets.min_probs, sets.single_accuracy.reason) == ({}, (), sets.reason)
    (enough,) = prediction_sets(rare, dataclasses.replace(settings, conformal_coverage=0.5))
    assert enough.reason is None


def test_without_validation_or_test_cases_there_are_no_sets(make_split, settings):
    predictions = make_split()
    test_alone = Predictions(predictions.table.filter(pl.col("split") == "test"), predictions.metadata)
    (sets,) = prediction_sets(test_alone, settings)
    assert sets.reason == "validation has 0 cases of 'a', 9 are needed to calibrate on"
    val_alone = Predictions(predictions.table.filter(pl.col("split") == "val"), predictions.metadata)
    assert prediction_sets(val_alone, settings)[0].reason == "no case"


def test_each_label_has_sets_of_its_own(make_labelled, settings):
    predictions = make_labelled(600)
    found = prediction_sets(predictions, settings)
    assert [one.name for one in found] == ["fluid", "cyst", "scar"]
    assert found[0].classes == ("no fluid", "fluid")
    assert list(found[0].sizes) == ["empty", "single", "all"]
    many = make_labelled(60)
    reasons = [one.reason for one in prediction_sets(many, settings)]
    assert reasons[0] is None
    assert "'scar', 9 are needed" in reasons[2]


def test_patients_with_several_cases_are_clustered(make_graded, settings):
    (sets,) = prediction_sets(make_graded(cases_per_patient=3), settings)
    assert sets.reason is None
    assert "clustered by patient" in sets.coverage["none"].method
    (alone,) = prediction_sets(make_graded(), settings)
    assert sets.coverage["none"].value == alone.coverage["none"].value
    assert alone.coverage["none"].method == "Wilson"


def test_a_probability_that_is_no_number_is_refused(make_split, settings):
    predictions = make_split()
    broken = predictions.table.with_columns(prob_a=pl.lit(float("nan")))
    with pytest.raises(MetricError, match="not numbers"):
        prediction_sets(Predictions(broken, predictions.metadata), settings)
    assert prediction_sets(predictions, settings) == prediction_sets(predictions, settings)
