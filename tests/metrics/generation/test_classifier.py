"""The classifier that generated cases are judged with."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from reprodx.metrics.generation.classifier import class_probs


def test_learns_classes_and_knows_those_that_are_absent():
    rng = np.random.default_rng(0)
    classes = rng.integers(2, size=200) * 2
    features = rng.normal(size=(200, 5)) + classes[:, None]
    probs = class_probs(features[:100], classes[:100], features[100:], num_classes=3, seed=0)
    assert probs.sum(axis=1) == pytest.approx(1)
    assert not probs[:, 1].any()
    assert roc_auc_score(classes[100:] == 2, probs[:, 2]) > 0.95


def test_equal_seeds_give_equal_probabilities():
    rng = np.random.default_rng(1)
    features, classes = rng.normal(size=(60, 4)), rng.integers(2, size=60)
    first, again, other = (class_probs(features, classes, features, num_classes=2, seed=seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()
