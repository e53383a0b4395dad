"""Variances from influences: DeLong's and Obuchowski's of areas, and the cluster-robust one of any mean."""

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st

from reprodx.metrics.catalogue.auroc import WeightedAuroc
from reprodx.metrics.variance import covariance
from tests.scored import shares_of_pairs


def clustered_by_loops(is_positive, scores, patients):
    """Obuchowski 1997, section 2, patient by patient."""
    of_positives, of_negatives = shares_of_pairs(is_positive, scores)
    area, m, n = of_positives.mean(), len(of_positives), len(of_negatives)
    sums = []
    for patient in sorted(set(patients)):
        mine10 = of_positives[patients[is_positive] == patient]
        mine01 = of_negatives[patients[~is_positive] == patient]
        sums.append((len(mine10), len(mine01), (mine10 - area).sum(), (mine01 - area).sum()))
    i10, i01, i = sum(s[0] > 0 for s in sums), sum(s[1] > 0 for s in sums), len(sums)
    s10 = i10 / ((i10 - 1) * m) * sum(s[2] ** 2 for s in sums)
    s01 = i01 / ((i01 - 1) * n) * sum(s[3] ** 2 for s in sums)
    s11 = i / (i - 1) * sum(s[2] * s[3] for s in sums)
    return s10 / m + s01 / n + 2 * s11 / (m * n)


def of_area(is_positive, scores, patients=None):
    influence = WeightedAuroc(is_positive, scores).influence()
    return covariance(influence[None], patients, is_positive.astype(np.int64)).item()


@given(st.integers(0, 2**32 - 1))
def test_of_an_area_it_is_delongs_and_of_clustered_cases_obuchowskis(seed):
    rng = np.random.default_rng(seed)
    patients = np.concatenate([np.arange(20), rng.integers(0, 20, size=60)])
    is_positive = np.concatenate([[True, True, False, False], rng.random(76) < 0.4])
    scores = np.round(is_positive + rng.normal(size=20)[patients] + rng.normal(size=80), 1)
    of_positives, of_negatives = shares_of_pairs(is_positive, scores)
    delong = of_positives.var(ddof=1) / of_positives.size + of_negatives.var(ddof=1) / of_negatives.size
    assert of_area(is_positive, scores) == pytest.approx(delong, rel=1e-9)
    assert of_area(is_positive, scores, rng.permutation(80)) == pytest.approx(delong, rel=1e-9)
    expected = clustered_by_loops(is_positive, scores, patients)
    assert of_area(is_positive, scores, patients) == pytest.approx(expected, rel=1e-9)


def test_of_means_in_a_cohort_it_is_statsmodels_cluster_robust_one():
    rng = np.random.default_rng(0)
    patients = np.concatenate([np.arange(25), rng.integers(0, 25, size=75)])
    losses = rng.random((2, 100)) + rng.random(25)[patients]
    influences = (losses - losses.mean(axis=1, keepdims=True)) / 100
    found = covariance(influences, patients)
    for place in range(2):
        fit = sm.OLS(losses[place], np.ones(100)).fit(cov_type="cluster", cov_kwds={"groups": patients})
        assert found[place, place] == pytest.approx(fit.cov_params().item())
    # Of a difference it is what the covariance says.
    apart = covariance(influences[:1] - influences[1:], patients).item()
    assert apart == pytest.approx(found[0, 0] + found[1, 1] - 2 * found[0, 1])
    plain = covariance(influences, None, is_corrected=False)
    np.testing.assert_allclose(plain, np.cov(losses, bias=True) / 100)
    np.testing.assert_allclose(plain * 100 / 99, covariance(influences, None))


@given(st.integers(0, 2**32 - 1), st.integers(2, 4), st.booleans())
def test_the_same_patients_told_several_times_know_no_more(seed, times, is_given):
    rng = np.random.default_rng(seed)
    patients, strata = np.arange(30) // 2, np.arange(30) % 2
    influences = rng.normal(size=(2, 30))
    once = covariance(influences, patients, strata if is_given else None)
    again = covariance(
        np.tile(influences / times, (1, times)), np.tile(patients, times), np.tile(strata, times) if is_given else None
    )
    np.testing.assert_allclose(again, once)
    assert np.linalg.eigvalsh(once).min() > -1e-9


def test_within_classes_what_lies_between_them_is_left_out():
    influences = np.array([[1.0, 1.0, -1.0, -1.0]])
    assert covariance(influences, None).item() == pytest.approx(4 * 4 / 3)
    assert covariance(influences, None, np.array([1, 1, 0, 0])).item() == 0


def test_a_class_of_one_patient_leaves_none_where_its_cases_play_a_part():
    influences, strata = np.array([[0.0, 0.5, -0.5]]), np.array([1, 0, 0])
    assert covariance(influences, None, strata) is None
    assert covariance(influences, np.array([0, 1, 1])) is not None
    assert covariance(influences, np.array([0, 1, 1]), strata) is None
    alone = covariance(influences, None, strata, rests_on=np.array([False, True, True]))
    assert alone.item() == pytest.approx(0.5 * 2)
    assert covariance(np.zeros((1, 2)), np.array([4, 4])) is None


def test_breast_cancer_variance(breast_cancer):
    assert f"{of_area(*breast_cancer):.6e}" == "5.971411e-06"


def test_where_classes_are_fixed_patients_are_counted_with_all_their_cases():
    """Patients of one class who differ in their cases: a total over drawn patients, by definition."""
    rng = np.random.default_rng(3)
    sizes = rng.integers(1, 30, size=40)
    patients = np.repeat(np.arange(40), sizes)
    influence = np.repeat(0.5 + 0.1 * rng.normal(size=40), sizes)
    totals = np.bincount(patients, weights=influence)
    found = covariance(influence[None], patients, np.zeros(patients.size, dtype=np.int64))
    assert found.item() == pytest.approx(totals.size * totals.var(ddof=1))
