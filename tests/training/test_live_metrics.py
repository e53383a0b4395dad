"""Live curves against scikit-learn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import softmax
from sklearn.metrics import accuracy_score, roc_auc_score

from reprodx.training.live_metrics import VAL_AUROC, rank_metrics


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

    metrics = rank_metrics(logits, targets)

    assert metrics["val/auroc"] == pytest.approx(roc_auc_score(targets, logits[:, 1]))
    assert metrics["val/accuracy"] == accuracy_score(targets, logits[:, 1] > 0)


def test_several_classes_agree_with_scikit_learn():
    logits, targets = cases(4)

    metrics = rank_metrics(logits, targets)

    assert metrics["val/auroc"] == pytest.approx(
        roc_auc_score(targets, softmax(logits, axis=1), multi_class="ovr", average="macro")
    )
    assert metrics["val/accuracy"] == accuracy_score(targets, logits.argmax(axis=1))


@given(scale=st.floats(0.001, 1000))
def test_the_scale_of_the_logits_does_not_matter(scale):
    logits, targets = cases(2)
    logits[:, 0] = 0

    assert rank_metrics(logits * scale, targets) == rank_metrics(logits, targets)


def test_the_auroc_is_absent_where_a_class_is():
    logits, _ = cases(3)

    assert VAL_AUROC not in rank_metrics(logits, np.zeros(len(logits), dtype=np.int64))
