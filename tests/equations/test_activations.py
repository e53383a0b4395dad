"""Sigmoid, tanh, ReLU and softmax where networks and their links apply them."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from reprodx.inputs import Modality
from reprodx.models.mlp import ACTIVATIONS
from reprodx.schemas import Task
from reprodx.training.links import Link, class_logits, probabilities
from tests.equations import numpy_layers
from tests.equations.numpy_gradients import SLOPES
from tests.equations.numpy_layers import numbered, sigmoid, softmax
from tests.equations.shipped_networks import assert_equal, shipped, weights_of

NUMBERS = st.floats(-30, 30)
ROWS = arrays(np.float64, st.tuples(st.integers(1, 4), st.integers(1, 5)), elements=NUMBERS)


@settings(max_examples=12)
@given(values=ROWS, name=st.sampled_from(sorted(ACTIVATIONS)))
def test_an_activation_and_its_slope_follow_their_equations(values, name):
    given_values = torch.from_numpy(values).requires_grad_()

    states = ACTIVATIONS[name]()(given_values)
    states.sum().backward()

    expected = getattr(numpy_layers, name)(values)
    # Near 1 a slope x (1 - x) keeps as many digits as 1 - x does.
    assert_equal(states, expected)
    np.testing.assert_allclose(given_values.grad.numpy(), SLOPES[name](expected), rtol=1e-6, atol=1e-12)


@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
def test_the_shipped_mlp_applies_the_activation_that_it_is_told(activation):
    network = shipped("mlp", Modality.TABLE, activation=activation).eval()
    features = np.random.default_rng(0).normal(size=(5, 2))

    states = network.layers[:2](torch.from_numpy(features))

    first = numbered(weights_of(network), "layers")[0]
    assert_equal(states, getattr(numpy_layers, activation)(features @ first["weight"].T + first["bias"]))


@settings(max_examples=12)
@given(outputs=ROWS)
def test_several_outputs_become_probabilities_by_the_softmax(outputs):
    is_single = outputs.shape[1] == 1
    expected = np.hstack([1 - sigmoid(outputs), sigmoid(outputs)]) if is_single else softmax(outputs)

    found = probabilities(class_logits(Link.SOFTMAX, outputs), Task.MULTICLASS)

    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-15)


@settings(max_examples=12)
@given(outputs=ROWS)
def test_each_label_becomes_a_probability_by_its_sigmoid(outputs):
    assert_equal(probabilities(class_logits(Link.SIGMOID, outputs), Task.MULTILABEL), sigmoid(outputs))
