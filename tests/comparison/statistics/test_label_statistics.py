"""Metrics of several labels with weighted cases, beside scikit-learn."""

import numpy as np
import pytest
from sklearn import metrics as oracle

from reprodx.comparison.statistics.label_statistics import LabelAnswers, label_statistic
from reprodx.comparison.statistics.weighted_statistic import StatisticTable
from reprodx.metrics.labelled_cases import LabelledCases

RNG = np.random.default_rng(4)
TARGETS = (RNG.random((80, 3)) < [0.5, 0.3, 0.2]).astype(np.int64)
PROBS = np.round(RNG.random((80, 3)) * 0.7 + 0.3 * TARGETS, 2)
WEIGHTS = RNG.integers(0, 4, (5, 80)).astype(float)
LABELS = ("effusion", "fracture", "mass")


def answers(targets=TARGETS):
    return LabelAnswers(LabelledCases(targets, PROBS[: len(targets)], None, LABELS))


def averaged(score):
    return lambda w: np.mean([score(TARGETS[:, k], PROBS[:, k], sample_weight=w) for k in range(3)])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("auroc", averaged(oracle.roc_auc_score)),
        ("average_precision_macro", averaged(oracle.average_precision_score)),
        ("brier", averaged(oracle.brier_score_loss)),
        ("auroc_micro", lambda w: oracle.roc_auc_score(TARGETS.ravel(), PROBS.ravel(), sample_weight=np.repeat(w, 3))),
        ("auroc_mass", lambda w: oracle.roc_auc_score(TARGETS[:, 2], PROBS[:, 2], sample_weight=w)),
    ],
)
def test_values_are_those_of_scikit_learn(name, expected):
    values = StatisticTable([label_statistic(name, answers())])(WEIGHTS)[0]
    assert values == pytest.approx(np.array([expected(row) for row in WEIGHTS]), abs=1e-12)


def test_the_areas_of_labels_are_those_that_are_averaged():
    given = answers()
    macro, one = label_statistic("auroc", given), label_statistic("auroc_mass", given)
    assert one.functions[0] is macro.functions[2]


@pytest.mark.parametrize(
    ("name", "targets", "reason"),
    [
        ("brier", TARGETS[:0], "no case"),
        ("auroc", TARGETS * [1, 1, 0], "label 'mass': one class only: no positive case"),
        ("average_precision_macro", TARGETS * [1, 1, 0], "label 'mass': one class only: no positive case"),
        ("auroc_mass", TARGETS * [1, 1, 0], "one class only: no positive case"),
        ("auroc_micro", TARGETS * 0, "one class only: no positive case"),
    ],
)
def test_what_is_undefined_says_why_and_its_twin_has_a_value(name, targets, reason):
    assert label_statistic(name, answers(targets)).reason == reason
    twin = label_statistic(name, answers())
    assert twin.reason is None
    assert np.isfinite(StatisticTable([twin])(np.ones((1, 80)))).all()
