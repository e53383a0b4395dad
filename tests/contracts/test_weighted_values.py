"""Values of weighted cases beside scikit-learn and statsmodels: what resamples, folds and influences are made of."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from scipy.special import expit, logit
from sklearn import metrics as oracle
from statsmodels.genmod.families import Binomial
from statsmodels.genmod.generalized_linear_model import GLM

from reprodx.metrics.asked import View
from reprodx.metrics.catalogue import metric_of
from reprodx.metrics.catalogue.calibration import Recalibration, Shift
from reprodx.metrics.scored_cases import ScoredCases
from reprodx.metrics.statistic import StatisticTable
from reprodx.schemas import Task
from tests.settings import comparison_settings

SETTINGS = comparison_settings()
RNG = np.random.default_rng(0)
N = 120
WEIGHTS = RNG.integers(0, 4, (6, N)).astype(float)

Y = (RNG.random(N) < 0.4).astype(np.int64)
P = np.round(np.clip(RNG.normal(0.35, 0.2, N) + 0.2 * Y, 0.01, 0.99), 2)
ANSWERS = ScoredCases(Y, np.column_stack([1 - P, P]), None, ("no", "yes")).called_at(0.4)
C = ANSWERS.calls

GRADE = RNG.integers(0, 4, N)
GP = RNG.dirichlet(np.ones(4), N) * 0.6 + 0.4 * np.eye(4)[GRADE] * RNG.random((N, 1))
GP /= GP.sum(axis=1, keepdims=True)
GC = GP.argmax(axis=1)
CLASSES = ScoredCases(GRADE, GP, None, ("none", "mild", "moderate", "severe"), Task.MULTICLASS, GC)
GRADES = dataclasses.replace(CLASSES, task=Task.ORDINAL)

L = (RNG.random((N, 3)) < [0.5, 0.3, 0.2]).astype(np.int64)
LP = np.round(RNG.random((N, 3)) * 0.7 + 0.3 * L, 2)
LABELS = ScoredCases(L, LP, None, ("effusion", "fracture", "mass"), Task.MULTILABEL)


def values_of(name, view, cases, weights=WEIGHTS):
    return StatisticTable([metric_of(name).statistic(cases, view, SETTINGS)])(weights)[0]


def over_classes(score):
    return lambda w: np.mean([score(k == GRADE, GP[:, k], sample_weight=w) for k in range(4)])


def over_labels(score):
    return lambda w: np.mean([score(L[:, k], LP[:, k], sample_weight=w) for k in range(3)])


def hand_till(w):
    pairs = [(i, j, (i == GRADE) | (j == GRADE)) for i in range(4) for j in range(4) if i != j]
    return np.mean([oracle.roc_auc_score(GRADE[m] == i, GP[m, i], sample_weight=w[m]) for i, _, m in pairs])


def net_benefit(w):
    true, false = np.average([(Y == 1) & (C == 1), (Y == 0) & (C == 1)], axis=1, weights=w)
    return true - false * 0.4 / 0.6


@pytest.mark.parametrize(
    ("name", "view", "cases", "expected"),
    [
        ("auroc", View.BINARY, ANSWERS, lambda w: oracle.roc_auc_score(Y, P, sample_weight=w)),
        ("average_precision", View.BINARY, ANSWERS, lambda w: oracle.average_precision_score(Y, P, sample_weight=w)),
        ("brier", View.BINARY, ANSWERS, lambda w: oracle.brier_score_loss(Y, P, sample_weight=w)),
        ("scaled_brier", View.BINARY, ANSWERS, lambda w: oracle.d2_brier_score(Y, P, sample_weight=w)),
        ("net_benefit", View.BINARY, ANSWERS, net_benefit),
        ("sensitivity", View.BINARY, ANSWERS, lambda w: oracle.recall_score(Y, C, sample_weight=w)),
        ("specificity", View.BINARY, ANSWERS, lambda w: oracle.recall_score(Y, C, sample_weight=w, pos_label=0)),
        ("ppv", View.BINARY, ANSWERS, lambda w: oracle.precision_score(Y, C, sample_weight=w)),
        ("npv", View.BINARY, ANSWERS, lambda w: oracle.precision_score(Y, C, sample_weight=w, pos_label=0)),
        ("accuracy", View.BINARY, ANSWERS, lambda w: oracle.accuracy_score(Y, C, sample_weight=w)),
        ("balanced_accuracy", View.BINARY, ANSWERS, lambda w: oracle.balanced_accuracy_score(Y, C, sample_weight=w)),
        ("f1", View.BINARY, ANSWERS, lambda w: oracle.f1_score(Y, C, sample_weight=w)),
        ("kappa", View.BINARY, ANSWERS, lambda w: oracle.cohen_kappa_score(Y, C, sample_weight=w)),
        ("auroc", View.CLASSES, CLASSES, over_classes(oracle.roc_auc_score)),
        ("hand_till", View.CLASSES, CLASSES, hand_till),
        ("accuracy", View.CLASSES, CLASSES, lambda w: oracle.accuracy_score(GRADE, GC, sample_weight=w)),
        ("f1_macro", View.CLASSES, CLASSES, lambda w: oracle.f1_score(GRADE, GC, sample_weight=w, average="macro")),
        ("kappa", View.CLASSES, CLASSES, lambda w: oracle.cohen_kappa_score(GRADE, GC, sample_weight=w)),
        (
            "kappa", View.GRADES, GRADES,
            lambda w: oracle.cohen_kappa_score(GRADE, GC, sample_weight=w, weights="quadratic"),
        ),
        ("mae", View.GRADES, GRADES, lambda w: oracle.mean_absolute_error(GRADE, GC, sample_weight=w)),
        ("within_1", View.GRADES, GRADES, lambda w: np.average(np.abs(GRADE - GC) <= 1, weights=w)),
        (
            "brier", View.CLASSES, CLASSES,
            lambda w: oracle.brier_score_loss(GRADE, GP, sample_weight=w, labels=range(4), scale_by_half=False),
        ),
        ("auroc", View.CLASS, CLASSES.about(2), lambda w: oracle.roc_auc_score(GRADE == 2, GP[:, 2], sample_weight=w)),
        ("auroc", View.LABELS, LABELS, over_labels(oracle.roc_auc_score)),
        ("average_precision_macro", View.LABELS, LABELS, over_labels(oracle.average_precision_score)),
        ("brier", View.LABELS, LABELS, over_labels(oracle.brier_score_loss)),
        (
            "auroc_micro", View.LABELS, LABELS,
            lambda w: oracle.roc_auc_score(L.ravel(), LP.ravel(), sample_weight=np.repeat(w, 3)),
        ),
        ("auroc", View.LABEL, LABELS.about(2), lambda w: oracle.roc_auc_score(L[:, 2], LP[:, 2], sample_weight=w)),
    ],
)  # fmt: skip
def test_values_are_those_of_scikit_learn(name, view, cases, expected):
    assert values_of(name, view, cases) == pytest.approx(np.array([expected(row) for row in WEIGHTS]), abs=1e-12)


def called(targets, calls):
    given = np.asarray(targets)
    probs = np.column_stack([1 - P[: given.size], P[: given.size]])
    return ScoredCases(given, probs, None, ("no", "yes"), calls=None if calls is None else np.asarray(calls))


@pytest.mark.parametrize(
    ("name", "view", "cases", "reason"),
    [
        ("brier", View.BINARY, called(Y[:0], None), "no case"),
        ("auroc", View.BINARY, called([1, 1, 1], None), "one class only: no negative case"),
        ("sensitivity", View.BINARY, called([0, 0, 0], [1, 1, 1]), "no positive case"),
        ("specificity", View.BINARY, called([1, 1, 1], [1, 1, 1]), "no negative case"),
        ("accuracy", View.BINARY, called(Y, None), "no threshold was chosen"),
        ("balanced_accuracy", View.BINARY, called([1, 1, 1], [1, 1, 1]), "one class only: no negative case"),
        ("kappa", View.BINARY, called([1, 1, 1], [1, 1, 1]), "all cases have and are called one class"),
        ("calibration_slope", View.BINARY, ScoredCases(Y, np.full((N, 2), 0.5), None, ("no", "yes")),
         "all probabilities are equal"),
        ("calibration_slope", View.BINARY, ScoredCases(Y, np.column_stack([Y, (Y + P) / 2]), None, ("no", "yes")),
         "perfect separation: the slope has no finite estimate"),
        ("brier", View.CLASSES, CLASSES.select(np.arange(0)), "no case"),
        ("auroc", View.CLASSES, CLASSES.select(np.flatnonzero(GRADE == 0)), "3 of 4 classes have no case"),
        ("auroc", View.CLASS, CLASSES.select(np.flatnonzero(GRADE < 2)).about(3), "one class only: no positive case"),
        ("mae", View.GRADES, dataclasses.replace(GRADES, calls=None), "no threshold was chosen"),
        ("auroc", View.LABELS, dataclasses.replace(LABELS, targets=L * [1, 1, 0]),
         "label 'mass': one class only: no positive case"),
        ("average_precision_macro", View.LABELS, dataclasses.replace(LABELS, targets=L * [1, 1, 0]),
         "label 'mass': one class only: no positive case"),
        ("auroc_micro", View.LABELS, dataclasses.replace(LABELS, targets=L * 0), "one class only: no positive case"),
    ],
)  # fmt: skip
def test_what_is_undefined_says_why_and_its_twin_has_a_value(name, view, cases, reason):
    assert metric_of(name).statistic(cases, view, SETTINGS).reason == reason
    assert np.isnan(values_of(name, view, cases, np.ones((2, cases.num_cases)))).all()
    twins = {View.BINARY: ANSWERS, View.CLASSES: CLASSES, View.CLASS: CLASSES.about(3), View.GRADES: GRADES}
    twin = metric_of(name).statistic(twins.get(view, LABELS), view, SETTINGS)
    assert twin.reason is None
    assert np.isfinite(StatisticTable([twin])(np.ones((1, N)))).all()


def test_a_resample_that_leaves_a_metric_undefined_does_so_alone():
    agreed = dataclasses.replace(called([0, 0, 1], [0, 0, 1]))
    kappas = values_of("kappa", View.BINARY, agreed, np.array([[1.0, 1, 0], [1.0, 1, 1]]))
    assert np.isnan(kappas).tolist() == [True, False]
    assert kappas[1] == 1


def drawn(rng, num_resamples, n):
    return np.stack([np.bincount(rng.integers(n, size=n), minlength=n) for _ in range(num_resamples)]).astype(float)


def fit(is_positive, weights, design, offset=None):
    model = GLM(is_positive.astype(float), design, family=Binomial(), freq_weights=weights, offset=offset)
    return model.fit(tol=1e-12, maxiter=200).params


@pytest.mark.parametrize("n", [60, 400, 5000])
def test_recalibration_of_weighted_cases_is_that_of_statsmodels(n):
    rng = np.random.default_rng(0)
    is_positive = rng.random(n) < 0.3
    probs = expit(1.5 * (rng.normal(size=n) + 1.2 * is_positive - 1.3))
    weights, logits = drawn(rng, 8, n), logit(probs)
    design = np.column_stack([np.ones(n), logits])
    expected = np.array([fit(is_positive, row, design) for row in weights])
    for coefficient in (0, 1):
        found = Recalibration(is_positive, probs, coefficient)(weights)
        assert found == pytest.approx(expected[:, coefficient], abs=1e-8)
    shifts = [fit(is_positive, row, np.ones((n, 1)), logits)[0] for row in weights]
    assert Shift(is_positive, probs)(weights) == pytest.approx(np.array(shifts), abs=1e-8)


def test_resamples_that_separate_the_classes_or_hold_one_have_no_fit_and_others_do():
    is_positive = np.array([False, False, False, True, True, True])
    probs = np.array([0.1, 0.2, 0.6, 0.4, 0.7, 0.8])
    weights = np.array([[1.0, 1, 1, 1, 1, 1], [2.0, 1, 0, 1, 1, 1], [1.0, 1, 2, 2, 1, 1], [1.0, 1, 1, 0, 0, 0]])
    assert np.isnan(Recalibration(is_positive, probs, 1)(weights)).tolist() == [False, True, False, True]
    assert np.isnan(Shift(is_positive, probs)(weights)).tolist() == [False, False, False, True]


def test_certain_probabilities_are_balanced_too():
    rng = np.random.default_rng(2)
    is_positive = rng.random(500) < 0.4
    probs = np.where(rng.random(500) < 0.1, 0.5, np.where(rng.random(500) < 0.9, is_positive, ~is_positive))
    weights = drawn(rng, 40, 500)
    shifts = Shift(is_positive, probs)(weights)
    logits = logit(np.clip(probs, 1e-6, 1 - 1e-6))
    assert (weights * expit(logits + shifts[:, None])).sum(axis=1) == pytest.approx(weights @ is_positive, rel=1e-6)
