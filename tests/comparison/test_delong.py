"""AUROCs of models on the same cases."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import chi2, norm
from scipy.stats import t as student

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
    is_positive, scores, patients = several
    once = PairedAurocs(is_positive, scores[:2]).equality()
    twice = PairedAurocs(is_positive, scores[[0, 1, 1, 0]]).equality()
    assert twice.degrees_of_freedom == once.degrees_of_freedom == 1
    assert twice.statistic == pytest.approx(once.statistic)
    for groups in (None, patients):
        same = PairedAurocs(is_positive, scores[[0, 0]], groups).equality()
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


@pytest.fixture
def seeds():
    """Two models in several seeds, on 120 cases of 60 patients."""
    rng = np.random.default_rng(3)
    is_positive = np.tile([True, False, False], 40)
    scores = [worth * is_positive + rng.normal(size=(num, 120)) for worth, num in ((0.8, 4), (1.1, 3))]
    return is_positive, scores, np.repeat(np.arange(60), 2)


@given(CASES, st.booleans())
def test_variance_is_that_of_all_pairs_of_cases(cases, is_clustered):
    """DeLong's and Obuchowski's components computed directly from every positive with every negative case."""
    is_positive, scores = arrays(cases)
    patients = np.arange(is_positive.size) // 2
    wins = np.sign(scores[:, is_positive][:, :, None] - scores[:, ~is_positive][:, None, :]) / 2 + 0.5
    wins = wins[0] - wins[1]
    components = np.empty(is_positive.size)
    components[is_positive] = (wins.mean(axis=1) - wins.mean()) / is_positive.sum()
    components[~is_positive] = (wins.mean(axis=0) - wins.mean()) / (~is_positive).sum()
    groups = patients if is_clustered else np.arange(is_positive.size)
    sums = [np.bincount(groups[mask], components[mask], groups.max() + 1) for mask in (is_positive, ~is_positive)]
    counts = [np.unique(groups[mask]).size for mask in (is_positive, ~is_positive)]
    assume(min(counts) > 1 and np.ptp(components) > 0)
    expected = sum((one**2).sum() * count / (count - 1) for one, count in zip(sums, counts, strict=True))
    num_groups = np.unique(groups).size
    expected += 2 * (sums[0] * sums[1]).sum() * num_groups / (num_groups - 1)
    found = PairedAurocs(is_positive, scores, patients if is_clustered else None)
    difference = found.difference(0, 1, confidence_level=0.95)
    assert difference.estimate.value == pytest.approx(wins.mean(), abs=1e-12)
    if difference.estimate.reason is None:
        se = (difference.estimate.ci_high - difference.estimate.value) / norm.ppf(0.975)
        assert se**2 == pytest.approx(expected, rel=1e-6, abs=1e-15)
    else:
        assert expected < 1e-12


@pytest.mark.parametrize("is_clustered", [False, True])
def test_members_are_averaged_and_the_variance_between_them_is_added(seeds, is_clustered):
    is_positive, scores, patients = seeds
    patients = patients if is_clustered else None
    found = PairedAurocs(is_positive, scores, patients)
    alone = PairedAurocs(is_positive, np.concatenate(scores), patients)
    assert np.concatenate(found.member_areas) == pytest.approx(alone.areas)
    means = np.zeros((2, 7))
    means[0, :4], means[1, 4:] = 1 / 4, 1 / 3
    assert found.areas == pytest.approx(means @ alone.areas)
    between = [alone.areas[:4].var(ddof=1) / 4, alone.areas[4:].var(ddof=1) / 3]
    expected = means @ alone.covariance() @ means.T + np.diag(between)
    np.testing.assert_allclose(found.covariance(), expected, rtol=1e-9)
    difference = found.difference(0, 1, confidence_level=0.95)
    contrast = np.array([1, -1])
    assert difference.statistic == pytest.approx(contrast @ found.areas / np.sqrt(contrast @ expected @ contrast))
    assert found.equality().statistic == pytest.approx(difference.statistic**2)
    assert difference.standard_error == pytest.approx(np.sqrt(contrast @ expected @ contrast))
    assert difference.between == pytest.approx(sum(between))
    spent = between[0] ** 2 / 3 + between[1] ** 2 / 2
    assert difference.degrees_of_freedom == pytest.approx(difference.standard_error**4 / spent)
    assert difference.estimate.method.endswith("means of 4 and 3 repetitions, variance between them added")
    area = found.estimate(1, confidence_level=0.95)
    logit_se = np.sqrt(expected[1, 1]) / (area.value * (1 - area.value))
    assert np.log(area.ci_high / (1 - area.ci_high) / (area.value / (1 - area.value))) == pytest.approx(
        norm.ppf(0.975) * logit_se
    )


def test_one_member_has_the_interval_of_the_metric(seeds):
    is_positive, scores, patients = seeds
    for groups in (None, patients):
        found = PairedAurocs(is_positive, scores[0], groups).estimate(2, confidence_level=0.9)
        assert found == auroc(is_positive, scores[0][2], confidence_level=0.9, patients=groups)


def test_the_same_members_in_another_order_are_no_difference(seeds):
    is_positive, scores, _ = seeds
    same = PairedAurocs(is_positive, [scores[0], scores[0][[2, 0, 3, 1]], scores[0]])
    found = same.difference(0, 1, confidence_level=0.95)
    assert (found.estimate.value, found.estimate.ci_low, found.statistic, found.p_value) == (0, 0, 0, 1)
    assert same.equality().degrees_of_freedom == 0


def test_a_difference_that_no_case_varies_has_no_test():
    is_positive = np.repeat([True, False], 7)
    perfect = is_positive.astype(float)
    constant = PairedAurocs(is_positive, np.stack([perfect, np.zeros(14)])).difference(0, 1, confidence_level=0.95)
    assert (constant.estimate.value, constant.estimate.reason, constant.p_value) == (0.5, NO_VARIANCE, None)


@pytest.mark.simulation
@pytest.mark.parametrize("area", [0.75, 0.85, 0.95])
def test_size_under_the_null(area):
    """Two equally good models whose scores share half of their variance, 100 cases of each class."""
    rng = np.random.default_rng(0)
    is_positive = np.repeat([True, False], 100)
    shift = np.sqrt(2) * norm.ppf(area)
    rejected, covered, num_repeats = 0, 0, 4000
    for _ in range(num_repeats):
        shared, own = rng.normal(size=200), rng.normal(size=(2, 200))
        scores = shift * is_positive + np.sqrt(0.5) * (shared + own)
        found = PairedAurocs(is_positive, scores).difference(0, 1, confidence_level=0.95)
        rejected += found.p_value < 0.05
        covered += found.estimate.ci_low <= 0 <= found.estimate.ci_high
    assert 0.035 <= rejected / num_repeats <= 0.065
    assert covered == num_repeats - rejected


def test_few_members_widen_the_interval_by_students_t() -> None:
    rng = np.random.default_rng(4)
    is_positive = np.arange(200) % 2 == 1
    seeds = [[(1 + shift) * is_positive + rng.normal(size=200) for shift in (-0.4, 0.0, 0.4)] for _ in range(2)]
    areas = PairedAurocs(is_positive, [np.array(rows) for rows in seeds])
    found = areas.difference(0, 1, confidence_level=0.95)
    between = [float(np.var(one, ddof=1)) / 3 for one in areas.member_areas]
    covariance = areas.covariance()
    assert covariance is not None
    variance = covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]
    degrees = variance**2 / (between[0] ** 2 / 2 + between[1] ** 2 / 2)
    margin = student.ppf(0.975, degrees) * np.sqrt(variance)
    value = areas.areas[0] - areas.areas[1]
    assert found.estimate.ci_low == pytest.approx(value - margin, abs=1e-12)
    assert found.p_value == pytest.approx(2 * student.sf(abs(value) / np.sqrt(variance), degrees), abs=1e-12)
    assert f"t on {degrees:.0f} degrees of freedom" in found.estimate.method
    assert student.ppf(0.975, degrees) > 1.97
