"""Whether several models are equally good; in AUROC, held to DeLong's formula in contracts/test_paired_aurocs.py."""

import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import chi2, f

from reprodx.comparison.asked_members import asked_members
from reprodx.comparison.contrast import equality
from reprodx.comparison.metric_comparisons import measured_by, metric_named
from reprodx.metrics.estimation import difference

N = 150
RNG = np.random.default_rng(0)
TARGETS = (RNG.random(N) < 0.4).astype(np.int64)
MODELS = [1 / (1 + np.exp(-(worth * TARGETS + RNG.normal(size=N)))) for worth in (0.5, 0.7, 1.5)]
PATIENTS = np.unique(RNG.integers(0, 60, size=N), return_inverse=True)[1]


def measured_in(cases, name, settings):
    return measured_by(metric_named(name, cases.task, cases.classes), asked_members(cases, settings), settings)


def test_breast_cancer_out_of_fold(breast_cancer, make_compared, make_settings):
    logistic, forest = breast_cancer.scores
    cases = make_compared(breast_cancer.is_positive, [[forest], [logistic]])
    test = equality(measured_in(cases, "auroc", make_settings()))
    assert (test.statistic, test.degrees_of_freedom) == (pytest.approx(1.400170**2, abs=2e-6), 1)
    assert test.p_value == pytest.approx(chi2.sf(test.statistic, 1))


@pytest.mark.parametrize("patients", [None, PATIENTS], ids=["independent", "clustered"])
@pytest.mark.parametrize("name", ["auroc", "brier", "calibration_slope"])
def test_equality_of_two_is_the_square_of_their_test(make_compared, make_settings, name, patients):
    cases = make_compared(TARGETS, [[MODELS[0]], [MODELS[2]]], patients=patients)
    found = measured_in(cases, name, make_settings())
    assert equality(found).statistic == pytest.approx(difference(*found, make_settings()).statistic ** 2)


def test_where_seeds_vary_there_is_no_chi_square(make_compared, make_settings):
    cases = make_compared(TARGETS, [[MODELS[0]], [MODELS[2], MODELS[1]]])
    assert equality(measured_in(cases, "auroc", make_settings())) is None


@pytest.mark.parametrize("patients", [None, PATIENTS], ids=["independent", "clustered"])
def test_a_model_that_is_there_twice_adds_no_degree_of_freedom(make_compared, make_settings, patients):
    def equal(*places):
        models = [[MODELS[place]] for place in places]
        return equality(measured_in(make_compared(TARGETS, models, patients=patients), "auroc", make_settings()))

    once, twice, same = equal(0, 1), equal(0, 1, 1, 0), equal(0, 0)
    assert twice.degrees_of_freedom == once.degrees_of_freedom == 1
    assert twice.statistic == pytest.approx(once.statistic)
    assert equal(0, 1, 2).degrees_of_freedom == 2
    assert (same.statistic, same.degrees_of_freedom, same.p_value) == (0, 0, 1)


def test_what_has_no_variance_has_no_test(make_compared, make_settings):
    cases = make_compared(TARGETS, [[model] for model in MODELS])
    assert equality(measured_in(cases, "ici", make_settings())) is None
    assert equality(measured_in(cases, "sensitivity", make_settings())) is None
    assert equality(measured_in(make_compared(TARGETS * 0, [[MODELS[0]]] * 2), "auroc", make_settings())) is None
    assert equality(measured_in(cases, "brier", make_settings())) is not None


def test_few_patients_for_many_models_are_tested_by_f(make_compared, make_settings):
    rng = np.random.default_rng(5)
    targets = np.repeat([1, 0], [12, 60])
    models = [[expit(rng.normal(size=72) + targets)] for _ in range(5)]
    test = equality(measured_in(make_compared(targets, models), "auroc", make_settings()))
    # Hotelling's T squared of 4 differences with 11 degrees of freedom.
    assert test.p_value == pytest.approx(f.sf(test.statistic * 8 / 44, 4, 8))
    assert test.p_value > chi2.sf(test.statistic, 4)
    many = make_compared(targets, [[expit(rng.normal(size=72) + targets)] for _ in range(14)])
    assert equality(measured_in(many, "auroc", make_settings())) is None
