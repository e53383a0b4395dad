"""Every metric of a binary task."""

import dataclasses

import numpy as np
import pytest

from reprodx.metrics.binary import PREVALENCE_METRICS, THRESHOLD_METRICS, score_binary, score_calls
from reprodx.metrics.scored_cases import ScoredCases

METRICS = {
    "auroc",
    "average_precision",
    "brier",
    "scaled_brier",
    "calibration_slope",
    "calibration_intercept",
    "calibration_in_the_large",
    "ici",
    "e50",
    "e90",
    "emax",
    "ece",
    "ece_null",
    "ici_null",
    "sensitivity",
    "specificity",
    "ppv",
    "npv",
    "lr_positive",
    "lr_negative",
    "accuracy",
    "balanced_accuracy",
    "f1",
}


@pytest.fixture
def cases(breast_cancer):
    is_positive, probs = breast_cancer
    return ScoredCases(is_positive.astype(int), np.column_stack([1 - probs, probs]), None, ("benign", "malignant"))


def test_breast_cancer(cases, settings):
    scores = score_binary(cases, 0.5, settings)
    assert set(scores) == METRICS
    assert scores["auroc"].value == pytest.approx(0.9952830189, abs=5e-11)
    assert scores["brier"].value == pytest.approx(0.0195033, abs=5e-8)
    assert scores["calibration_slope"].value == pytest.approx(1.227387, abs=5e-7)
    assert scores["calibration_in_the_large"].value == pytest.approx(0.087661, abs=5e-7)
    assert scores["ici"].value == pytest.approx(0.007980, abs=5e-7)
    for name, estimate in scores.items():
        has_interval = name not in {"ici", "e50", "e90", "emax", "ece"}
        assert (estimate.ci_low is not None) == has_interval == (estimate.reason is None)
        assert not has_interval or estimate.ci_low < estimate.value < estimate.ci_high


def test_without_a_threshold_only_what_needs_it_is_undefined(cases, settings):
    scores = score_binary(cases, None, settings)
    undefined = {name for name, estimate in scores.items() if estimate.reason == "no threshold was chosen"}
    assert undefined == set(THRESHOLD_METRICS)
    assert set(score_calls(cases, 0.5, settings)) == set(THRESHOLD_METRICS)


def test_the_kind_of_interval_is_the_persons_choice(cases, settings):
    exact = dataclasses.replace(settings, proportion_interval="clopper_pearson")
    assert score_calls(cases, 0.5, settings)["ppv"].method == "Wilson"
    assert score_calls(cases, 0.5, exact)["ppv"].method == "Clopper-Pearson"


def test_several_cases_of_a_patient_widen_every_interval(cases, settings):
    twice = ScoredCases(
        np.tile(cases.targets, 2), np.tile(cases.probs, (2, 1)), np.tile(np.arange(569), 2), cases.classes
    )
    naive = ScoredCases(twice.targets, twice.probs, None, cases.classes)
    clustered_scores, naive_scores = (score_binary(these, 0.5, settings) for these in (twice, naive))
    for name, clustered in clustered_scores.items():
        assert clustered.value == pytest.approx(naive_scores[name].value)
        if name.endswith("_null"):
            assert clustered.method.endswith("; cases taken as independent")
            assert "independent" not in naive_scores[name].method
        elif clustered.ci_low is not None:
            assert "patient" in clustered.method
            width = naive_scores[name].ci_high - naive_scores[name].ci_low
            assert clustered.ci_high - clustered.ci_low > 1.1 * width


def test_predictive_values_at_a_stated_prevalence_are_there_where_one_is_stated(cases, settings):
    stated = dataclasses.replace(settings, prevalence=0.01)
    assert set(score_calls(cases, 0.5, stated)) == {*THRESHOLD_METRICS, *PREVALENCE_METRICS}
    calls = score_calls(cases, 0.5, stated)
    assert calls["ppv_at_prevalence"].value < calls["ppv"].value
    assert calls["npv_at_prevalence"].value > calls["npv"].value
    without = score_calls(cases, None, stated)
    assert {without[name].reason for name in PREVALENCE_METRICS} == {"no threshold was chosen"}
