"""AUROCs of models on the same cases."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import chi2, norm

from reprodx.comparison.delong import PairedAurocs
from reprodx.errors import UndefinedMetricError
from reprodx.metrics.auroc import auroc
from reprodx.metrics.undefined import NO_VARIANCE, TOO_FEW_CLUSTERS

CASES = st.lists(st.tuples(st.booleans(), st.integers(0, 9), st.integers(0, 9)), min_size=2, max_size=30)


def arrays(cases):
    is_positive = np.array([case[0] for case in cases])
    assume(0 < is_positive.sum() < is_positive.size)
    return is_positive, np.array([[case[1] for case in cases], [case[2] for case in cases]], dtype=float)


@pytest.fixture
def several():
    """Four models of growing worth on 150 cases of 60 patients."""
    rng = np.random.default_rng(0)
    is_positive = rng.random(150) < 0.4
    scores = np.stack([worth * is_positive + rng.normal(size=150) for worth in (0.5, 0.7, 0.9, 1.5)])
    _, patients = np.unique(rng.integers(0, 60, size=150), return_inverse=True)
    return is_positive, scores, patients


def test_breast_cancer(breast_cancer):
    pair = PairedAurocs(*breast_cancer)
    assert pair.areas == pytest.approx([0.9952830189, 0.9906981661], abs=5e-11)
    difference = pair.difference(0, 1, confidence_level=0.95)
    assert difference.statistic == pytest.approx(1.400170, abs=5e-7)
    assert difference.p_value == pytest.approx(0.161463, abs=5e-7)
    limits = (difference.estimate.ci_low, difference.estimate.ci_high)
    assert limits == pytest.approx((-0.001833, 0.011003), abs=5e-7)
    assert (difference.estimate.n, difference.estimate.n_events) == (569, 212)


def test_covariance_is_delongs_pair_by_pair(several):
    is_positive, scores, _ = several
    wins = np.sign(scores[:, is_positive][:, :, None] - scores[:, ~is_positive][:, None, :]) / 2 + 0.5
    expected = np.cov(wins.mean(axis=2)) / is_positive.sum() + np.cov(wins.mean(axis=1)) / (~is_positive).sum()
    np.testing.assert_allclose(PairedAurocs(is_positive, scores).covariance(), expected, rtol=1e-12)


@pytest.mark.parametrize("is_clustered", [False, True])
def test_variance_of_a_difference_is_that_of_the_covariance(several, is_clustered):
    is_positive, scores, patients = several
    models = PairedAurocs(is_positive, scores, patients if is_clustered else None)
    covariance = models.covariance()
    difference = models.difference(2, 0, confidence_level=0.9)
    se = np.sqrt(covariance[2, 2] + covariance[0, 0] - 2 * covariance[0, 2])
    assert difference.statistic == pytest.approx((models.areas[2] - models.areas[0]) / se)
    assert difference.p_value == pytest.approx(2 * norm.sf(abs(difference.statistic)))
    assert difference.estimate.ci_high - difference.estimate.value == pytest.approx(norm.ppf(0.95) * se)
    assert ("clustered by patient" in difference.estimate.method) == is_clustered


def test_areas_and_variances_are_those_of_each_model_alone(several):
    is_positive, scores, patients = several
    models = PairedAurocs(is_positive, scores, patients)
    for row, area, variance in zip(scores, models.areas, np.diag(models.covariance()), strict=True):
        alone = auroc(is_positive, row, confidence_level=0.95, patients=patients, interval="wald")
        assert alone.value == area
        assert alone.ci_high - alone.value == pytest.approx(norm.ppf(0.975) * np.sqrt(variance))


def test_equality_is_the_chi_square_of_all_contrasts(several):
    is_positive, scores, _ = several
    models = PairedAurocs(is_positive, scores)
    contrasts = np.array([[1, -1, 0, 0], [0, 1, -1, 0], [0, 0, 1, -1]])
    middle = np.linalg.inv(contrasts @ models.covariance() @ contrasts.T)
    expected = (contrasts @ models.areas) @ middle @ (contrasts @ models.areas)
    equality = models.equality()
    assert equality.statistic == pytest.approx(expected)
    assert (equality.degrees_of_freedom, equality.p_value) == (3, pytest.approx(chi2.sf(expected, 3)))


def test_equality_of_two_is_the_square_of_z(breast_cancer):
    pair = PairedAurocs(*breast_cancer)
    difference, equality = pair.difference(0, 1, confidence_level=0.95), pair.equality()
    assert equality.statistic == pytest.approx(difference.statistic**2)
    assert equality.p_value == pytest.approx(difference.p_value)


def test_a_model_that_is_there_twice_adds_no_degree_of_freedom(several):
    is_positive, scores, _ = several
    once = PairedAurocs(is_positive, scores[:2]).equality()
    twice = PairedAurocs(is_positive, scores[[0, 1, 1, 0]]).equality()
    assert twice.degrees_of_freedom == once.degrees_of_freedom == 1
    assert twice.statistic == pytest.approx(once.statistic)
    same = PairedAurocs(is_positive, scores[[0, 0]]).equality()
    assert (same.statistic, same.degrees_of_freedom, same.p_value) == (0, 0, 1)


@given(CASES, st.booleans())
def test_a_model_against_a_transform_of_itself_is_no_difference(cases, is_clustered):
    is_positive, scores = arrays(cases)
    scores[1] = np.exp(scores[0] / 2) - 7
    patients = np.arange(is_positive.size) // 2 if is_clustered else None
    difference = PairedAurocs(is_positive, scores, patients).difference(0, 1, confidence_level=0.95)
    found = (difference.estimate.value, difference.estimate.ci_low, difference.estimate.ci_high)
    assert (*found, difference.statistic, difference.p_value) == (0, 0, 0, 0, 1)


@given(CASES)
def test_exchanging_the_models_changes_the_sign_alone(cases):
    is_positive, scores = arrays(cases)
    pair = PairedAurocs(is_positive, scores)
    one, other = pair.difference(0, 1, confidence_level=0.95), pair.difference(1, 0, confidence_level=0.95)
    assert one.estimate.value == -other.estimate.value
    assert one.p_value == other.p_value
    assert one.estimate.reason == other.estimate.reason
    assert one.p_value is None or 0 <= one.p_value <= 1


def test_duplicated_rows_change_no_clustered_test(several):
    is_positive, scores, _ = several
    once = PairedAurocs(is_positive, scores).difference(0, 3, confidence_level=0.95)
    twice = PairedAurocs(np.tile(is_positive, 2), np.tile(scores, 2), np.tile(np.arange(150), 2))
    assert twice.difference(0, 3, confidence_level=0.95).statistic == pytest.approx(once.statistic)


def test_what_cannot_be_tested_has_a_reason():
    is_positive = np.array([True, True, False, False])
    perfect, reverse = np.array([4.0, 3, 2, 1]), np.array([1.0, 2, 3, 4])
    opposed = PairedAurocs(is_positive, np.stack([perfect, reverse])).difference(0, 1, confidence_level=0.95)
    assert (opposed.estimate.value, opposed.estimate.reason, opposed.p_value) == (1, NO_VARIANCE, None)
    one_positive = np.array([True, False, False, False])
    scores = np.stack([reverse, np.array([3.0, 1, 4, 2])])
    single = PairedAurocs(one_positive, scores)
    assert single.difference(0, 1, confidence_level=0.95).estimate.reason == TOO_FEW_CLUSTERS
    with pytest.raises(UndefinedMetricError, match="one patient only"):
        single.equality()
    assert PairedAurocs(is_positive, scores).difference(0, 1, confidence_level=0.95).p_value is not None


def test_one_class_is_refused():
    with pytest.raises(UndefinedMetricError, match="one class only: no negative case"):
        PairedAurocs(np.array([True, True]), np.zeros((2, 2)))
