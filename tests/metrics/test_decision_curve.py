"""Net benefit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix

from reprodx.metrics.bootstrap import Bootstrap
from reprodx.metrics.decision_curve import decision_band, decision_curve, interventions_avoided

THRESHOLDS = np.array([0.05, 0.2, 0.5, 0.8])
BOOTSTRAP = Bootstrap(num_resamples=500, seed=0, confidence_level=0.95)


COHORT = np.zeros(200, dtype=np.int64)


@pytest.fixture
def cases():
    rng = np.random.default_rng(0)
    is_positive = rng.random(200) < 0.3
    return is_positive, 1 / (1 + np.exp(1 - 2 * is_positive - rng.normal(size=200)))


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 10)), min_size=1, max_size=30))
def test_net_benefit_by_counting(cases):
    is_positive = np.array([case[0] for case in cases])
    probs = np.array([case[1] for case in cases]) / 10
    curve = decision_curve(is_positive, probs, THRESHOLDS)
    for index, threshold in enumerate(THRESHOLDS):
        odds = threshold / (1 - threshold)
        for called, net_benefit in ((probs >= threshold, curve.model), (np.ones(probs.size, bool), curve.treat_all)):
            expected = ((called & is_positive).sum() - (called & ~is_positive).sum() * odds) / probs.size
            assert net_benefit[index] == pytest.approx(expected, abs=1e-12)
    assert not curve.treat_none.any()


def test_the_marker_of_the_dcurves_tutorial():
    # Cases called at each threshold by `marker` in dcurves' data set df_binary, 105 cancers among 750 patients, and the
    # net benefits and interventions avoided that its R package 0.4 prints for them.
    thresholds = np.array([0.1, 0.15, 0.2, 0.25, 0.3, 0.35])
    true_positives, false_positives = np.array([78, 59, 41, 29, 23, 18]), np.array([281, 136, 77, 51, 31, 24])
    probs, is_positive = [], []
    for counts, total, answer in ((true_positives, 105, True), (false_positives, 645, False)):
        in_interval = -np.diff(np.concatenate([[total], counts, [0]]))
        probs.append(np.repeat([0.01, *(thresholds + 0.01)], in_interval))
        is_positive.append(np.full(total, answer))
    curve = decision_curve(np.concatenate(is_positive), np.concatenate(probs), thresholds)
    expected = [0.06237037037, 0.04666666667, 0.029, 0.016, 0.01295238095, 0.00676923077]
    assert curve.model == pytest.approx(expected, abs=1e-10)
    treat_all = [0.04444444444, -0.01176470588, -0.075, -0.14666666667, -0.22857142857, -0.32307692308]
    assert curve.treat_all == pytest.approx(treat_all, abs=1e-10)
    avoided = [16.13333333, 33.11111111, 41.6, 48.8, 56.35555556, 61.25714286]
    assert interventions_avoided(curve, thresholds) == pytest.approx(avoided, abs=1e-8)


def test_treating_all_is_worth_nothing_at_the_prevalence():
    curve = decision_curve(np.array([True, False, False, False, False]), np.full(5, 0.5), np.array([0.2]))
    assert curve.treat_all[0] == pytest.approx(0)


def test_another_prevalence_carries_sensitivity_and_specificity_over(cases):
    is_positive, probs = cases
    curve = decision_curve(is_positive, probs, THRESHOLDS, prevalence=0.05)
    for index, threshold in enumerate(THRESHOLDS):
        (tn, fp), (fn, tp) = confusion_matrix(is_positive, probs >= threshold)
        odds = threshold / (1 - threshold)
        expected = tp / (tp + fn) * 0.05 - fp / (tn + fp) * 0.95 * odds
        assert curve.model[index] == pytest.approx(expected, abs=1e-12)
    assert curve.treat_all[0] == pytest.approx(0)
    own = decision_curve(is_positive, probs, THRESHOLDS, prevalence=float(is_positive.mean()))
    np.testing.assert_allclose(own.model, decision_curve(is_positive, probs, THRESHOLDS).model)


def test_the_gain_is_over_the_better_of_both_and_the_avoided_are_of_a_hundred():
    is_positive, probs = np.array([True, True, False, False]), np.array([0.9, 0.4, 0.3, 0.1])
    thresholds = np.array([0.35, 0.5])
    curve = decision_curve(is_positive, probs, thresholds)
    # At 0.35 both positives alone are called: 2/4, where everyone is worth (2 - 2 * 0.35/0.65) / 4.
    assert curve.gain == pytest.approx([0.5 - (2 - 2 * 0.35 / 0.65) / 4, 0.25])
    # Two of four are spared and none is missed; at one half, three are spared less the missed one at even odds.
    assert interventions_avoided(curve, thresholds) == pytest.approx([50, 25])


def test_the_band_is_the_bootstrap_of_the_net_benefit(cases):
    is_positive, probs = cases
    band = decision_band(is_positive, probs, THRESHOLDS, bootstrap=BOOTSTRAP, strata=COHORT)
    curve = decision_curve(is_positive, probs, THRESHOLDS)
    for index, threshold in enumerate(THRESHOLDS):
        values = np.where(is_positive, 1.0, -threshold / (1 - threshold)) * (probs >= threshold)
        expected = BOOTSTRAP.estimate(lambda weights, v=values: weights @ v / 200, COHORT, None, n_events=None)
        assert (band.ci_low[index], band.ci_high[index]) == pytest.approx(
            (expected.ci_low, expected.ci_high), abs=0.012
        )
        assert band.ci_low[index] <= curve.model[index] <= band.ci_high[index]
        assert band.gain_ci_low[index] <= curve.gain[index] <= band.gain_ci_high[index]


def test_at_a_stated_prevalence_the_gain_differs_from_the_model_by_a_constant(cases):
    band = decision_band(*cases, THRESHOLDS, bootstrap=BOOTSTRAP, strata=COHORT, prevalence=0.1)
    best = np.maximum(decision_curve(*cases, THRESHOLDS, prevalence=0.1).treat_all, 0)
    np.testing.assert_allclose(band.gain_ci_low, band.ci_low - best, atol=1e-12)


def test_patients_with_equal_cases_widen_the_band(cases):
    is_positive, probs = (np.repeat(values, 2) for values in cases)
    naive, clustered = (
        decision_band(
            is_positive, probs, THRESHOLDS, bootstrap=BOOTSTRAP, strata=np.repeat(COHORT, 2), patients=patients
        )
        for patients in (None, np.arange(400) // 2)
    )
    assert (clustered.ci_high - clustered.ci_low)[1] > 1.2 * (naive.ci_high - naive.ci_low)[1]


def test_a_cohort_varies_in_its_prevalence_and_a_case_control_study_does_not(cases):
    is_positive = cases[0]
    widths = [
        np.diff(
            [
                getattr(decision_band(*cases, np.array([0.01]), bootstrap=BOOTSTRAP, strata=strata), end)
                for end in ("ci_low", "ci_high")
            ],
            axis=0,
        ).item()
        for strata in (COHORT, is_positive.astype(np.int64))
    ]
    # Nearly everyone is called: what is gained is the prevalence.
    assert widths[0] == pytest.approx(2 * 1.96 * np.sqrt(is_positive.var() / 200), rel=0.15)
    assert widths[1] < 0.2 * widths[0]
