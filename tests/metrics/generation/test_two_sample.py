"""The classifier two-sample test."""

import numpy as np
import pytest
from scipy.stats import norm

from reprodx.metrics.generation import two_sample
from reprodx.metrics.generation.case_vectors import CaseVectors
from reprodx.metrics.generation.two_sample import two_sample_test


@pytest.fixture
def fast_probs(monkeypatch):
    """A classifier of class means in place of the trees."""

    def probs(features, classes, new_features, *, num_classes, seed):
        means = np.stack([features[classes == index].mean(axis=0) for index in range(num_classes)])
        squares = ((new_features[:, None] - means) ** 2).sum(axis=2)
        odds = np.exp(-squares / 2)
        return odds / odds.sum(axis=1, keepdims=True)

    monkeypatch.setattr(two_sample, "class_probs", probs)


def test_equal_populations_are_not_told_apart(make_real, resamples):
    found = two_sample_test(make_real(60, seed=1), make_real(60, seed=2).vectors, seed=0, bootstrap=resamples)
    assert found.auroc.ci_low < 0.5
    assert found.accuracy.ci_low < 0.5
    assert found.p_value > 0.05


@pytest.mark.parametrize("change", ["shift", "narrow"])
def test_other_populations_are_told_apart(make_real, resamples, change):
    generated = make_real(60, seed=2).vectors
    generated = generated + 0.5 if change == "shift" else generated * 0.3
    found = two_sample_test(make_real(60, seed=1), generated, seed=0, bootstrap=resamples)
    assert found.auroc.value > 0.9
    assert found.accuracy.ci_low > 0.6
    assert found.p_value < 1e-4


@pytest.mark.usefixtures("fast_probs")
def test_larger_side_is_drawn_from(make_real, resamples):
    found = two_sample_test(make_real(30, seed=1), make_real(90, seed=2).vectors, seed=0, bootstrap=resamples)
    assert (found.accuracy.n, found.accuracy.n_events, found.accuracy.method) == (30, 15, "Wilson")
    assert (found.auroc.n, found.auroc.n_events) == (30, 15)
    assert found.auroc.method.startswith("logit DeLong, or normal scores where wider; an approximation")


@pytest.mark.usefixtures("fast_probs")
def test_p_value_is_of_the_paper(make_real, resamples):
    """Normal with mean 1/2 and variance 1/(4 n) where every case is a patient of its own."""
    found = two_sample_test(make_real(50, seed=1), make_real(50, seed=2).vectors + 0.1, seed=0, bootstrap=resamples)
    assert found.p_value == pytest.approx(norm.sf((found.accuracy.value - 0.5 - 0.5 / 50) * 2 * np.sqrt(50)))


@pytest.mark.usefixtures("fast_probs")
def test_cases_of_one_patient_are_one_guess(make_real, resamples):
    once = make_real(40, seed=1)
    real = CaseVectors(np.repeat(once.vectors, 4, axis=0), np.repeat(once.patients, 4))
    found = two_sample_test(real, make_real(160, seed=2).vectors, seed=0, bootstrap=resamples)
    assert found.auroc.method.startswith("logit Obuchowski, clustered by patient")
    assert found.accuracy.method.startswith("percentile bootstrap of patients")
    assert found.auroc.value < 0.7
    alone = CaseVectors(real.vectors, np.arange(160))
    naive = two_sample_test(alone, make_real(160, seed=2).vectors, seed=0, bootstrap=resamples)
    assert found.auroc.ci_high - found.auroc.ci_low > naive.auroc.ci_high - naive.auroc.ci_low


def test_halves_share_no_case_and_are_balanced(make_real, resamples, monkeypatch):
    seen = []

    def probs(features, classes, new_features, *, num_classes, seed):
        seen.append(({*features[:, 0]}, {*new_features[:, 0]}))
        assert classes.mean() == 0.5
        return np.full((len(new_features), num_classes), 0.5)

    monkeypatch.setattr(two_sample, "class_probs", probs)
    once = make_real(20, seed=1)
    real = CaseVectors(np.repeat(once.vectors, 3, axis=0), np.repeat(once.patients, 3))
    found = two_sample_test(real, make_real(60, seed=2).vectors, seed=0, bootstrap=resamples)
    ((fit, tested),) = seen
    assert fit.isdisjoint(tested)
    assert (len(fit), len(tested)) == (10 + 30, 10 + 30)
    assert (found.accuracy.n, found.accuracy.n_events, found.accuracy.value) == (60, 30, 0.5)


def test_few_cases_say_nothing(make_real, resamples):
    found = two_sample_test(make_real(30, seed=1), make_real(9, seed=2).vectors, seed=0, bootstrap=resamples)
    assert found.auroc.reason == "9 cases of a side, of 30 patients; 10 of each are needed"
    assert (found.auroc.value, found.accuracy.value, found.p_value) == (None, None, None)
    assert list(found.estimates()) == ["two_sample_auroc", "two_sample_accuracy"]


@pytest.mark.simulation
def test_size(make_real, resamples):
    """Of tests of equal populations, few say at 5 % that they differ."""
    p_values, lows = [], []
    for seed in range(400):
        real, generated = make_real(50, seed=2 * seed), make_real(50, seed=2 * seed + 1).vectors
        found = two_sample_test(real, generated, seed=0, bootstrap=resamples)
        p_values.append(found.p_value)
        lows.append(found.auroc.ci_low)
    assert np.mean(np.array(p_values) < 0.05) < 0.08
    assert np.mean(np.array(lows) > 0.5) < 0.05
