"""Differences fold by fold."""

import dataclasses

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import brier_score_loss, roc_auc_score
from sklearn.model_selection import StratifiedKFold

from reprodx.artifacts.predictions import Predictions
from reprodx.comparison.by_fold import NO_SCORE, UNKNOWN_TRAINING, fold_differences
from reprodx.comparison.resampled import METHOD, corrected_resampled_t
from reprodx.comparison.source import Source
from tests.comparisons import compared_metric

AUROC = compared_metric()


def folds_of(targets, seed):
    folds = np.empty(targets.size, dtype=np.int64)
    for number, (_, rows) in enumerate(StratifiedKFold(5, shuffle=True, random_state=seed).split(targets, targets)):
        folds[rows] = number
    return folds


@pytest.fixture
def validated(make_compared):
    """Two models, the second in two seeds, on 100 cases in five folds."""
    rng = np.random.default_rng(0)
    targets = np.tile([0, 0, 1], 40)[:100]
    probs = [1 / (1 + np.exp(-(worth * targets + rng.normal(size=(num, 100))))) for worth, num in ((0.5, 1), (1.0, 2))]
    return make_compared(targets, probs, folds=folds_of(targets, 0), num_train=80)


def by_fold(score, cases, position, folds):
    members = [one.probs[:, 1] for one in cases.contenders[position].members]
    rows = [folds == number for number in range(5)]
    return np.array([np.mean([score(cases.targets[one], probs[one]) for probs in members]) for one in rows])


@pytest.mark.parametrize(
    ("metric", "score"), [(AUROC, roc_auc_score), (compared_metric("brier", better=False), brier_score_loss)]
)
def test_difference_is_the_corrected_t_test_of_the_folds_scores(validated, make_settings, metric, score):
    (found,) = fold_differences(validated, metric, [(1, 0)], make_settings())
    differences = by_fold(score, validated, 1, validated.folds) - by_fold(score, validated, 0, validated.folds)
    expected = corrected_resampled_t(differences, num_train=80, num_test=20, confidence_level=0.95)
    assert found.difference.statistic == pytest.approx(expected.statistic)
    assert found.difference.estimate.value == pytest.approx(expected.estimate.value)
    assert (found.first, found.second, found.metric) == (1, 0, metric.name)
    assert (found.difference.estimate.n, found.difference.estimate.method) == (5, METHOD)


def test_repetitions_have_folds_of_their_own(validated, make_settings):
    others = folds_of(validated.targets, 1)
    assert (others != validated.folds).any()
    tables = [
        validated.table.select("case_id").with_columns(split=pl.lit("test"), fold=pl.Series(folds))[::-1]
        for folds in (validated.folds, others)
    ]
    sources = [(Source("x", Predictions(table, {"classes": ["a", "b"]})),) for table in tables]

    def repeated(contender):
        member, other = contender.members[0], contender.members[-1]
        members = (
            dataclasses.replace(member, sources=sources[0]),
            dataclasses.replace(other, repeat=1, sources=sources[1]),
        )
        return dataclasses.replace(contender, members=members)

    cases = dataclasses.replace(validated, contenders=tuple(repeated(one) for one in validated.contenders))
    (found,) = fold_differences(cases, AUROC, [(1, 0)], make_settings())
    differences = []
    for number, folds in enumerate((validated.folds, others)):
        for fold in range(5):
            areas = [
                roc_auc_score(cases.targets[folds == fold], one.members[number].probs[folds == fold, 1])
                for one in cases.contenders
            ]
            differences.append(areas[1] - areas[0])
    expected = corrected_resampled_t(np.array(differences), num_train=80, num_test=20, confidence_level=0.95)
    assert found.difference.statistic == pytest.approx(expected.statistic)
    assert found.difference.estimate.n == 10


def test_folds_of_one_class_are_left_out_and_counted(validated, make_settings):
    folds = validated.folds.copy()
    folds[np.flatnonzero(validated.targets == 0)[:7]] = 5
    cases = dataclasses.replace(validated, folds=folds)
    (found,) = fold_differences(cases, AUROC, [(1, 0)], make_settings())
    assert found.difference.estimate.n == 5
    assert found.difference.estimate.method.endswith("1 of 6 folds left out as undefined")
    single = dataclasses.replace(validated, folds=np.arange(100))
    (nothing,) = fold_differences(single, AUROC, [(1, 0)], make_settings())
    assert (nothing.difference.estimate.reason, nothing.difference.p_value) == (NO_SCORE, None)


def test_without_the_size_of_training_there_is_no_test(validated, make_settings):
    first, second = validated.contenders
    cases = dataclasses.replace(validated, contenders=(first, dataclasses.replace(second, num_train=None)))
    (found,) = fold_differences(cases, AUROC, [(1, 0)], make_settings())
    assert found.difference.estimate.value is not None
    assert (found.difference.estimate.reason, found.difference.p_value) == (UNKNOWN_TRAINING, None)


def test_a_model_against_itself_is_no_difference(validated, make_settings):
    cases = dataclasses.replace(validated, contenders=(validated.contenders[1],) * 2)
    (found,) = fold_differences(cases, AUROC, [(1, 0)], make_settings())
    assert (found.difference.estimate.value, found.difference.p_value) == (0, 1)


def test_without_cross_validation_there_is_nothing(validated, make_settings):
    assert fold_differences(dataclasses.replace(validated, folds=None), AUROC, [(1, 0)], make_settings()) == ()
