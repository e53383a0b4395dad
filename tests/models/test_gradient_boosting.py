"""Gradient-boosted trees against scikit-learn's own."""

import numpy as np
import pytest
from scipy.special import softmax
from sklearn.ensemble import HistGradientBoostingClassifier

from reprodx.errors import ConfigError
from reprodx.models.gradient_boosting import GradientBoosting

SETTINGS = {
    "learning_rate": 0.1,
    "max_iterations": 10,
    "max_leaf_nodes": 4,
    "min_cases_per_leaf": 5,
    "l2_regularization": 0.5,
    "patience": None,
}


def cases(num_classes: int = 2, num: int = 120, seed: int = 0):
    random = np.random.default_rng(seed)
    features = random.normal(size=(num, 3)).astype(np.float32)
    return features, np.digitize(features[:, 0], np.linspace(-1, 1, num_classes + 1)[1:-1])


def fitted(num_classes: int = 2, **changes) -> GradientBoosting:
    model = GradientBoosting(**{**SETTINGS, **changes})
    model.fit(*cases(num_classes), *cases(num_classes, num=40, seed=1), seed=0)
    return model


@pytest.mark.parametrize("num_classes", [2, 3])
def test_is_the_library_s_model_with_logits(num_classes):
    features, targets = cases(num_classes)
    reference = HistGradientBoostingClassifier(
        max_iter=10,
        max_leaf_nodes=4,
        min_samples_leaf=5,
        l2_regularization=0.5,
        early_stopping=False,
        random_state=0,
    ).fit(features, targets)

    logits = fitted(num_classes).logits(features)

    assert logits.shape == (len(features), num_classes)
    assert logits.dtype == np.float64
    np.testing.assert_allclose(softmax(logits, axis=1), reference.predict_proba(features), atol=1e-12)


def test_with_two_classes_the_first_logit_is_zero():
    assert not fitted().logits(cases()[0])[:, 0].any()


@pytest.mark.parametrize("num_classes", [2, 3])
def test_the_last_stage_is_the_model(num_classes):
    model, features = fitted(num_classes), cases(num_classes)[0]

    stages = list(model.staged_logits(features))

    assert len(stages) == model.num_iterations == 10
    assert np.array_equal(stages[-1], model.logits(features))


def test_patience_ends_a_fit_that_no_longer_improves():
    assert fitted(max_iterations=500, learning_rate=0.9, patience=2).num_iterations < 500


def test_counts_the_nodes_of_all_trees():
    assert fitted(max_leaf_nodes=2).num_parameters == 10 * 3


@pytest.mark.parametrize("num_classes", [2, 3])
def test_survives_the_disk(tmp_path, num_classes):
    model, features = fitted(num_classes, patience=3), cases(num_classes)[0]

    model.save(tmp_path / "model.skops")

    assert np.array_equal(GradientBoosting.load(tmp_path / "model.skops").logits(features), model.logits(features))


@pytest.mark.parametrize(
    ("key", "refused", "accepted"),
    [
        ("learning_rate", 0.0, 0.001),
        ("max_iterations", 0, 1),
        ("max_leaf_nodes", 1, 2),
        ("min_cases_per_leaf", 0, 1),
        ("patience", 0, 1),
    ],
)
def test_refuses_values_out_of_range(key, refused, accepted):
    GradientBoosting(**{**SETTINGS, key: accepted})

    with pytest.raises(ConfigError, match=f"model.{key}"):
        GradientBoosting(**{**SETTINGS, key: refused})


def test_each_label_has_trees_of_its_own(tmp_path):
    random = np.random.default_rng(0)
    features = random.normal(size=(300, 3)).astype(np.float32)
    targets = np.column_stack([features[:, 0] > 0, features[:, 1] > 0.5]).astype(np.int64)
    both, first = (GradientBoosting(**{**SETTINGS, "patience": 3}) for _ in range(2))
    both.fit(features[:200], targets[:200], features[200:], targets[200:], seed=0)
    first.fit(features[:200], targets[:200, 0], features[200:], targets[200:, 0], seed=0)

    logits = both.logits(features)

    assert logits.shape == (300, 2)
    np.testing.assert_array_equal(logits[:, 0], first.logits(features)[:, 1])
    assert ((logits > 0) == targets).mean(axis=0).min() > 0.9
    stages = list(both.staged_logits(features))
    assert len(stages) == both.num_iterations
    np.testing.assert_array_equal(stages[-1], logits)
    both.save(tmp_path / "model.skops")
    np.testing.assert_array_equal(GradientBoosting.load(tmp_path / "model.skops").logits(features), logits)
