"""Intervals of any metric and of differences, of one run or of several."""

import dataclasses

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, logit
from scipy.stats import norm, ttest_rel
from scipy.stats import t as student

from reprodx.metrics.asked import View
from reprodx.metrics.catalogue import all_metrics
from reprodx.metrics.catalogue.auroc import AUROC
from reprodx.metrics.estimation import BY_CHANCE, difference, estimate
from reprodx.metrics.measured import cautious_variance, measured, sampling_variance
from reprodx.metrics.metric import Scale
from reprodx.metrics.mover import mover
from reprodx.metrics.undefined import NO_VARIANCE
from tests.scored import again, asked, drawn, of, scored, shares_of_pairs, table, width
from tests.settings import score_settings

SETTINGS = score_settings(prevalence=0.2)
EVERY = [pytest.param(one, view, id=f"{one.name}-{view}") for one in all_metrics() for view in one.views]
WITH_INTERVAL = [case for case in EVERY if case.values[0].no_interval is None]
SEEDS = st.integers(0, 2**32 - 1)


@pytest.mark.parametrize(("metric", "view"), WITH_INTERVAL)
def test_every_metric_has_an_interval_that_patients_with_several_cases_widen(metric, view):
    cases = drawn(view)
    rows = np.tile(np.arange(60), 2)
    naive = dataclasses.replace(cases.select(rows), patients=None)
    clustered = dataclasses.replace(naive, patients=rows)
    once, naive, clustered = (
        estimate(measured(metric, view, [one], SETTINGS), SETTINGS) for one in (cases, naive, clustered)
    )
    assert once.ci_low < once.value < once.ci_high
    assert clustered.value == pytest.approx(naive.value) == pytest.approx(once.value)
    assert "clustered by patient" in clustered.method
    assert "clustered by patient" not in once.method
    assert width(clustered) > 1.1 * width(naive)
    if metric.formula is None:
        # What patients with several cases are worth in theory is estimated itself.
        assert width(clustered) == pytest.approx(width(once), rel=0.02 if metric.doubtful else 1e-6)


@pytest.mark.parametrize("num_right", [2, 3])
@pytest.mark.parametrize("name", ["accuracy", "sensitivity", "balanced_accuracy"])
def test_where_repetitions_alone_vary_the_interval_is_theirs(name, num_right):
    truth, is_right = np.arange(10) % 2, np.arange(10) < num_right
    one, other = (asked(truth, np.where(right, truth, 1 - truth), threshold=0.5) for right in (is_right, ~is_right))
    found = of(name, one, other)
    # Each case is right in one of both: between patients there is nothing.
    assert sampling_variance(found)[0] == pytest.approx(0, abs=1e-20)
    low, high = (estimate(found, SETTINGS).ci_low, estimate(found, SETTINGS).ci_high)
    margin = student.ppf(0.975, 1) * np.ptp(found.values) / 2 / 0.25
    assert (low, high) == pytest.approx((expit(-margin), expit(margin)), rel=1e-6)


@pytest.mark.parametrize(("metric", "view"), EVERY)
def test_a_difference_turns_with_the_models_and_is_none_to_oneself(metric, view):
    models = [measured(metric, view, [one], SETTINGS) for one in again(view, 5)]
    one, other = difference(*models, SETTINGS), difference(*models[::-1], SETTINGS)
    assert one.estimate.value == pytest.approx(models[0].value - models[1].value)
    assert other.estimate.value == pytest.approx(-one.estimate.value)
    assert other.p_value == pytest.approx(one.p_value)
    if metric.no_interval is None:
        limits = one.estimate.ci_low, one.estimate.ci_high
        assert limits == pytest.approx((-other.estimate.ci_high, -other.estimate.ci_low))
        assert limits[0] < one.estimate.value < limits[1]
        assert (one.p_value < 0.05) == (not limits[0] <= 0 <= limits[1]) or metric.formula
        itself = difference(models[0], models[0], SETTINGS)
        assert (itself.estimate.value, itself.estimate.ci_low, itself.estimate.ci_high) == (0, 0, 0)
        assert (itself.statistic, itself.p_value) == (0, 1)


@given(SEEDS)
def test_of_paired_areas_it_is_delongs(seed):
    first, second = again(View.BINARY, seed % 2**31)
    components = [shares_of_pairs(one.is_positive, one.positive_probs) for one in (first, second)]
    apart = [one - other for one, other in zip(*components, strict=True)]
    expected = sum(values.var(ddof=1) / values.size for values in apart)
    found = difference(of("auroc", first), of("auroc", second), SETTINGS)
    assert found.standard_error**2 == pytest.approx(expected, rel=1e-6)
    assert found.statistic == pytest.approx(found.estimate.value / found.standard_error)


