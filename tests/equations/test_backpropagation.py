"""Gradients of the shipped perceptron: backwards by hand, and by differences of its own loss."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from reprodx.inputs import Modality
from reprodx.schemas import Task
from tests.equations import numpy_layers
from tests.equations.numpy_gradients import central_differences, dense_gradients
from tests.equations.numpy_losses import cross_entropy_slopes
from tests.equations.shipped_networks import (
    assert_equal,
    gradients_of,
    shipped,
    shipped_loss,
    weights_of,
    without_dropout,
)

TARGETS = torch.tensor([0, 2, 1, 1])
FEATURES = torch.from_numpy(np.random.default_rng(5).normal(size=(4, 2)))


def perceptron(activation, hidden_sizes):
    return without_dropout(shipped("mlp", Modality.TABLE, activation=activation, hidden_sizes=hidden_sizes))


@settings(max_examples=12)
@given(
    activation=st.sampled_from(["relu", "tanh", "sigmoid"]),
    hidden_sizes=st.lists(st.integers(1, 5), min_size=1, max_size=2),
)
def test_the_chain_rule_by_hand_gives_the_shipped_gradients(activation, hidden_sizes):
    network = perceptron(activation, hidden_sizes)
    loss = shipped_loss("cross_entropy", Task.MULTICLASS, 3)

    gradients = gradients_of(network, loss(network(FEATURES), TARGETS))

    shares, apply = np.eye(3)[TARGETS], getattr(numpy_layers, activation)
    expected = dense_gradients(
        weights_of(network), FEATURES.numpy(), lambda logits: cross_entropy_slopes(logits, shares), apply
    )
    assert gradients.keys() == expected.keys()
    for name, gradient in gradients.items():
        assert_equal(gradient, expected[name], name)


@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid"])
def test_differences_of_the_shipped_loss_give_the_shipped_gradients(activation):
    network = perceptron(activation, [5, 4])
    loss, weights = shipped_loss("cross_entropy", Task.MULTICLASS, 3), weights_of(network)
    gradients = gradients_of(network, loss(network(FEATURES), TARGETS))

    def shipped_value(at):
        state = {name: torch.from_numpy(values) for name, values in at.items()}
        return loss(torch.func.functional_call(network, state, FEATURES), TARGETS).item()

    for name, (places, expected) in central_differences(shipped_value, weights).items():
        np.testing.assert_allclose(gradients[name].ravel()[places], expected, rtol=1e-6, atol=1e-9, err_msg=name)


def test_the_squared_error_goes_backwards_too():
    network = without_dropout(shipped("mlp", Modality.TABLE, num_outputs=1, hidden_sizes=[4]))
    loss, labels = shipped_loss("mse", Task.BINARY, 2), np.array([[0.0], [1.0], [1.0], [0.0]])

    gradients = gradients_of(network, loss(network(FEATURES), torch.from_numpy(labels[:, 0]).long()))

    def slopes(logits):
        probs = numpy_layers.sigmoid(logits)
        return 2 * (probs - labels) * probs * (1 - probs) / len(labels)

    expected = dense_gradients(weights_of(network), FEATURES.numpy(), slopes, numpy_layers.relu)
    for name, gradient in gradients.items():
        assert_equal(gradient, expected[name], name)
