"""The FT-Transformer against NumPy."""

import math

import numpy as np
import pytest
import torch
from scipy.special import softmax
from torch import nn

from reprodx.errors import ConfigError
from reprodx.models.ft_transformer import FeatureAttention, FeatureTokens, FTTransformer

SETTINGS = {
    "num_features": 3,
    "num_outputs": 2,
    "token_size": 8,
    "num_layers": 2,
    "num_heads": 2,
    "feedforward_size": 5,
    "attention_dropout": 0.0,
    "feedforward_dropout": 0.0,
}


def test_a_feature_s_token_is_linear_in_it():
    tokens = FeatureTokens(num_features=3, token_size=4)
    features = torch.randn(5, 3)

    result = tokens(features)

    assert result.shape == (4, 5, 4)
    assert torch.equal(result[0], tokens.case_token.expand(5, 4))
    for feature in range(3):
        expected = tokens.bias[feature] + features[:, [feature]] * tokens.weight[feature]
        torch.testing.assert_close(result[1 + feature], expected)


def test_tokens_start_within_their_bound():
    tokens = FeatureTokens(num_features=50, token_size=16)

    assert all(each.abs().max() <= 0.25 for each in tokens.parameters())
    assert all(each.abs().max() > 0.24 for each in (tokens.weight, tokens.bias))


@pytest.mark.parametrize("is_first", [True, False])
def test_a_layer_follows_the_equations(is_first):
    sizes = {"token_size": 8, "num_heads": 2, "feedforward_size": 5}
    layer = FeatureAttention(**sizes, attention_dropout=0.0, feedforward_dropout=0.0, is_first=is_first).double()
    tokens = torch.randn(4, 1, 8, dtype=torch.float64)
    weights = {name: each.detach().numpy() for name, each in layer.named_parameters()}

    def linear(name: str, rows: np.ndarray) -> np.ndarray:
        return rows @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]

    def normalise(rows: np.ndarray) -> np.ndarray:
        return (rows - rows.mean(-1, keepdims=True)) / np.sqrt(rows.var(-1, keepdims=True) + 1e-5)

    rows = tokens[:, 0].numpy()
    inner = (rows if is_first else normalise(rows)) @ weights["attention.in_proj_weight"].T
    query, key, value = (part.reshape(4, 2, 4).swapaxes(0, 1) for part in np.split(inner, 3, axis=1))
    attention = softmax(query @ key.swapaxes(1, 2) / math.sqrt(4), axis=2)
    rows = rows + linear("attention.out_proj", (attention @ value).swapaxes(0, 1).reshape(4, 8))
    values, gates = np.split(linear("linear1", normalise(rows)), 2, axis=1)
    expected = rows + linear("linear2", values * np.maximum(gates, 0))

    np.testing.assert_allclose(layer(tokens)[:, 0].detach(), expected, atol=1e-10)


def test_the_first_layer_alone_has_no_norm_before_attention():
    layers = FTTransformer(**{**SETTINGS, "num_layers": 3}).layers

    assert [type(layer.norm1) for layer in layers] == [nn.Identity, nn.LayerNorm, nn.LayerNorm]


def test_prediction_takes_the_kernels_of_training():
    network = FTTransformer(**SETTINGS).eval()
    features = torch.randn(5, 3)
    with_gradients = network(features)

    with torch.inference_mode():
        assert torch.equal(network(features), with_gradients)


def test_has_as_many_weights_as_its_layers():
    network = FTTransformer(**SETTINGS)

    layer = (4 * 8 * 8 + 4 * 8) + (8 * 10 + 10) + (5 * 8 + 8) + 16
    tokens, norm, head = (3 + 3 + 1) * 8, 16, 8 * 2 + 2
    assert sum(each.numel() for each in network.parameters()) == tokens + 2 * layer + norm + 16 + head


def test_dropout_stands_in_attention_and_dense_parts():
    network = FTTransformer(**{**SETTINGS, "attention_dropout": 0.2, "feedforward_dropout": 0.1})

    assert {(layer.attention.dropout, layer.dropout.p) for layer in network.layers} == {(0.2, 0.1)}


@pytest.mark.parametrize(
    ("key", "refused"),
    [
        ("num_heads", 3),
        ("num_layers", 0),
        ("feedforward_size", 0),
        ("attention_dropout", 1.0),
        ("feedforward_dropout", -0.1),
    ],
)
def test_refuses_values_out_of_range(key, refused):
    with pytest.raises(ConfigError, match=key):
        FTTransformer(**{**SETTINGS, key: refused})
