"""Agreement of grades, against scikit-learn and published values."""

import dataclasses

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score, mean_absolute_error

from reprodx.metrics.bootstrap import Bootstrap
from reprodx.metrics.confusion import ConfusionTable
from reprodx.metrics.ordinal import ONE_GRADE, quadratic_kappa, score_ordinal

GRADES = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=30)
FEW = Bootstrap(num_resamples=20, seed=0, confidence_level=0.95)


def kappa_of(cases, bootstrap=FEW):
    return quadratic_kappa(ConfusionTable.of(cases, None, bootstrap))


def test_kappa_is_that_of_gwets_abstractors(make_cases):
    # Table and values: R package irrCAC 1.0, cont3x3abstractors; Gwet, Handbook of Inter-Rater Reliability, 4th ed.
    counts = np.array([[13, 0, 0], [0, 20, 7], [0, 4, 56]])
    targets, called = (np.repeat(axis.ravel(), counts.ravel()) for axis in np.indices((3, 3)))
    assert kappa_of(make_cases(targets, called, 3)).value == pytest.approx(0.8921569, abs=5e-8)


@given(GRADES)
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_kappa_is_scikit_learns_and_symmetric(make_cases, pairs):
    targets, called = zip(*pairs, strict=True)
    assume(len({*targets, *called}) > 1)
    kappa = kappa_of(make_cases(targets, called, 4)).value
    expected = cohen_kappa_score(targets, called, weights="quadratic", labels=[0, 1, 2, 3])
    assert kappa == pytest.approx(expected, abs=1e-12)
    assert -1 - 1e-12 <= kappa <= 1 + 1e-12
    assert kappa_of(make_cases(called, targets, 4)).value == pytest.approx(kappa, abs=1e-12)
    turned = make_cases([3 - grade for grade in targets], [3 - grade for grade in called], 4)
    assert kappa_of(turned).value == pytest.approx(kappa, abs=1e-12)


def test_kappa_knows_chance_and_perfection(make_cases):
    targets = np.repeat([0, 1, 2], 21)
    assert kappa_of(make_cases(targets, targets, 3)).value == 1
    assert kappa_of(make_cases(targets, np.tile([0, 1, 2], 21), 3)).value == pytest.approx(0)
    assert kappa_of(make_cases(targets, np.zeros(63), 3)).value == pytest.approx(0)
    assert kappa_of(make_cases(np.zeros(60, dtype=int), np.zeros(60), 3)).reason == ONE_GRADE
    assert kappa_of(make_cases([0, 2] * 30, [2, 0] * 30, 3)).value == pytest.approx(-1)


def test_every_number_is_scikit_learns(make_cases, settings):
    rng = np.random.default_rng(0)
    targets = rng.integers(0, 5, size=300)
    called = np.clip(targets + rng.integers(-2, 3, size=300), 0, 4)
    scores = score_ordinal(make_cases(targets, called, 5), settings)
    assert scores["kappa"].value == pytest.approx(cohen_kappa_score(targets, called, weights="quadratic"))
    assert scores["mae"].value == pytest.approx(mean_absolute_error(targets, called))
    assert scores["within_1"].value == (np.abs(targets - called) <= 1).mean()
    assert scores["within_1"].method == "Wilson"
    assert all(estimate.ci_low < estimate.value < estimate.ci_high for estimate in scores.values())


def test_the_interval_is_that_of_resampled_patients(make_cases, settings):
    rng = np.random.default_rng(0)
    targets = rng.integers(0, 4, size=200)
    called = np.clip(targets + rng.integers(-1, 2, size=200), 0, 3)
    many = dataclasses.replace(settings, num_resamples=2000)
    alone = score_ordinal(make_cases(targets, called, 4), many)["kappa"]
    # Resampled one by one, within the true grades.
    members = [np.flatnonzero(targets == grade) for grade in range(4)]
    draws = (np.concatenate([rng.choice(rows, rows.size) for rows in members]) for _ in range(2000))
    naive = [cohen_kappa_score(targets[rows], called[rows], weights="quadratic") for rows in draws]
    low, high = np.quantile(naive, [0.025, 0.975])
    assert (alone.ci_low, alone.ci_high) == (pytest.approx(low, abs=0.005), pytest.approx(high, abs=0.005))
    # Four equal cases a patient say no more than one.
    quadruple = make_cases(np.tile(targets, 4), np.tile(called, 4), 4, patients=np.tile(np.arange(200), 4))
    clustered = score_ordinal(quadruple, many)["kappa"]
    assert clustered.value == pytest.approx(alone.value)
    assert clustered.ci_high - clustered.ci_low == pytest.approx(alone.ci_high - alone.ci_low, rel=0.1)
    assert "patients" in clustered.method


def test_no_case_has_no_number(make_cases, settings):
    scores = score_ordinal(make_cases(np.zeros(0, dtype=int), [], 4), settings)
    assert {estimate.reason for estimate in scores.values()} == {"no case"}
