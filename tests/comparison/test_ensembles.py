"""The mean probability over members."""

import numpy as np
import pytest
from sklearn import metrics as oracle

from reprodx.comparison.ensembles import ensembles
from reprodx.schemas import Task

N = 120
RNG = np.random.default_rng(5)
CLASSES = ("none", "mild", "severe")


def test_only_contenders_with_members_have_one(make_compared, make_settings):
    targets = np.arange(N) % 2
    members = [RNG.random(N) * 0.7 + 0.3 * targets for _ in range(3)]
    (found,) = ensembles(make_compared(targets, [members[:1], members]), make_settings(num_resamples=100))
    mean = np.mean(members, axis=0)
    assert (found.contender, found.num_members) == (1, 3)
    assert found.metrics["auroc"].value == pytest.approx(oracle.roc_auc_score(targets, mean))
    assert found.metrics["brier"].value == pytest.approx(oracle.brier_score_loss(targets, mean))
    assert found.metrics["auroc"].method == "logit DeLong"
    assert found.metrics["brier"].ci_low < found.metrics["brier"].value < found.metrics["brier"].ci_high


def test_without_members_there_is_none(make_compared, make_settings):
    assert ensembles(make_compared([0, 1], [[[0.2, 0.6]], [[0.1, 0.3]]]), make_settings()) == ()


@pytest.mark.parametrize(
    ("task", "names"),
    [(Task.MULTICLASS, {"auroc", "brier", "accuracy"}), (Task.ORDINAL, {"kappa", "within_1"})],
)
def test_classes_are_called_by_the_mean(make_compared, make_settings, task, names):
    targets = np.arange(N) % 3
    members = [RNG.dirichlet(np.ones(3), N) * 0.7 + 0.3 * np.eye(3)[targets] for _ in range(2)]
    cases = make_compared(targets, [members], task=task, classes=CLASSES)
    (found,) = ensembles(cases, make_settings(num_resamples=100, ordinal_cut=1))
    called = np.mean(members, axis=0).argmax(axis=1)
    assert set(found.metrics) == names
    expected = {
        "accuracy": np.mean(called == targets),
        "kappa": oracle.cohen_kappa_score(targets, called, weights="quadratic"),
    }
    for name in names & set(expected):
        assert found.metrics[name].value == pytest.approx(expected[name])


def test_labels_are_averaged_each(make_compared, make_settings):
    targets = (RNG.random((N, 2)) < 0.4).astype(np.int64)
    members = [RNG.random((N, 2)) for _ in range(2)]
    cases = make_compared(targets, [members], task=Task.MULTILABEL, classes=CLASSES[:2])
    (found,) = ensembles(cases, make_settings(num_resamples=100))
    mean = np.mean(members, axis=0)
    assert found.metrics["brier"].value == pytest.approx(np.mean((mean - targets) ** 2))


def test_one_class_is_said(make_compared, make_settings):
    (found,) = ensembles(make_compared(np.ones(4, int), [[[0.2, 0.3, 0.4, 0.5]] * 2]), make_settings())
    assert found.metrics["auroc"].reason == "one class only: no negative case"
    assert found.metrics["brier"].reason is None
