"""Errors among the cases that are answered, against their definitions written out case by case."""

import dataclasses

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import recall_score

from reprodx.artifacts.predictions import Predictions
from reprodx.metrics.risk_coverage import (
    COVERAGES,
    mean_risk_coverage,
    risk_coverage_table,
    selective_predictions,
    weighted_aurc,
)

THRESHOLD = {"value": 0.3, "rule": "fixed", "chosen_on": "val"}


def aurc_by_definition(is_wrong, confidence):
    # Geifman, Uziel & El-Yaniv 2019, equation 3: the mean risk at the confidence of each case.
    return np.mean([is_wrong[confidence >= one].mean() for one in confidence])


@pytest.fixture
def binary(make_predictions):
    rng = np.random.default_rng(0)
    is_positive = rng.random(200) < 0.4
    probs = (1 / (1 + np.exp(0.8 - 2 * is_positive - rng.normal(size=200)))).round(2)
    y_true = np.where(is_positive, "ill", "well")
    return make_predictions(y_true, np.column_stack([1 - probs, probs]), ("well", "ill"), threshold=THRESHOLD)


@given(
    is_wrong=arrays(np.bool_, 12),
    confidence=arrays(np.float64, 12, elements=st.sampled_from([0.1, 0.2, 0.3, 0.7])),
    weights=arrays(np.float64, 12, elements=st.sampled_from([0.0, 1.0, 2.0])),
)
def test_the_area_is_its_definition_whatever_the_weights(is_wrong, confidence, weights):
    area = weighted_aurc(is_wrong, confidence)
    assert area(np.ones((1, 12)))[0] == pytest.approx(aurc_by_definition(is_wrong, confidence))
    repeats = weights.astype(int)
    (found,) = area(weights[None])
    if repeats.any():
        expected = aurc_by_definition(np.repeat(is_wrong, repeats), np.repeat(confidence, repeats))
        assert found == pytest.approx(expected)
    else:
        assert np.isnan(found)


def test_a_perfect_order_of_confidence_has_the_least_area():
    rng = np.random.default_rng(0)
    is_wrong = rng.random(50) < 0.3
    best = weighted_aurc(is_wrong, 1.0 - is_wrong + rng.random(50) / 10)(np.ones((1, 50)))[0]
    worst = weighted_aurc(is_wrong, is_wrong + rng.random(50) / 10)(np.ones((1, 50)))[0]
    # Of no use: all are equally sure, so that all are answered or none.
    flat = weighted_aurc(is_wrong, np.ones(50))(np.ones((1, 50)))[0]
    assert best < flat == is_wrong.mean() < worst


def test_the_most_confident_of_two_classes_lie_far_from_the_threshold(binary, settings):
    (found,) = selective_predictions(binary, settings)
    probs, true = binary.probs()[:, 1], binary.targets()
    distance, called = np.abs(probs - 0.3), (probs >= 0.3).astype(int)
    assert found.name == "ill"
    assert found.aurc.value == pytest.approx(aurc_by_definition(called != true, distance))
    assert found.aurc.ci_low < found.aurc.value < found.aurc.ci_high
    for asked, part in zip(COVERAGES, found.shares, strict=True):
        least = np.sort(distance)[::-1][int(np.ceil(asked * 200)) - 1]
        answered = distance >= least
        assert part.coverage == answered.mean() >= asked
        assert part.error_rate.value == pytest.approx((called != true)[answered].mean())
        assert part.sensitivity.value == pytest.approx(recall_score(true[answered], called[answered]))
        assert part.specificity.value == pytest.approx(recall_score(true[answered], called[answered], pos_label=0))


def test_the_share_that_halves_the_error_rate_is_the_largest(binary, settings):
    (found,) = selective_predictions(binary, settings)
    probs, true = binary.probs()[:, 1], binary.targets()
    distance, is_wrong = np.abs(probs - 0.3), (probs >= 0.3) != (true == 1)
    risks = {np.mean(distance >= one): is_wrong[distance >= one].mean() for one in distance}
    expected = max(share for share, risk in risks.items() if risk <= is_wrong.mean() / 2)
    assert found.halving_coverage.value == pytest.approx(expected)


