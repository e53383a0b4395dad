"""The area under the ROC curve."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import multivariate_normal, norm
from sklearn.metrics import roc_auc_score

from reprodx.metrics.asked import View
from reprodx.metrics.catalogue.auroc import AUROC, WeightedAuroc, auroc, hanley_mcneil_se
from reprodx.metrics.measured import measured, sampling_variance
from reprodx.metrics.undefined import NO_CASE, NO_NEGATIVE, NO_POSITIVE, NO_VARIANCE, PERFECT, TOO_FEW_CLUSTERS
from tests.scored import asked, classed, drawn, labelled, scored, shares_of_pairs, width
from tests.settings import score_settings

CASES = st.lists(st.tuples(st.booleans(), st.integers(-9, 9)), min_size=2, max_size=40)
Z = norm.ppf(0.975)


def arrays(cases):
    is_positive = np.array([case[0] for case in cases])
    assume(0 < is_positive.sum() < is_positive.size)
    return is_positive, np.array([case[1] for case in cases], dtype=float)


def standard_error(is_positive, scores, patients=None):
    cases = asked(is_positive, scores, patients=patients)
    return np.sqrt(sampling_variance(measured(AUROC, View.BINARY, [cases], score_settings()))[0])


@pytest.fixture
def ct_ratings():
    """Hanley & McNeil, Radiology 1982;143:29, table I: 109 CT images rated 1 (normal) to 5 (abnormal)."""
    normals, abnormals = [33, 6, 6, 11, 2], [3, 2, 2, 11, 33]
    scores = np.concatenate([np.repeat(np.arange(1.0, 6.0), counts) for counts in (normals, abnormals)])
    return np.repeat([False, True], [58, 51]), scores


def test_hanley_mcneil_example(ct_ratings):
    area = auroc(*ct_ratings, confidence_level=0.95).value
    assert area == pytest.approx(0.8931710615, abs=5e-11)
    assert hanley_mcneil_se(area, 51, 58) == pytest.approx(0.0324866, abs=5e-8)
    assert standard_error(*ct_ratings) == pytest.approx(0.0307244, abs=5e-8)


def test_breast_cancer_area(breast_cancer):
    estimate = auroc(*breast_cancer, confidence_level=0.95)
    assert estimate.value == pytest.approx(0.9952830189, abs=5e-11)
    assert (estimate.n, estimate.n_events, estimate.method) == (569, 212, "logit DeLong")
    assert standard_error(*breast_cancer) ** 2 == pytest.approx(5.971411e-06, abs=5e-13)


def test_interval_is_symmetric_on_the_logit(ct_ratings):
    found = auroc(*ct_ratings, confidence_level=0.95)
    odds = np.array([limit / (1 - limit) for limit in (found.ci_low, found.value, found.ci_high)])
    assert odds[1] ** 2 == pytest.approx(odds[0] * odds[2])
    # Within few patients' t of the normal quantile.
    on_logit = np.log(odds[2] / odds[1]) / (0.0307244 / (found.value * (1 - found.value)))
    assert Z * (1 - 1e-5) <= on_logit < 1.03 * Z


@given(CASES)
def test_value_is_scikit_learns_and_lies_in_its_interval(cases):
    is_positive, scores = arrays(cases)
    estimate = auroc(is_positive, scores, confidence_level=0.95)
    assert estimate.value == pytest.approx(roc_auc_score(is_positive, scores), abs=1e-12)
    if estimate.reason is None:
        assert 0 < estimate.ci_low < estimate.value < estimate.ci_high < 1
    else:
        assert estimate.ci_low is None
        assert estimate.ci_high is None


@given(CASES)
def test_monotone_transform_changes_nothing(cases):
    is_positive, scores = arrays(cases)
    transformed = np.exp(scores / 3) - 5
    assert auroc(is_positive, scores, confidence_level=0.9) == auroc(is_positive, transformed, confidence_level=0.9)


@given(CASES)
def test_swapping_labels_and_negating_scores_changes_no_area(cases):
    is_positive, scores = arrays(cases)
    one = auroc(is_positive, scores, confidence_level=0.95)
    other = auroc(~is_positive, -scores, confidence_level=0.95)
    assert other.value == pytest.approx(one.value, abs=1e-12)
    assert other.reason == one.reason
    assert (other.ci_low, other.ci_high) == (pytest.approx(one.ci_low, abs=1e-7), pytest.approx(one.ci_high, abs=1e-7))


@given(st.integers(3, 30), st.integers(0, 2**32 - 1))
def test_duplicated_rows_narrow_the_independent_interval_but_not_the_clustered_one(m, seed):
    rng = np.random.default_rng(seed)
    is_positive = np.repeat([True, False], m)
    scores = is_positive + rng.normal(size=2 * m)
    assume(0.3 < roc_auc_score(is_positive, scores) < 0.95)
    twice, scores_twice = np.tile(is_positive, 2), np.tile(scores, 2)
    patients = np.tile(np.arange(2 * m), 2)
    se = standard_error(is_positive, scores)
    assert standard_error(twice, scores_twice, patients) == pytest.approx(se, rel=1e-9)
    assert se / standard_error(twice, scores_twice) == pytest.approx(np.sqrt((2 * m - 1) / (m - 1)), rel=1e-9)


@pytest.mark.parametrize(
    ("is_positive", "scores", "value", "reason"),
    [
        ([0, 0], [1, 2], None, NO_POSITIVE),
        ([1, 1], [1, 2], None, NO_NEGATIVE),
        ([0, 0, 1, 1], [1, 2, 3, 4], 1.0, PERFECT),
        ([1, 1, 0, 0], [1, 2, 3, 4], 0.0, PERFECT),
        ([0, 0, 1, 1], [7, 7, 7, 7], 0.5, NO_VARIANCE),
        ([0, 1, 0], [1, 2, 3], 0.5, TOO_FEW_CLUSTERS),
        ([0, 1, 0, 1], [1, 2, 3, 4], 0.75, None),
    ],
)
def test_what_cannot_be_estimated_has_a_reason(is_positive, scores, value, reason):
    estimate = auroc(np.array(is_positive, dtype=bool), np.array(scores, dtype=float), confidence_level=0.95)
    assert (estimate.value, estimate.reason) == (value, reason)
    assert (estimate.ci_low is None) == (reason is not None)


def test_clustered_method_says_so():
    is_positive, scores = np.array([0, 1, 0, 1, 1], dtype=bool), np.array([1.0, 2, 3, 4, 5])
    estimate = auroc(is_positive, scores, confidence_level=0.95, patients=np.array([0, 1, 2, 3, 3]))
    assert estimate.method.startswith("logit Obuchowski, clustered by patient")


@given(CASES, st.integers(0, 2**32 - 1))
def test_weighted_area_is_the_area_of_repeated_cases(cases, seed):
    is_positive, scores = arrays(cases)
    weights = np.random.default_rng(seed).integers(0, 4, size=(3, scores.size))
    for row, area in zip(weights, WeightedAuroc(is_positive, scores)(weights.astype(float)), strict=True):
        repeated = np.repeat(is_positive, row)
        if 0 < repeated.sum() < repeated.size:
            assert area == pytest.approx(roc_auc_score(repeated, np.repeat(scores, row)), abs=1e-12)
        else:
            assert np.isnan(area)


@given(st.integers(0, 2**32 - 1))
def test_means_over_classes_and_labels_and_all_pairs_are_scikit_learns(seed):
    classes, labels = drawn(View.CLASSES, seed=seed), drawn(View.LABELS, seed=seed)
    found = scored("auroc", classes, View.CLASSES)
    assert found.value == pytest.approx(roc_auc_score(classes.targets, classes.probs, multi_class="ovr"), abs=1e-12)
    assert (found.n, found.n_events) == (60, None)
    assert found.ci_low < found.value < found.ci_high
    for name, average in (("auroc", "macro"), ("auroc_micro", "micro")):
        expected = roc_auc_score(labels.targets, labels.probs, average=average)
        assert scored(name, labels, View.LABELS).value == pytest.approx(expected, abs=1e-12)


def test_variance_of_a_mean_of_areas_is_that_of_resampled_cases():
    """In a cohort: patients are drawn whatever their labels."""
    cases = drawn(View.LABELS, 240)
    rng = np.random.default_rng(1)
    draws = [rng.integers(0, 240, 240) for _ in range(600)]
    for name, average in (("auroc", "macro"), ("auroc_micro", "micro")):
        values = [roc_auc_score(cases.targets[rows], cases.probs[rows], average=average) for rows in draws]
        found = scored(name, cases, View.LABELS)
        assert width(found) == pytest.approx(2 * Z * np.std(values), rel=0.12)


def test_one_label_is_itself_the_mean_and_repeated_cases_say_no_more():
    cases = drawn(View.LABELS, 240)
    one = labelled(cases.targets[:, :1], cases.probs[:, :1])
    areas = [scored(name, one, View.LABELS).value for name in ("auroc", "auroc_micro")]
    assert areas[0] == pytest.approx(areas[1]) == pytest.approx(scored("auroc", one.about(0), View.LABEL).value)
    twice = labelled(np.tile(cases.targets, (2, 1)), np.tile(cases.probs, (2, 1)), patients=np.tile(np.arange(240), 2))
    for name in ("auroc", "auroc_micro", "average_precision_macro", "brier"):
        alone, clustered = scored(name, cases, View.LABELS), scored(name, twice, View.LABELS)
        assert clustered.value == pytest.approx(alone.value)
        assert width(clustered) == pytest.approx(width(alone))
        assert "patient" in clustered.method


def test_a_class_or_label_without_cases_leaves_no_mean():
    probs = np.random.default_rng(0).dirichlet(np.ones(3), size=4)
    assert scored("auroc", classed([0, 1, 0, 1], probs), View.CLASSES).reason == "1 of 3 classes have no case"
    assert scored("auroc", classed([0, 1, 0, 2], probs), View.CLASSES).value is not None
    cases = drawn(View.LABELS)
    targets = cases.targets * [1, 0, 1]
    without = labelled(targets, cases.probs)
    reason = "label 'label1': one class only: no positive case"
    assert {scored(n, without, View.LABELS).reason for n in ("auroc", "average_precision_macro")} == {reason}
    expected = roc_auc_score(targets, cases.probs, average="micro")
    assert scored("auroc_micro", without, View.LABELS).value == pytest.approx(expected)
    nothing = labelled(np.zeros((0, 2)), np.zeros((0, 2)))
    assert {scored(n, nothing, View.LABELS).reason for n in ("auroc", "auroc_micro", "brier")} == {NO_CASE}


def test_a_class_of_one_patient_still_has_a_mean():
    targets, patients = np.array([0, 1, 1, 2, 2]), np.array([0, 0, 1, 2, 3])
    probs = np.random.default_rng(0).dirichlet(np.ones(3), size=5)
    found = scored("auroc", classed(targets, probs, patients=patients), View.CLASSES)
    assert found.value is not None
    assert found.reason or "an approximation" in found.method


@pytest.mark.parametrize("area", [0.6, 0.85, 0.97])
def test_least_variance_is_that_of_two_normal_populations(area):
    """By the chance that a positive case is above two negative ones: a bivariate normal one, correlated by a half."""
    cases = asked(np.repeat([1, 0], [20, 80]), np.linspace(0, 1, 100))
    above_both = multivariate_normal.cdf([norm.ppf(area)] * 2, cov=[[1, 0.5], [0.5, 1]])
    expected = (above_both - area**2) * (1 / 20 + 1 / 80)
    assert AUROC.least_variance(area, cases) == pytest.approx(expected, rel=1e-4)


def coverage(true_area, make_cases, num_repeats=4000, **options):
    """How often the interval holds the true area; an interval that cannot be estimated does not."""
    estimates = [auroc(*make_cases(), confidence_level=0.95, **options) for _ in range(num_repeats)]
    return np.mean([e.ci_low is not None and e.ci_low <= true_area <= e.ci_high for e in estimates])


@pytest.mark.simulation
@pytest.mark.parametrize("area", [0.75, 0.85, 0.95])
def test_logit_interval_covers(area):
    rng = np.random.default_rng(0)
    is_positive = np.repeat([True, False], 100)
    shift = np.sqrt(2) * norm.ppf(area)
    assert 0.93 < coverage(area, lambda: (is_positive, shift * is_positive + rng.normal(size=200))) < 0.97


@pytest.mark.simulation
def test_logit_interval_holds_where_one_on_the_area_fails():
    is_positive, shift = np.repeat([True, False], [20, 80]), np.sqrt(2) * norm.ppf(0.97)
    rng = np.random.default_rng(1)
    assert coverage(0.97, lambda: (is_positive, shift * is_positive + rng.normal(size=100))) > 0.91
    rng, hits = np.random.default_rng(1), []
    for _ in range(2000):
        scores = shift * is_positive + rng.normal(size=100)
        area = roc_auc_score(is_positive, scores)
        hits.append(abs(area - 0.97) <= Z * standard_error(is_positive, scores))
    assert np.mean(hits) < 0.86


@pytest.mark.simulation
def test_clustered_interval_covers_where_the_independent_one_does_not():
    """Four cases a patient, of one class, whose scores share three quarters of their variance."""
    rng = np.random.default_rng(2)
    patients = np.repeat(np.arange(80), 4)
    is_positive = patients < 30
    shift = np.sqrt(2) * norm.ppf(0.85)

    def make_cases():
        return is_positive, shift * is_positive + np.sqrt(0.75) * rng.normal(size=80)[patients] + rng.normal(
            scale=0.5, size=320
        )

    assert 0.92 < coverage(0.85, make_cases, patients=patients) < 0.97
    assert coverage(0.85, make_cases) < 0.8


@given(st.lists(st.integers(0, 6), min_size=1, max_size=12), st.lists(st.integers(0, 6), min_size=1, max_size=12))
def test_influences_are_what_a_case_wins_above_the_mean(positives, negatives):
    is_positive = np.repeat([True, False], [len(positives), len(negatives)])
    scores = np.array(positives + negatives, dtype=float)
    shares = shares_of_pairs(is_positive, scores)
    expected = np.concatenate([(values - values.mean()) / values.size for values in shares])
    np.testing.assert_allclose(WeightedAuroc(is_positive, scores).influence(), expected, atol=1e-15)