@pytest.mark.parametrize("num_patients", [None, 20])
def test_of_paired_means_it_is_the_paired_t_test_or_statsmodels_clustered_one(num_patients):
    first, second = again(View.BINARY, 1, num_patients)
    found = difference(of("brier", first), of("brier", second), SETTINGS)
    losses = first.errors - second.errors
    if num_patients is None:
        assert found.statistic == pytest.approx(ttest_rel(first.errors, second.errors).statistic)
    else:
        fit = sm.OLS(losses, np.ones(60)).fit(cov_type="cluster", cov_kwds={"groups": first.patients})
        assert found.standard_error == pytest.approx(fit.bse.item())
    assert found.p_value >= 2 * norm.sf(abs(found.statistic))


def test_a_stated_design_takes_the_prevalence_as_fixed():
    cases = drawn(View.BINARY, 200)
    cohort, fixed = (sampling_variance(of("brier", one))[0] for one in (cases, cases.with_fixed_classes()))
    parts = [cases.errors[cases.is_positive == answer] for answer in (False, True)]
    within = sum(part.var(ddof=1) * part.size for part in parts) / 200**2
    assert fixed == pytest.approx(within)
    assert cohort == pytest.approx(cases.errors.var(ddof=1) / 200)
    # An area conditions on the classes either way.
    areas = [sampling_variance(of("auroc", one))[0] for one in (cases, cases.with_fixed_classes())]
    assert areas[0] == pytest.approx(areas[1])


def test_several_members_have_the_shares_formula_drawn_out_and_no_discordant_cases():
    first, second = again(View.BINARY, 2)
    assert scored("sensitivity", first).method == "Wilson"
    both = of("sensitivity", first, second)
    found = estimate(both, SETTINGS)
    assert found.method.startswith("Wilson of the effective number of cases; mean of 2 repetitions")
    assert found.ci_high - found.ci_low > 2 * 1.96 * np.sqrt(both.between)
    assert difference(both, of("sensitivity", first), SETTINGS).discordant is None


def test_other_answers_that_no_case_shows_are_no_proof_of_equality():
    first, second = asked([0, 0, 1, 1], [0.1, 0.3, 0.4, 0.8]), asked([0, 0, 1, 1], [0.3, 0.1, 0.4, 0.8])
    found = difference(of("auroc", first), of("auroc", second), SETTINGS)
    assert (found.estimate.value, found.p_value, found.estimate.reason) == (0, None, BY_CHANCE)
    # Another scale ranks alike.
    bent = difference(of("auroc", first), of("auroc", asked([0, 0, 1, 1], [0.2, 0.3, 0.5, 0.6])), SETTINGS)
    assert (bent.p_value, bent.estimate.ci_low, bent.estimate.ci_high) == (1, 0, 0)
    assert difference(of("brier", first), of("brier", second), SETTINGS).p_value is not None


def test_margins_are_judged_by_the_limits_of_both_sides():
    first, second = again(View.BINARY, 4)
    pair = [of("average_precision", one) for one in (first, second)]
    found = difference(*pair, SETTINGS)
    limits = [(one.ci_low, one.ci_high) for one in (estimate(side, SETTINGS) for side in pair)]
    variances = [sampling_variance(side)[0] for side in pair]
    correlation = (sum(variances) - found.standard_error**2) / 2 / np.sqrt(np.prod(variances))
    expected = mover((pair[0].value, pair[1].value), tuple(limits), correlation)
    assert found.margin_limits == pytest.approx(expected)
    on_own_scale = [one for one in all_metrics() if one.scale == Scale.IDENTITY and one.no_interval is None]
    view = next(iter(on_own_scale[0].views))
    sides = [measured(on_own_scale[0], view, [one], SETTINGS) for one in again(view, 4)]
    assert difference(*sides, SETTINGS).margin_limits is None


def test_near_the_ceiling_margins_are_judged_with_the_variance_that_theory_has():
    """All positive cases but one lie above all negative ones: few cases know little of how they vary."""
    is_positive = np.repeat([1, 0], [20, 80])
    scores = np.concatenate([np.linspace(0.8, 0.9, 19), [0.55], np.linspace(0.1, 0.6, 80)])
    pair = [of("auroc", asked(is_positive, said)) for said in (scores, np.where(is_positive, scores, scores[::-1]))]
    found = difference(*pair, SETTINGS)
    limits = [(one.ci_low, one.ci_high) for one in (estimate(side, SETTINGS) for side in pair)]
    least = AUROC.least_variance(pair[0].value, pair[0].cases)
    assert least > sampling_variance(pair[0])[0]
    variances = [sampling_variance(side)[0] for side in pair]
    correlation = (sum(variances) - found.standard_error**2) / 2 / np.sqrt(np.prod(variances))
    usual = mover((pair[0].value, pair[1].value), tuple(limits), correlation)
    assert found.margin_limits == pytest.approx(usual)
    too_near = expit(logit(pair[0].value) - 1.96 * np.sqrt(variances[0]) / pair[0].value / (1 - pair[0].value))
    assert limits[0][0] < too_near


