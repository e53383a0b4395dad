"""Predictive values at another prevalence, by Bayes' theorem and by simulation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, logit

from reprodx.metrics.catalogue.predictive_values_at_prevalence import NO_CALL, NO_PREVALENCE
from reprodx.metrics.undefined import AT_AN_END
from tests.scored import scored, table, width

PPV, NPV = "ppv_at_prevalence", "npv_at_prevalence"


@given(*[st.integers(2, 300)] * 4, st.floats(0.001, 0.999))
def test_both_values_are_those_of_bayes_and_of_the_likelihood_ratios(tn, fp, fn, tp, prevalence):
    cases = table(tn, fp, fn, tp)
    positive, negative = (scored(name, cases, prevalence=prevalence) for name in (PPV, NPV))
    sensitivity, specificity = tp / (tp + fn), tn / (tn + fp)
    called = prevalence * sensitivity + (1 - prevalence) * (1 - specificity)
    assert positive.value == pytest.approx(prevalence * sensitivity / called)
    assert negative.value == pytest.approx((1 - prevalence) * specificity / (1 - called))
    assert 0 < positive.ci_low < positive.value < positive.ci_high < 1
    # The post-test odds are the odds times the likelihood ratio, limit by limit.
    odds = prevalence / (1 - prevalence)
    assert logit(positive.ci_low) == pytest.approx(np.log(odds * scored("lr_positive", cases).ci_low), abs=1e-6)
    assert logit(negative.ci_high) == pytest.approx(-np.log(odds * scored("lr_negative", cases).ci_low), abs=1e-6)


def test_at_their_own_prevalence_the_values_are_the_observed_ones():
    cases = table(60, 9, 8, 35)
    for name in ("ppv", "npv"):
        found = scored(f"{name}_at_prevalence", cases, prevalence=43 / 112)
        assert found.value == pytest.approx(scored(name, cases).value)


def test_the_variance_of_the_logit_is_that_of_the_delta_method():
    # Zhou, Obuchowski & McClish, Statistical Methods in Diagnostic Medicine, 4.1.2, with the variance of the logit
    # (1 - Se) / (n1 Se) + Sp / (n0 (1 - Sp)), written out for their table 56, 6 / 23, 78 at a prevalence of 124 / 632.
    se, sp, prevalence = 56 / 62, 78 / 101, 124 / 632
    for name, centre, variance in (
        (PPV, np.log(prevalence * se / ((1 - sp) * (1 - prevalence))), (1 - se) / (se * 62) + sp / (101 * (1 - sp))),
        (NPV, np.log((1 - prevalence) * sp / ((1 - se) * prevalence)), se / ((1 - se) * 62) + (1 - sp) / (sp * 101)),
    ):
        limits = expit(centre + np.array([-1, 1]) * 1.959963985 * np.sqrt(variance))
        found = scored(name, table(78, 23, 6, 56), prevalence=prevalence)
        assert (found.ci_low, found.ci_high) == pytest.approx(tuple(limits), abs=1e-9)


def test_intervals_cover_the_truth_in_simulation():
    rng = np.random.default_rng(0)
    sensitivity, specificity, prevalence = 0.8, 0.85, 0.05
    called = prevalence * sensitivity + (1 - prevalence) * (1 - specificity)
    truth = {PPV: prevalence * sensitivity / called, NPV: (1 - prevalence) * specificity / (1 - called)}
    hits = {PPV: [], NPV: []}
    for tp, tn in zip(rng.binomial(100, sensitivity, 500), rng.binomial(150, specificity, 500), strict=True):
        cases = table(tn, 150 - tn, 100 - tp, tp)
        for name, value in truth.items():
            estimate = scored(name, cases, prevalence=prevalence)
            hits[name].append(estimate.ci_low <= value <= estimate.ci_high)
    assert all(0.92 <= np.mean(each) <= 0.98 for each in hits.values())


def test_several_cases_a_patient_say_no_more():
    usual, twice = (scored(PPV, table(60, 9, 8, 35, twice=twice), prevalence=0.1) for twice in (False, True))
    assert (twice.value, width(twice)) == pytest.approx((usual.value, width(usual)))
    assert "clustered by patient" in twice.method


@pytest.mark.parametrize(
    ("counts", "name", "reason"),
    [
        ((5, 2, 0, 0), PPV, "one class only: no positive case"),
        ((0, 0, 3, 4), PPV, "one class only: no negative case"),
        ((5, 0, 3, 0), PPV, NO_CALL[1]),
        ((0, 5, 0, 3), NPV, NO_CALL[0]),
        ((5, 0, 3, 4), PPV, AT_AN_END),
        ((5, 2, 0, 4), NPV, AT_AN_END),
        ((5, 2, 3, 4), PPV, None),
    ],
)
def test_what_cannot_be_estimated_says_why(counts, name, reason):
    estimate = scored(name, table(*counts), prevalence=0.1)
    assert estimate.reason == reason
    assert (estimate.value is None) == (reason is not None and reason != AT_AN_END)
    assert scored(name, table(*counts), prevalence=None).reason in (NO_PREVALENCE, reason)
