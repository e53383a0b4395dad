"""Networks of attention on sequences of several lengths and on tables, against NumPy."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from reprodx.inputs import Modality
from reprodx.models.positional_encoding import sinusoidal_encoding
from reprodx.schemas import Task
from tests.equations.gradient_checks import assert_gradients
from tests.equations.numpy_layers import layer_norm, part, positions, self_attention
from tests.equations.numpy_losses import cross_entropy
from tests.equations.numpy_networks import ft_transformer, transformer
from tests.equations.shipped_networks import (
    arrays,
    assert_equal,
    cases,
    shipped,
    shipped_loss,
    weights_of,
    without_dropout,
)

TARGETS = torch.tensor([0, 2, 1, 1])
SHARES = np.eye(3)[TARGETS]


@settings(max_examples=12)
@given(num_heads=st.sampled_from([1, 2, 4]), num_steps=st.integers(1, 6), seed=st.integers(0, 100))
def test_scaled_dot_product_attention_of_several_heads_with_a_padding_mask(num_heads, num_steps, seed):
    network = shipped("transformer", Modality.SIGNAL, num_heads=num_heads, seed=seed).eval()
    attention = network.layers[0].self_attn
    rows = torch.from_numpy(np.random.default_rng(seed).normal(size=(6, 2, 4)))
    padding = torch.arange(6) >= torch.tensor([[6], [num_steps]])

    found, _ = attention(rows, rows, rows, key_padding_mask=padding, need_weights=False)

    weights = part(weights_of(network), "layers.0.self_attn")
    assert_equal(found[:, 0], self_attention(rows[:, 0].numpy(), weights, num_heads))
    assert_equal(found[:num_steps, 1], self_attention(rows[:num_steps, 1].numpy(), weights, num_heads))


@pytest.mark.parametrize("modality", [Modality.SIGNAL, Modality.TEXT])
@pytest.mark.parametrize(
    ("num_heads", "patch", "pooling"), [(2, 1, "mean"), (1, 1, "first"), (2, 3, "attention"), (4, 3, "first")]
)
def test_the_shipped_transformer_follows_the_equations_on_every_length(num_heads, patch, pooling, modality):
    patch = 1 if modality == Modality.TEXT else patch
    settings = {"num_heads": num_heads, "patch": patch, "pooling": pooling}
    network, given_cases = without_dropout(shipped("transformer", modality, **settings)), cases(modality)
    loss = shipped_loss("cross_entropy", Task.MULTICLASS, 3)

    assert_equal(network(**given_cases), transformer(weights_of(network), **arrays(given_cases), **settings))
    assert_gradients(
        network,
        lambda: loss(network(**given_cases), TARGETS),
        lambda weights: cross_entropy(transformer(weights, **arrays(given_cases), **settings), SHARES),
        most=2,
    )


@pytest.mark.parametrize("num_heads", [1, 2])
def test_the_shipped_ft_transformer_follows_the_equations(num_heads):
    network = without_dropout(shipped("ft_transformer", Modality.TABLE, num_heads=num_heads))
    features, loss = cases(Modality.TABLE)["features"], shipped_loss("cross_entropy", Task.MULTICLASS, 3)

    assert_equal(network(features), ft_transformer(weights_of(network), features.numpy(), num_heads=num_heads))
    assert_gradients(
        network,
        lambda: loss(network(features), TARGETS),
        lambda weights: cross_entropy(ft_transformer(weights, features.numpy(), num_heads=num_heads), SHARES),
        most=4,
    )


@settings(max_examples=12)
@given(num_steps=st.integers(1, 50), half=st.integers(1, 5))
def test_positions_follow_the_equation(num_steps, half):
    found = sinusoidal_encoding(num_steps, 2 * half, torch.zeros(1, dtype=torch.float64))

    assert_equal(found, positions(num_steps, 2 * half))


@pytest.mark.parametrize("option", ["transformer", "ft_transformer"])
def test_layer_normalisation_is_over_the_units_of_one_token(option):
    network = shipped(option, Modality.SIGNAL if option == "transformer" else Modality.TABLE)
    norms = [(name, layer) for name, layer in network.named_modules() if isinstance(layer, nn.LayerNorm)]
    rows = torch.from_numpy(np.random.default_rng(0).normal(size=(5, 3, 4)))

    assert len(norms) >= 4
    for name, layer in norms:
        assert_equal(layer(rows), layer_norm(rows.numpy(), part(weights_of(network), name)), name)
