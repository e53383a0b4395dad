"""Live curves against scikit-learn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import softmax
from sklearn.metrics import accuracy_score, cohen_kappa_score, roc_auc_score

from reprodx.schemas import Task
from reprodx.training.live_metrics import VAL_AUROC, VAL_KAPPA, rank_metrics


def cases(num_classes: int, seed: int = 0):
    random = np.random.default_rng(seed)
    targets = np.concatenate([np.arange(num_classes), random.integers(0, num_classes, 40)])
    # Rounded, so that there are ties.
    logits = random.normal(size=(len(targets), num_classes)).round(1)
    return logits, targets


@given(seed=st.integers(0, 200))
def test_two_classes_agree_with_scikit_learn(seed):
    logits, targets = cases(2, seed)
    logits[:, 0] = 0

    metrics = rank_metrics(logits, targets, Task.BINARY)

    assert metrics["val/auroc"] == pytest.approx(roc_auc_score(targets, logits[:, 1]))
    assert metrics["val/accuracy"] == accuracy_score(targets, logits[:, 1] > 0)


def test_several_classes_agree_with_scikit_learn():
    logits, targets = cases(4)

    metrics = rank_metrics(logits, targets, Task.MULTICLASS)

    assert metrics["val/auroc"] == pytest.approx(
        roc_auc_score(targets, softmax(logits, axis=1), multi_class="ovr", average="macro")
    )
    assert metrics["val/accuracy"] == accuracy_score(targets, logits.argmax(axis=1))


@given(scale=st.floats(0.001, 1000))
def test_the_scale_of_the_logits_does_not_matter(scale):
    logits, targets = cases(2)
    logits[:, 0] = 0

    assert rank_metrics(logits * scale, targets, Task.BINARY) == rank_metrics(logits, targets, Task.BINARY)


def test_the_auroc_is_absent_where_a_class_is():
    logits, _ = cases(3)

    assert VAL_AUROC not in rank_metrics(logits, np.zeros(len(logits), dtype=np.int64), Task.MULTICLASS)


@given(seed=st.integers(0, 200))
def test_grades_also_have_scikit_learns_kappa(seed):
    logits, targets = cases(4, seed)

    metrics = rank_metrics(logits, targets, Task.ORDINAL)

    expected = cohen_kappa_score(targets, logits.argmax(axis=1), weights="quadratic")
    assert metrics[VAL_KAPPA] == pytest.approx(expected, abs=1e-12)
    assert {**metrics, VAL_KAPPA: None} == {**rank_metrics(logits, targets, Task.MULTICLASS), VAL_KAPPA: None}


def test_the_kappa_is_absent_where_all_is_one_grade():
    logits = np.array([[1.0, 0.0, 0.0]] * 3)

    assert VAL_KAPPA not in rank_metrics(logits, np.zeros(3, dtype=np.int64), Task.ORDINAL)
    assert rank_metrics(logits, np.array([0, 0, 2]), Task.ORDINAL)[VAL_KAPPA] == pytest.approx(0, abs=1e-12)


def test_the_kappa_punishes_far_calls_more():
    targets = np.array([0, 1, 2, 3])

    def kappa(*called):
        return rank_metrics(np.eye(4)[list(called)], targets, Task.ORDINAL)[VAL_KAPPA]

    assert kappa(0, 1, 2, 3) == 1
    assert kappa(1, 1, 2, 3) > kappa(3, 1, 2, 3)


def test_labels_agree_with_scikit_learn():
    random = np.random.default_rng(0)
    logits = random.normal(size=(60, 4)).round(1)
    targets = (random.random((60, 4)) < 0.4).astype(np.int64)
    targets[:, 3] = 0

    metrics = rank_metrics(logits, targets, Task.MULTILABEL)

    assert metrics["val/auroc"] == pytest.approx(roc_auc_score(targets[:, :3], logits[:, :3], average="macro"))
    assert metrics["val/accuracy"] == np.mean([accuracy_score(targets[:, j], logits[:, j] >= 0) for j in range(4)])
    assert VAL_AUROC not in rank_metrics(logits[:, 3:], targets[:, 3:], Task.MULTILABEL)
