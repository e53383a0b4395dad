"""Metrics of several classes with weighted cases, beside scikit-learn."""

import numpy as np
import pytest
from sklearn import metrics as oracle

from reprodx.comparison.statistics.class_statistics import ClassAnswers, class_statistic, kappa
from reprodx.comparison.statistics.weighted_statistic import StatisticTable

RNG = np.random.default_rng(3)
TARGETS = RNG.integers(0, 4, 90)
PROBS = RNG.dirichlet(np.ones(4), 90) * 0.6 + 0.4 * np.eye(4)[TARGETS] * RNG.random((90, 1))
PROBS /= PROBS.sum(axis=1, keepdims=True)
CALLED = PROBS.argmax(axis=1)
WEIGHTS = RNG.integers(0, 4, (5, 90)).astype(float)
NAMES = ("none", "mild", "auroc", "not_referable")
GRADES, CLASSES = (ClassAnswers(TARGETS, PROBS, CALLED, has_grades=graded, classes=NAMES) for graded in (True, False))


def one_vs_rest(weights):
    return np.mean([oracle.roc_auc_score(k == TARGETS, PROBS[:, k], sample_weight=weights) for k in range(4)])


@pytest.mark.parametrize(
    ("name", "answers", "expected"),
    [
        ("auroc", CLASSES, one_vs_rest),
        ("accuracy", CLASSES, lambda w: oracle.accuracy_score(TARGETS, CALLED, sample_weight=w)),
        ("kappa", CLASSES, lambda w: oracle.cohen_kappa_score(TARGETS, CALLED, sample_weight=w)),
        ("kappa", GRADES, lambda w: oracle.cohen_kappa_score(TARGETS, CALLED, sample_weight=w, weights="quadratic")),
        ("mae", GRADES, lambda w: oracle.mean_absolute_error(TARGETS, CALLED, sample_weight=w)),
        ("within_1", GRADES, lambda w: np.average(np.abs(TARGETS - CALLED) <= 1, weights=w)),
        (
            "brier",
            CLASSES,
            lambda w: oracle.brier_score_loss(TARGETS, PROBS, sample_weight=w, labels=range(4), scale_by_half=False),
        ),
    ],
)
def test_values_are_those_of_scikit_learn(name, answers, expected):
    values = StatisticTable([class_statistic(name, answers)])(WEIGHTS)[0]
    assert values == pytest.approx(np.array([expected(row) for row in WEIGHTS]), abs=1e-12)


@pytest.mark.parametrize(("place", "name"), list(enumerate(NAMES)))
def test_the_auroc_of_one_class_is_scikit_learn_s_against_the_rest(place, name):
    statistic = class_statistic(f"auroc_{name}", GRADES)
    expected = [oracle.roc_auc_score(place == TARGETS, PROBS[:, place], sample_weight=row) for row in WEIGHTS]
    assert StatisticTable([statistic])(WEIGHTS)[0] == pytest.approx(np.array(expected), abs=1e-12)
    assert statistic.n_events == (place == TARGETS).sum()


def test_the_auroc_of_a_class_without_cases_is_undefined_and_that_of_another_is_not():
    answers = ClassAnswers(np.arange(9) % 2, PROBS[:9], CALLED[:9], has_grades=False, classes=NAMES)
    assert class_statistic("auroc_not_referable", answers).reason == "one class only: no positive case"
    assert class_statistic("auroc_none", answers).reason is None


def test_kappa_of_a_resample_without_disagreement_by_chance_is_undefined():
    statistic = kappa(np.array([0, 0, 1]), np.array([0, 0, 1]), 2, is_quadratic=False)
    values = StatisticTable([statistic])(np.array([[1.0, 1, 0], [1.0, 1, 1]]))[0]
    assert np.isnan(values).tolist() == [True, False]
    assert values[1] == 1


@pytest.mark.parametrize(
    ("name", "answers", "reason"),
    [
        ("brier", ClassAnswers(np.zeros(0, int), np.zeros((0, 4)), np.zeros(0, int), True), "no case"),
        ("auroc", ClassAnswers(np.zeros(9, int), PROBS[:9], None, False), "3 of 4 classes have no case"),
        ("mae", ClassAnswers(TARGETS, PROBS, None, True), "no threshold was chosen"),
        (
            "kappa",
            ClassAnswers(np.ones(9, int), PROBS[:9], np.ones(9, int), True),
            "all cases have and are called one class",
        ),
    ],
)
def test_what_is_undefined_says_why_and_its_twin_has_a_value(name, answers, reason):
    assert class_statistic(name, answers).reason == reason
    twin = class_statistic(name, GRADES)
    assert twin.reason is None
    assert np.isfinite(StatisticTable([twin])(np.ones((1, 90)))).all()