def test_the_curve_ends_at_all_cases_and_rates_without_a_case_are_null(binary, settings):
    (found,) = selective_predictions(binary, settings)
    last = found.curve.row(-1, named=True)
    assert last["coverage"] == 1
    assert last["error_rate"] == found.shares[0].error_rate.value
    assert last["sensitivity"] == pytest.approx(found.shares[0].sensitivity.value)
    assert found.curve["coverage"].is_sorted()
    positive = Predictions(binary.table.filter(pl.col("y_true") == "ill"), binary.metadata)
    (one_class,) = selective_predictions(positive, settings)
    assert one_class.curve["specificity"].null_count() == one_class.curve.height
    assert one_class.shares[0].specificity.reason == "no case"
    assert one_class.curve["sensitivity"].null_count() == 0


def test_equal_confidence_is_answered_together(make_predictions, settings):
    probs = np.full(20, 0.8)
    y_true = ["ill"] * 15 + ["well"] * 5
    flat = make_predictions(y_true, np.column_stack([1 - probs, probs]), ("well", "ill"), threshold=THRESHOLD)
    (found,) = selective_predictions(flat, settings)
    assert found.curve.rows() == [(1.0, 0.25, 1.0, 0.0, 0.5)]
    assert {part.coverage for part in found.shares} == {1.0}
    assert found.halving_coverage.reason == "the error rate is above half of that among all at every share"


def test_no_error_cannot_be_halved(make_predictions, settings):
    probs = np.array([0.1, 0.2, 0.8, 0.9])
    perfect = make_predictions(
        ["well", "well", "ill", "ill"], np.column_stack([1 - probs, probs]), ("well", "ill"), threshold=THRESHOLD
    )
    (found,) = selective_predictions(perfect, settings)
    assert found.halving_coverage.reason == "no call is wrong"
    assert (found.aurc.value, found.aurc.reason) == (0, "interval not estimable: resamples do not differ")


def test_several_classes_are_called_together(make_graded, settings):
    predictions = make_graded(cases_per_patient=2)
    (found,) = selective_predictions(predictions, settings)
    probs = predictions.probs()
    is_wrong = probs.argmax(axis=1) != predictions.targets()
    assert found.aurc.value == pytest.approx(aurc_by_definition(is_wrong, probs.max(axis=1)))
    assert "patients" in found.aurc.method
    assert "clustered by patient" in found.shares[0].error_rate.method
    assert found.shares[0].sensitivity is None
    assert found.curve["sensitivity"].null_count() == found.curve.height


def test_without_a_threshold_nothing_is_called(binary, make_labelled, settings):
    without = Predictions(binary.table, {"classes": binary.classes})
    (found,) = selective_predictions(without, settings)
    assert found.aurc.reason == found.halving_coverage.reason == "no threshold was chosen"
    assert (found.shares, found.curve.height) == ((), 0)
    assert risk_coverage_table(without, settings).height == 0
    thresholds = {"fluid": THRESHOLD, "scar": {"value": None, "rule": "r", "chosen_on": "val", "reason": "all lack it"}}
    fluid, cyst, scar = selective_predictions(make_labelled(thresholds=thresholds), settings)
    assert fluid.aurc.value is not None
    assert (cyst.aurc.reason, scar.aurc.reason) == ("no threshold was chosen", "all lack it")


def test_no_case_has_no_errors(binary, make_graded, settings):
    for predictions in (binary, make_graded()):
        nothing = Predictions(predictions.table.clear(), predictions.metadata)
        assert selective_predictions(nothing, settings)[0].aurc.reason == "no case"


def test_the_mean_of_labels_lies_between_them(make_labelled, settings):
    predictions = make_labelled(thresholds=dict.fromkeys(("fluid", "cyst", "scar"), THRESHOLD))
    each = risk_coverage_table(predictions, settings)
    mean = mean_risk_coverage(each)
    ends = each.filter(pl.col("coverage") == 1)["error_rate"]
    assert mean["error_rate"][-1] == pytest.approx(ends.mean())
    assert mean["coverage"].is_sorted()
    assert mean_risk_coverage(each.clear()).height == 0


def test_the_same_seed_gives_the_same_interval(binary, settings):
    (first,), (second,) = (selective_predictions(binary, settings) for _ in range(2))
    assert first.aurc == second.aurc
    (other,) = selective_predictions(binary, dataclasses.replace(settings, bootstrap_seed=1))
    assert other.aurc != first.aurc
