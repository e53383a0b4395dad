"""The structural components of AUROCs and their covariance."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reprodx.metrics.structural_components import covariance, structural_components


def by_pairs(is_positive, scores):
    """DeLong's definition, pair by pair."""
    wins = np.sign(scores[is_positive][:, None] - scores[~is_positive][None, :]) / 2 + 0.5
    return wins.mean(axis=1), wins.mean(axis=0)


def clustered_by_loops(is_positive, scores, patients):
    """Obuchowski 1997, section 2, patient by patient."""
    of_positives, of_negatives = by_pairs(is_positive, scores)
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


def variance_of(is_positive, scores, patients=None):
    components = structural_components(is_positive, scores)
    return covariance(components[0][None], components[1][None], is_positive, patients)


@given(st.lists(st.integers(0, 6), min_size=1, max_size=12), st.lists(st.integers(0, 6), min_size=1, max_size=12))
def test_components_are_the_shares_of_pairs_won(positives, negatives):
    is_positive = np.repeat([True, False], [len(positives), len(negatives)])
    scores = np.array(positives + negatives, dtype=float)
    for ours, theirs in zip(structural_components(is_positive, scores), by_pairs(is_positive, scores), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-15)


def test_clustered_variance_is_obuchowskis():
    rng = np.random.default_rng(0)
    patients = rng.integers(0, 25, size=120)
    _, patients = np.unique(patients, return_inverse=True)
    is_positive = rng.random(120) < 0.4
    scores = np.round(is_positive + rng.normal(size=25)[patients] + rng.normal(size=120), 1)
    expected = clustered_by_loops(is_positive, scores, patients)
    assert variance_of(is_positive, scores, patients).item() == pytest.approx(expected, rel=1e-12)


def test_one_case_a_patient_makes_the_clustered_variance_delongs():
    rng = np.random.default_rng(1)
    is_positive = rng.random(80) < 0.4
    scores = is_positive + rng.normal(size=80)
    of_positives, of_negatives = by_pairs(is_positive, scores)
    delong = of_positives.var(ddof=1) / of_positives.size + of_negatives.var(ddof=1) / of_negatives.size
    assert variance_of(is_positive, scores).item() == pytest.approx(delong, rel=1e-12)
    assert variance_of(is_positive, scores, rng.permutation(80)).item() == pytest.approx(delong, rel=1e-12)


def test_breast_cancer_variance(breast_cancer):
    assert f"{variance_of(*breast_cancer).item():.6e}" == "5.971411e-06"


@pytest.mark.parametrize(("patients", "is_estimable"), [([0, 0, 1, 2], False), ([0, 3, 1, 2], True)])
def test_one_patient_of_a_class_leaves_no_variance(patients, is_estimable):
    is_positive, scores = np.array([True, True, False, False]), np.array([0.3, 0.8, 0.4, 0.1])
    assert (variance_of(is_positive, scores, np.array(patients)) is not None) == is_estimable
