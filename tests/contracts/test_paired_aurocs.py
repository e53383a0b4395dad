"""AUROCs of models on the same cases: the differences of DeLong and Obuchowski, beside their formulas written out.

Source: DeLong, DeLong & Clarke-Pearson, Biometrics 1988;44:837; Obuchowski, Biometrics 1997;53:567.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.special import logit
from scipy.stats import chi2, norm
from scipy.stats import t as student

from reprodx.comparison.contrast import equality
from reprodx.metrics.asked import View
from reprodx.metrics.catalogue.auroc import AUROC
from reprodx.metrics.estimation import BY_CHANCE, difference, estimate
from reprodx.metrics.measured import Measured, covariance_of, measured
from reprodx.metrics.scored_cases import ScoredCases
from reprodx.metrics.undefined import NO_NEGATIVE, NO_VARIANCE, TOO_FEW_CLUSTERS
from tests.settings import comparison_settings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import ArrayLike, NDArray

SETTINGS = comparison_settings()
CASES = st.lists(st.tuples(st.booleans(), st.integers(0, 9), st.integers(0, 9)), min_size=2, max_size=30)
Z = norm.ppf(0.975)


def areas(is_positive: NDArray[np.bool_], models: Iterable[ArrayLike], patients: ArrayLike | None = None):
    """Return the AUROC of each model, whose scores have the shape (cases,) or (members, cases)."""
    numbers = None if patients is None else np.asarray(patients)
    return [
        measured(
            AUROC,
            View.BINARY,
            [ScoredCases.yes_or_no(is_positive, scores, numbers) for scores in np.atleast_2d(np.asarray(model, float))],
            SETTINGS,
        )
        for model in models
    ]


def pair(is_positive, models, patients=None):
    return difference(*areas(is_positive, models, patients), SETTINGS)


def covariance(found: list[Measured]) -> NDArray[np.float64]:
    together = covariance_of(found[0], np.stack([one.influence for one in found]))
    assert together is not None
    return together + np.diag([one.between for one in found])


def arrays(cases):
    is_positive = np.array([case[0] for case in cases])
    assume(0 < is_positive.sum() < is_positive.size)
    return is_positive, np.array([[case[1] for case in cases], [case[2] for case in cases]], dtype=float)


def wins_of(is_positive, scores):
    """Return of each model, positive and negative case which is above: shape (models, positives, negatives)."""
    return np.sign(scores[:, is_positive][:, :, None] - scores[:, ~is_positive][:, None, :]) / 2 + 0.5


@pytest.fixture
def several():
    """Four models of growing worth on 150 cases of 60 patients."""
    rng = np.random.default_rng(0)
    is_positive = rng.random(150) < 0.4
    scores = np.stack([worth * is_positive + rng.normal(size=150) for worth in (0.5, 0.7, 0.9, 1.5)])
    _, patients = np.unique(rng.integers(0, 60, size=150), return_inverse=True)
    return is_positive, scores, patients


@pytest.fixture
def seeds():
    """Two models in several seeds, on 120 cases of 60 patients."""
    rng = np.random.default_rng(3)
    is_positive = np.tile([True, False, False], 40)
    scores = [worth * is_positive + rng.normal(size=(num, 120)) for worth, num in ((0.8, 4), (1.1, 3))]
    return is_positive, scores, np.repeat(np.arange(60), 2)


def test_covariance_is_delongs_pair_by_pair(several):
    is_positive, scores, _ = several
    wins = wins_of(is_positive, scores)
    expected = np.cov(wins.mean(axis=2)) / is_positive.sum() + np.cov(wins.mean(axis=1)) / (~is_positive).sum()
    np.testing.assert_allclose(covariance(areas(is_positive, scores)), expected, rtol=1e-10)


@pytest.mark.parametrize("is_clustered", [False, True])
def test_variance_of_a_difference_is_that_of_the_covariance(several, is_clustered):
    is_positive, scores, patients = several
    found = areas(is_positive, scores, patients if is_clustered else None)
    together, one = covariance(found), difference(found[2], found[0], SETTINGS)
    error = np.sqrt(together[2, 2] + together[0, 0] - 2 * together[0, 2])
    assert one.standard_error == pytest.approx(error)
    assert one.statistic == pytest.approx((found[2].value - found[0].value) / error)
    assert one.p_value == pytest.approx(2 * norm.sf(abs(one.statistic)))
    assert one.estimate.ci_high - one.estimate.value == pytest.approx(Z * error)
    assert ("clustered by patient" in one.estimate.method) == is_clustered
    for each, variance in zip(found, np.diag(together), strict=True):
        limit, value = estimate(each, SETTINGS).ci_high, each.value
        assert logit(limit) - logit(value) == pytest.approx(Z * np.sqrt(variance) / (value * (1 - value)))


@given(CASES, st.booleans())
def test_variance_is_that_of_all_pairs_of_cases(cases, is_clustered):
    """DeLong's and Obuchowski's components computed directly from every positive with every negative case."""
    is_positive, scores = arrays(cases)
    patients = np.arange(is_positive.size) // 2
    wins = np.subtract(*wins_of(is_positive, scores))
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
    found = pair(is_positive, scores, patients if is_clustered else None)
    assert found.estimate.value == pytest.approx(wins.mean(), abs=1e-12)
    if found.estimate.reason is None:
        assert found.standard_error**2 == pytest.approx(expected, rel=1e-6, abs=1e-15)
    else:
        assert expected < 1e-12


def test_equality_is_the_chi_square_of_all_contrasts(several):
    is_positive, scores, _ = several
    found = areas(is_positive, scores)
    contrasts, values = np.array([[1, -1, 0, 0], [0, 1, -1, 0], [0, 0, 1, -1]]), [one.value for one in found]
    middle = np.linalg.inv(contrasts @ covariance(found) @ contrasts.T)
    expected = (contrasts @ values) @ middle @ (contrasts @ values)
    test = equality(found)
    assert test.statistic == pytest.approx(expected)
    assert (test.degrees_of_freedom, test.p_value) == (3, pytest.approx(chi2.sf(expected, 3)))


@given(CASES, st.booleans())
def test_a_model_against_a_transform_of_itself_is_no_difference(cases, is_clustered):
    is_positive, scores = arrays(cases)
    scores[1] = np.exp(scores[0] / 2) - 7
    found = pair(is_positive, scores, np.arange(is_positive.size) // 2 if is_clustered else None)
    limits = (found.estimate.value, found.estimate.ci_low, found.estimate.ci_high)
    assert (*limits, found.statistic, found.p_value) == (0, 0, 0, 0, 1)


@given(CASES)
def test_exchanging_the_models_changes_the_sign_alone(cases):
    is_positive, scores = arrays(cases)
    one, other = pair(is_positive, scores), pair(is_positive, scores[::-1])
    assert one.estimate.value == -other.estimate.value
    assert one.p_value == other.p_value
    assert one.estimate.reason == other.estimate.reason
    assert one.p_value is None or 0 <= one.p_value <= 1


def test_duplicated_rows_change_no_clustered_test(several):
    is_positive, scores, _ = several
    once, rows = pair(is_positive, scores[[0, 3]]), np.tile(np.arange(150), 2)
    twice = pair(is_positive[rows], scores[[0, 3]][:, rows], rows)
    assert twice.statistic == pytest.approx(once.statistic)
    assert abs(pair(is_positive[rows], scores[[0, 3]][:, rows]).statistic) > 1.4 * abs(once.statistic)


def test_what_cannot_be_tested_has_a_reason():
    is_positive = np.array([True, True, False, False])
    perfect, reverse = [4, 3, 2, 1], [1, 2, 3, 4]
    opposed = pair(is_positive, [perfect, reverse])
    assert (opposed.estimate.value, opposed.estimate.reason, opposed.p_value) == (1, NO_VARIANCE, None)
    constant = pair(is_positive, [perfect, [0, 0, 0, 0]])
    assert (constant.estimate.value, constant.estimate.reason, constant.p_value) == (0.5, NO_VARIANCE, None)
    as_perfect = pair(is_positive, [perfect, [3, 4, 1, 2]])
    assert (as_perfect.estimate.value, as_perfect.estimate.reason, as_perfect.p_value) == (0, BY_CHANCE, None)
    one_class = pair(np.ones(4, dtype=bool), [perfect, reverse])
    assert (one_class.estimate.value, one_class.estimate.reason) == (None, NO_NEGATIVE)
    assert equality(areas(np.ones(4, dtype=bool), [perfect, reverse])) is None
    assert pair(is_positive, [reverse, [3, 1, 4, 2]]).p_value is not None


def test_one_positive_case_has_no_variance():
    one_positive = np.array([True, False, False, False])
    single = areas(one_positive, [[1, 2, 3, 4], [3, 1, 4, 2]])
    assert difference(*single, SETTINGS).estimate.reason == TOO_FEW_CLUSTERS
    assert estimate(single[1], SETTINGS).reason == TOO_FEW_CLUSTERS
    assert equality(single) is None


@pytest.mark.parametrize("is_clustered", [False, True])
def test_members_are_averaged_and_the_variance_between_them_is_added(seeds, is_clustered):
    is_positive, scores, patients = seeds
    patients = patients if is_clustered else None
    found, alone = areas(is_positive, scores, patients), areas(is_positive, np.concatenate(scores), patients)
    values = np.array([one.value for one in alone])
    assert np.concatenate([one.values for one in found]) == pytest.approx(values)
    means = np.zeros((2, 7))
    means[0, :4], means[1, 4:] = 1 / 4, 1 / 3
    assert [one.value for one in found] == pytest.approx(means @ values)
    between = [values[:4].var(ddof=1) / 4, values[4:].var(ddof=1) / 3]
    expected = means @ covariance(alone) @ means.T + np.diag(between)
    np.testing.assert_allclose(covariance(found), expected, rtol=1e-9)
    one, contrast = difference(*found, SETTINGS), np.array([1, -1])
    assert one.standard_error == pytest.approx(np.sqrt(contrast @ expected @ contrast))
    assert one.statistic == pytest.approx(contrast @ means @ values / one.standard_error)
    assert one.between == pytest.approx(sum(between))
    assert equality(found) is None
    assert "; means of 4 and 3 repetitions, variance between them added" in one.estimate.method
    area = estimate(found[1], SETTINGS)
    assert "; mean of 3 repetitions, variance between them added" in area.method
    margins = [abs(logit(limit) - logit(area.value)) for limit in (area.ci_low, area.ci_high)]
    assert margins[0] == pytest.approx(margins[1])
    assert margins[0] > Z * np.sqrt(expected[1, 1]) / (area.value * (1 - area.value))


def test_few_members_widen_the_interval_by_students_t():
    """Of patients z and of three seeds each t, weighted by their variances: Cochran & Cox, 1957, 4.14."""
    rng = np.random.default_rng(4)
    is_positive = np.arange(200) % 2 == 1
    models = [[(1 + shift) * is_positive + rng.normal(size=200) for shift in (-0.4, 0.0, 0.4)] for _ in range(2)]
    found = areas(is_positive, models)
    one, parts = difference(*found, SETTINGS), [np.var(each.values, ddof=1) / 3 for each in found]
    between, degrees = sum(parts), 2 * sum(parts) ** 2 / sum(part**2 for part in parts)
    variance = np.array([1, -1]) @ covariance(found) @ [1, -1]
    quantile = (Z * (variance - between) + student.ppf(0.975, degrees) * between) / variance
    error, value = np.sqrt(variance), found[0].value - found[1].value
    assert one.estimate.ci_low == pytest.approx(value - quantile * error, abs=1e-12)
    assert student.ppf(0.975, one.degrees_of_freedom) == pytest.approx(quantile)
    assert one.p_value == pytest.approx(2 * student.sf(abs(value) / error, one.degrees_of_freedom))
    assert f"t on {one.degrees_of_freedom:.0f} degrees of freedom" in one.estimate.method
    assert quantile > 1.97


def test_the_same_members_in_another_order_are_no_difference(seeds):
    is_positive, scores, _ = seeds
    same = areas(is_positive, [scores[0], scores[0][[2, 0, 3, 1]], scores[0]])
    found = difference(same[0], same[1], SETTINGS)
    assert (found.estimate.value, found.estimate.ci_low, found.statistic, found.p_value) == (0, 0, 0, 1)


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
        found = pair(is_positive, shift * is_positive + np.sqrt(0.5) * (shared + own))
        rejected += found.p_value < 0.05
        covered += found.estimate.ci_low <= 0 <= found.estimate.ci_high
    assert 0.035 <= rejected / num_repeats <= 0.065
    assert covered == num_repeats - rejected
