"""Metrics of a yes-or-no question with weighted cases, beside scikit-learn."""

import numpy as np
import pytest
from sklearn import metrics as oracle

from reprodx.comparison.catalogue import BINARY
from reprodx.comparison.statistics.binary_statistics import Answers, binary_statistic
from reprodx.comparison.statistics.weighted_statistic import StatisticTable

RNG = np.random.default_rng(0)
IS_POSITIVE = RNG.random(120) < 0.4
PROBS = np.round(np.clip(RNG.normal(0.35, 0.2, 120) + 0.2 * IS_POSITIVE, 0.01, 0.99), 2)
ANSWERS = Answers(IS_POSITIVE, PROBS, (PROBS >= 0.4).astype(np.int64), 0.25)
WEIGHTS = RNG.integers(0, 4, (6, 120)).astype(float)
CALLS = ANSWERS.called


def values_of(name, answers=ANSWERS, weights=WEIGHTS):
    return StatisticTable([binary_statistic(name, answers)])(weights)[0]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("auroc", lambda w: oracle.roc_auc_score(IS_POSITIVE, PROBS, sample_weight=w)),
        ("average_precision", lambda w: oracle.average_precision_score(IS_POSITIVE, PROBS, sample_weight=w)),
        ("brier", lambda w: oracle.brier_score_loss(IS_POSITIVE, PROBS, sample_weight=w)),
        ("scaled_brier", lambda w: oracle.d2_brier_score(IS_POSITIVE, PROBS, sample_weight=w)),
        ("sensitivity", lambda w: oracle.recall_score(IS_POSITIVE, CALLS, sample_weight=w)),
        ("specificity", lambda w: oracle.recall_score(IS_POSITIVE, CALLS, sample_weight=w, pos_label=0)),
        ("accuracy", lambda w: oracle.accuracy_score(IS_POSITIVE, CALLS, sample_weight=w)),
        ("balanced_accuracy", lambda w: oracle.balanced_accuracy_score(IS_POSITIVE, CALLS, sample_weight=w)),
        ("kappa", lambda w: oracle.cohen_kappa_score(IS_POSITIVE, CALLS, sample_weight=w)),
    ],
)
def test_values_are_those_of_scikit_learn(name, expected):
    assert values_of(name) == pytest.approx(np.array([expected(row) for row in WEIGHTS]), abs=1e-12)


def test_net_benefit_weighs_false_positives_by_the_odds_of_the_threshold():
    is_called = PROBS >= 0.25
    shares = [np.average([IS_POSITIVE & is_called, ~IS_POSITIVE & is_called], axis=1, weights=row) for row in WEIGHTS]
    assert values_of("net_benefit") == pytest.approx(np.array([true - false / 3 for true, false in shares]))


@pytest.mark.parametrize(
    ("name", "answers", "reason"),
    [
        ("brier", Answers(np.zeros(0, bool), np.zeros(0), np.zeros(0, int), 0.5), "no case"),
        ("auroc", Answers(np.ones(3, bool), PROBS[:3], None, 0.5), "one class only: no negative case"),
        ("sensitivity", Answers(np.zeros(3, bool), PROBS[:3], np.ones(3, int), 0.5), "no positive case"),
        ("specificity", Answers(np.ones(3, bool), PROBS[:3], np.ones(3, int), 0.5), "no negative case"),
        ("accuracy", Answers(IS_POSITIVE, PROBS, None, 0.5), "no threshold was chosen"),
        (
            "balanced_accuracy",
            Answers(np.ones(3, bool), PROBS[:3], np.ones(3, int), 0.5),
            "1 of 2 classes have no case",
        ),
        (
            "kappa",
            Answers(np.ones(3, bool), PROBS[:3], np.ones(3, int), 0.5),
            "all cases have and are called one class",
        ),
        ("calibration_slope", Answers(IS_POSITIVE, np.full(120, 0.3), None, 0.5), "all probabilities are equal"),
        (
            "calibration_slope",
            Answers(IS_POSITIVE, np.where(IS_POSITIVE, PROBS + 1, PROBS) / 2, None, 0.5),
            "perfect separation: the slope has no finite estimate",
        ),
    ],
)
def test_what_is_undefined_says_why_and_its_twin_has_a_value(name, answers, reason):
    assert binary_statistic(name, answers).reason == reason
    assert np.isnan(values_of(name, answers, np.ones((2, answers.is_positive.size)))).all()
    twin = binary_statistic(name, ANSWERS)
    assert twin.reason is None
    assert np.isfinite(StatisticTable([twin])(np.ones((1, 120)))).all()


def test_proportions_count_their_denominator():
    counts = {name: (one.n, one.n_events) for name in BINARY for one in [binary_statistic(name, ANSWERS)]}
    num_positives = int(IS_POSITIVE.sum())
    assert counts["sensitivity"] == (num_positives, num_positives)
    assert counts["specificity"] == (120 - num_positives, 0)
    assert counts["brier"] == (120, num_positives)
