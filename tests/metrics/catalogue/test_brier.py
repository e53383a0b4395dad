"""The Brier score and its scaled form."""

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss

from reprodx.metrics.asked import View
from reprodx.metrics.catalogue.brier import BRIER
from reprodx.metrics.measured import measured, sampling_variance
from tests.scored import asked, classed, drawn, scored
from tests.settings import score_settings


def test_breast_cancer(breast_cancer):
    estimate = scored("brier", asked(*breast_cancer))
    assert estimate.value == pytest.approx(0.0195033, abs=5e-8)
    assert estimate.ci_low < estimate.value < estimate.ci_high


@pytest.mark.parametrize("num_patients", [None, 25])
def test_variance_is_statsmodels_of_a_mean_of_losses(num_patients):
    cases = drawn(View.BINARY, 90, num_patients=num_patients)
    fit = sm.OLS(cases.errors, np.ones(90))
    clusters = np.arange(90) if cases.patients is None else cases.patients
    expected = fit.fit(cov_type="cluster", cov_kwds={"groups": clusters}).cov_params().item()
    variance, _ = sampling_variance(measured(BRIER, View.BINARY, [cases], score_settings()))
    assert variance == pytest.approx(expected, rel=1e-6)


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 1)), min_size=1, max_size=20))
def test_value_is_scikit_learns(cases):
    is_positive, probs = np.array([case[0] for case in cases]), np.array([case[1] for case in cases])
    expected = brier_score_loss(is_positive, probs, labels=[False, True])
    assert scored("brier", asked(is_positive, probs)).value == pytest.approx(expected, abs=1e-12)


def test_scaled_brier_is_zero_for_the_prevalence_and_one_for_the_truth():
    is_positive = np.array([True, False, False, False])
    assert scored("scaled_brier", asked(is_positive, np.full(4, 0.25))).value == pytest.approx(0)
    assert scored("scaled_brier", asked(is_positive, is_positive)).value == 1


def test_scaled_brier_is_of_the_prevalence_of_these_cases():
    is_positive = np.array([True, False, True, False, False, False])
    probs = np.array([0.8, 0.3, 0.6, 0.4, 0.2, 0.1])
    estimate = scored("scaled_brier", asked(is_positive, probs, patients=[0, 0, 1, 1, 2, 3]))
    assert estimate.value == pytest.approx(1 - ((probs - is_positive) ** 2).mean() / (2 / 9))
    assert "patient" in estimate.method


def test_of_several_classes_and_labels_it_is_scikit_learns():
    rng = np.random.default_rng(0)
    probs, targets = rng.dirichlet([1, 1, 1], size=50), rng.integers(0, 3, size=50)
    expected = brier_score_loss(targets, probs, scale_by_half=False, labels=[0, 1, 2])
    assert scored("brier", classed(targets, probs), View.CLASSES).value == pytest.approx(expected, abs=1e-12)
    cases = drawn(View.LABELS)
    of_labels = [brier_score_loss(cases.targets[:, index], cases.probs[:, index]) for index in range(3)]
    assert scored("brier", cases, View.LABELS).value == pytest.approx(np.mean(of_labels))


def test_no_cases_and_one_class():
    assert scored("brier", asked([], [])).reason == "no case"
    assert scored("brier", classed([], np.zeros((0, 3))), View.CLASSES).reason == "no case"
    assert scored("scaled_brier", asked([True], [0.4])).reason == "one class only: no negative case"
    assert scored("brier", asked([True], [0.4])).value == pytest.approx(0.36)