def test_few_patients_are_said_to_make_an_approximation():
    few, many = scored("f1", table(30, 5, 2, 6)), scored("f1", table(60, 20, 20, 60))
    assert "; an approximation, since the rarest class has 8 patients (under 20)" in few.method
    assert "approximation" not in many.method
    # Of a share of the diseased these alone count.
    clustered = scored("sensitivity", table(1, 1, 15, 25, twice=True))
    assert "approximation" not in clustered.method
    assert "an approximation, of 8 patients (under 20)" in scored("specificity", table(5, 3, 15, 25, twice=True)).method


def test_calls_that_are_all_one_class_leave_a_kappa_no_interval():
    # No patient moves it; what its derivatives hold is rounding.
    found = estimate(of("kappa", table(0, 13, 0, 29)), SETTINGS)
    assert (found.value, found.ci_low, found.reason) == (pytest.approx(0, abs=1e-12), None, NO_VARIANCE)


def test_calls_that_agree_have_mcnemars_interval_though_probabilities_differ():
    is_positive = np.repeat([1, 0], [6, 44])
    probs = np.where(is_positive, 0.9, 0.2)
    one, other = (of("sensitivity", asked(is_positive, said, threshold=0.5)) for said in (probs, probs**1.1))
    found = difference(one, other, SETTINGS)
    assert (found.estimate.value, found.p_value, found.discordant) == (0, 1, (0, 0))
    assert found.estimate.ci_low == pytest.approx(-found.estimate.ci_high)
    assert found.estimate.ci_high > 0.3


def test_no_upper_limit_is_above_what_can_be():
    scores = np.where(np.arange(12) < 2, 0.0, 1.0)
    found = estimate(of("brier", asked((np.arange(12) % 2).astype(int), scores)), SETTINGS)
    assert found.ci_high <= 1


def test_what_either_model_rests_on_counts_in_a_difference():
    """Classes fixed by design, and only one of two models with false positives: their variance counts either way."""
    is_positive = np.repeat([1, 0], [50, 150])
    few, many = (np.isin(np.arange(200), range(hits)) for hits in (20, 40))
    many[50:70] = True
    sides = [
        of("ppv", asked(is_positive, np.where(is_called, 0.9, 0.1), threshold=0.5).with_fixed_classes())
        for is_called in (few, many)
    ]
    found = [difference(*pair, SETTINGS) for pair in (sides, sides[::-1])]
    assert found[0].standard_error == pytest.approx(found[1].standard_error)
    # Of hits h among 50 and alarms a among 150, each with the variance of its class: the delta method by hand.
    hits, alarms = 0.8, 20 / 150
    slopes = np.array([50 * 20, -40 * 150]) / 60**2
    variances = np.array([hits * (1 - hits) / 49, alarms * (1 - alarms) / 149])
    assert found[0].standard_error == pytest.approx(np.sqrt((slopes**2 * variances).sum()))


def test_members_keep_the_formula_so_that_a_class_all_right_still_counts():
    is_positive = np.repeat([1, 0], [20, 200])
    members = [asked(is_positive, np.where(np.arange(220) < 30 + k, 0.9, 0.1), threshold=0.5) for k in range(3)]
    found, one = (estimate(of("balanced_accuracy", *some), SETTINGS) for some in (members, members[:1]))
    assert found.value - found.ci_low > 0.9 * (one.value - one.ci_low)
    assert "mean of 3 repetitions" in found.method


def test_margins_are_judged_by_the_formula_of_the_metric():
    is_positive = np.repeat([1, 0], [20, 180])
    whole, part = (np.where(np.arange(200) < number, 0.9, 0.1) for number in (30, 19))
    sides = [of("balanced_accuracy", asked(is_positive, said, threshold=0.5)) for said in (whole, part)]
    own = [estimate(side, SETTINGS) for side in sides]
    low, high = difference(*sides, SETTINGS).margin_limits
    value = own[0].value - own[1].value
    # Between what full and no correlation would give.
    down, up = own[0].value - own[0].ci_low, own[1].ci_high - own[1].value
    assert abs(down - up) <= value - low <= np.hypot(down, up) + 1e-12
    assert high > value


def test_near_the_end_an_area_says_so_and_is_wider_though_patients_are_not_few():
    is_positive = np.repeat([1, 0], [50, 500])
    scores = np.concatenate([np.linspace(0.585, 0.595, 50), np.linspace(0.1, 0.6, 500)])
    found = of("auroc", asked(is_positive, scores))
    assert cautious_variance(found)[0] == AUROC.least_variance(found.value, found.cases) > sampling_variance(found)[0]
    assert "an approximation, since 0.979 is near the end for 50 patients" in estimate(found, SETTINGS).method
