"""What dense networks compute, and the gradient of their loss, against NumPy."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from reprodx.inputs import Modality
from reprodx.schemas import Task
from tests.equations.gradient_checks import assert_gradients
from tests.equations.numpy_losses import binary_cross_entropy, cross_entropy
from tests.equations.numpy_networks import logistic, mlp
from tests.equations.shipped_networks import assert_equal, shipped, shipped_loss, weights_of, without_dropout

SIZES = st.lists(st.integers(1, 6), max_size=3)


def draw_features(num_cases: int, num_features: int = 2) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(num_cases).normal(size=(num_cases, num_features)))


@settings(max_examples=12)
@given(num_cases=st.integers(1, 4), num_features=st.integers(1, 5), num_outputs=st.integers(1, 4))
def test_logistic_regression_is_linear(num_cases, num_features, num_outputs):
    network = shipped("logistic", Modality.TABLE, num_features=num_features, num_outputs=num_outputs)
    features = draw_features(num_cases, num_features)

    assert_equal(network(features), logistic(weights_of(network), features.numpy()))


@settings(max_examples=12)
@given(hidden_sizes=SIZES, activation=st.sampled_from(["relu", "tanh", "sigmoid"]), batch_norm=st.booleans())
def test_logits_of_a_perceptron_follow_the_equations(hidden_sizes, activation, batch_norm):
    network = shipped(
        "mlp", Modality.TABLE, hidden_sizes=hidden_sizes, activation=activation, batch_norm=batch_norm
    ).eval()
    features = draw_features(4)

    assert_equal(network(features), mlp(weights_of(network), features.numpy(), activation=activation))


def test_batch_normalisation_in_training_takes_the_batch_s_mean_and_variance():
    network = without_dropout(shipped("mlp", Modality.TABLE, batch_norm=True))
    features, before = draw_features(6), weights_of(network)

    logits = network(features)

    assert_equal(logits, mlp(before, features.numpy(), is_training=True))
    states = features.numpy() @ before["layers.0.weight"].T + before["layers.0.bias"]
    after = weights_of(network)
    assert_equal(after["layers.1.running_mean"], 0.9 * before["layers.1.running_mean"] + 0.1 * states.mean(0))
    assert_equal(after["layers.1.running_var"], 0.9 * before["layers.1.running_var"] + 0.1 * states.var(0, ddof=1))


@pytest.mark.parametrize("is_training", [False, True])
@pytest.mark.parametrize("batch_norm", [False, True])
def test_gradients_of_a_perceptron_follow_from_the_equations(batch_norm, is_training):
    network = without_dropout(shipped("mlp", Modality.TABLE, batch_norm=batch_norm)).train(is_training)
    features, targets = draw_features(5), torch.tensor([0, 2, 1, 1, 0])
    loss, shares = shipped_loss("cross_entropy", Task.MULTICLASS, 3), np.eye(3)[targets]

    assert_gradients(
        network,
        lambda: loss(network(features), targets),
        lambda weights: cross_entropy(mlp(weights, features.numpy(), is_training=is_training), shares),
    )


def test_gradients_of_logistic_regression_follow_from_the_equations():
    network = shipped("logistic", Modality.TABLE, num_outputs=1)
    features, targets = draw_features(5), torch.tensor([0, 1, 1, 1, 0])
    loss = shipped_loss("cross_entropy", Task.BINARY, 2)

    assert_gradients(
        network,
        lambda: loss(network(features), targets),
        lambda weights: binary_cross_entropy(logistic(weights, features.numpy())[:, 0], targets.numpy()),
    )
