"""Predictive values at another prevalence, by Bayes' theorem and by simulation."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, logit

from reprodx.metrics.bootstrap import Bootstrap
from reprodx.metrics.confusion import ConfusionTable
from reprodx.metrics.likelihood_ratios import likelihood_ratio
from reprodx.metrics.predictive_values import EMPTY_CELL, expected_counts, predictive_value_at
from reprodx.metrics.proportions import table_proportion
from reprodx.schemas import Estimate


def of_counts(true_negatives, false_positives, false_negatives, true_positives):
    counts = np.array([[true_negatives, false_positives], [false_negatives, true_positives]])
    return ConfusionTable(counts, np.zeros((1, 2, 2), dtype=int), False, Bootstrap(10, 0, 0.95))


@given(*[st.integers(1, 300)] * 4, st.floats(0.001, 0.999))
def test_both_values_are_those_of_bayes_and_of_the_likelihood_ratios(tn, fp, fn, tp, prevalence):
    table = of_counts(tn, fp, fn, tp)
    positive, negative = (predictive_value_at(table, prevalence, is_positive_result=each) for each in (True, False))
    sensitivity, specificity = tp / (tp + fn), tn / (tn + fp)
    called = prevalence * sensitivity + (1 - prevalence) * (1 - specificity)
    assert positive.value == pytest.approx(prevalence * sensitivity / called)
    assert negative.value == pytest.approx((1 - prevalence) * specificity / (1 - called))
    assert 0 < positive.ci_low < positive.value < positive.ci_high < 1
    # The post-test odds are the odds times the likelihood ratio, limit by limit.
    odds = prevalence / (1 - prevalence)
    ratios = likelihood_ratio(table, is_positive_result=True)
    assert logit(positive.ci_low) == pytest.approx(np.log(odds * ratios.ci_low), abs=1e-6)
    ratios = likelihood_ratio(table, is_positive_result=False)
    assert logit(negative.ci_high) == pytest.approx(-np.log(odds * ratios.ci_low), abs=1e-6)


def test_at_their_own_prevalence_the_values_are_the_observed_ones(make_table):
    table = make_table(60, 9, 8, 35)
    own = 43 / 112
    for name, result in (("ppv", True), ("npv", False)):
        observed = table_proportion(table, name, interval="wilson").value
        assert predictive_value_at(table, own, is_positive_result=result).value == pytest.approx(observed)


def test_the_variance_of_the_logit_is_that_of_the_delta_method():
    # Zhou, Obuchowski & McClish, Statistical Methods in Diagnostic Medicine, 4.1.2, with the variance of the logit
    # (1 - Se) / (n1 Se) + Sp / (n0 (1 - Sp)), written out for their table 56, 6 / 23, 78 at a prevalence of 124 / 632.
    se, sp, prevalence = 56 / 62, 78 / 101, 124 / 632
    logit_ppv = np.log(prevalence * se / ((1 - sp) * (1 - prevalence)))
    variance = (1 - se) / (se * 62) + sp / (101 * (1 - sp))
    limits = expit(logit_ppv + np.array([-1, 1]) * 1.959963985 * np.sqrt(variance))
    ppv = predictive_value_at(of_counts(78, 23, 6, 56), prevalence, is_positive_result=True)
    assert (ppv.ci_low, ppv.ci_high) == pytest.approx(tuple(limits), abs=1e-9)
    variance = se / ((1 - se) * 62) + (1 - sp) / (sp * 101)
    logit_npv = np.log((1 - prevalence) * sp / ((1 - se) * prevalence))
    limits = expit(logit_npv + np.array([-1, 1]) * 1.959963985 * np.sqrt(variance))
    npv = predictive_value_at(of_counts(78, 23, 6, 56), prevalence, is_positive_result=False)
    assert (npv.ci_low, npv.ci_high) == pytest.approx(tuple(limits), abs=1e-9)


def test_intervals_cover_the_truth_in_simulation():
    rng = np.random.default_rng(0)
    sensitivity, specificity, prevalence = 0.8, 0.85, 0.05
    called = prevalence * sensitivity + (1 - prevalence) * (1 - specificity)
    truth = {
        True: prevalence * sensitivity / called,
        False: (1 - prevalence) * specificity / (1 - called),
    }
    hits = {True: [], False: []}
    for tp, tn in zip(rng.binomial(100, sensitivity, 2000), rng.binomial(150, specificity, 2000), strict=True):
        table = of_counts(tn, 150 - tn, 100 - tp, tp)
        for result, value in truth.items():
            estimate = predictive_value_at(table, prevalence, is_positive_result=result)
            hits[result].append(estimate.ci_low <= value <= estimate.ci_high)
    assert all(0.93 <= np.mean(each) <= 0.97 for each in hits.values())


def test_several_cases_a_patient_are_resampled_together(make_table):
    usual, twice = make_table(60, 9, 8, 35), make_table(60, 9, 8, 35, twice=True)
    estimates = [predictive_value_at(table, 0.1, is_positive_result=True) for table in (usual, twice)]
    assert estimates[1].value == pytest.approx(estimates[0].value)
    assert "bootstrap of patients" in estimates[1].method
    widths = [estimate.ci_high - estimate.ci_low for estimate in estimates]
    assert widths[1] == pytest.approx(widths[0], rel=0.25)


@pytest.mark.parametrize(
    ("counts", "is_positive_result", "reason"),
    [
        ((5, 2, 0, 0), True, "one class only: no positive case"),
        ((0, 0, 3, 4), True, "one class only: no negative case"),
        ((5, 0, 3, 0), True, "no case is predicted positive"),
        ((0, 5, 0, 3), False, "no case is predicted negative"),
        ((5, 0, 3, 4), True, EMPTY_CELL),
        ((5, 2, 0, 4), True, EMPTY_CELL),
        ((5, 2, 3, 4), True, None),
    ],
)
def test_what_cannot_be_estimated_says_why(counts, is_positive_result, reason):
    estimate = predictive_value_at(of_counts(*counts), 0.1, is_positive_result=is_positive_result)
    assert estimate.reason == reason
    assert (estimate.value is None) == (reason is not None and reason != EMPTY_CELL)


def test_expected_counts_of_a_thousand_patients_by_hand():
    sensitivity = Estimate(0.86, 0.75, 0.93, 50, 50, "Wilson")
    specificity = Estimate(0.9, 0.85, 0.94, 150, 0, "Wilson")
    counts = expected_counts(sensitivity, specificity, 0.12)
    values = {name: estimate.value for name, estimate in counts.items()}
    assert values == pytest.approx(
        {"true_positives": 103.2, "false_negatives": 16.8, "false_positives": 88, "true_negatives": 792}
    )
    assert (counts["true_positives"].ci_low, counts["true_positives"].ci_high) == pytest.approx((90, 111.6))
    assert (counts["false_positives"].ci_low, counts["false_positives"].ci_high) == pytest.approx((52.8, 132))
    undefined = Estimate.undefined("no positive case", n=0)
    without = expected_counts(undefined, specificity, 0.12)
    assert without["true_positives"].reason == "no positive case"
    assert without["false_positives"].value == pytest.approx(88)
    bare = expected_counts(dataclasses.replace(sensitivity, ci_low=None, ci_high=None), specificity, 0.12)
    assert bare["false_negatives"].ci_low is None
