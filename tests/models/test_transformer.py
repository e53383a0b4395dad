"""Self-attention against NumPy, patches, poolings and refusals."""

import math

import numpy as np
import pytest
import torch
from scipy.special import erf, softmax

from reprodx.errors import ConfigError
from reprodx.models.positional_encoding import sinusoidal_encoding
from reprodx.models.transformer import Transformer

SETTINGS = {
    "num_channels": 3,
    "vocabulary_size": None,
    "num_features": 0,
    "num_outputs": 2,
    "patch": 1,
    "model_size": 8,
    "num_layers": 1,
    "num_heads": 2,
    "feedforward_size": 6,
    "dropout": 0.0,
    "pooling": "mean",
}


def normalise(rows: np.ndarray) -> np.ndarray:
    return (rows - rows.mean(-1, keepdims=True)) / np.sqrt(rows.var(-1, keepdims=True) + 1e-5)


def attend(rows: np.ndarray, weight: np.ndarray) -> np.ndarray:
    query, key, value = (part.reshape(len(rows), 2, 4).swapaxes(0, 1) for part in np.split(rows @ weight.T, 3, axis=1))
    attention = softmax(query @ key.swapaxes(1, 2) / math.sqrt(4), axis=2)
    return (attention @ value).swapaxes(0, 1).reshape(len(rows), 8)


def expected_logits(network: Transformer, steps: np.ndarray) -> np.ndarray:
    """Compute one case's logits; norms and the biases of attention are as they start."""
    weights = {name: each.detach().numpy() for name, each in network.named_parameters()}

    def linear(name: str, rows: np.ndarray) -> np.ndarray:
        return rows @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]

    rows = linear("projection", steps)
    rows = rows + sinusoidal_encoding(len(rows), 8, torch.zeros(1, dtype=torch.float64)).numpy()
    attended = attend(normalise(rows), weights["layers.0.self_attn.in_proj_weight"])
    rows = rows + linear("layers.0.self_attn.out_proj", attended)
    hidden = linear("layers.0.linear1", normalise(rows))
    rows = rows + linear("layers.0.linear2", hidden * (1 + erf(hidden / math.sqrt(2))) / 2)
    return linear("head.linear", normalise(rows).mean(0))


def test_logits_follow_the_equations():
    network = Transformer(**SETTINGS).double()
    values, lengths = torch.randn(3, 9, 3, dtype=torch.float64), torch.tensor([9, 1, 6])

    logits = network(values, lengths).detach()

    for result, case, length in zip(logits, values.numpy(), lengths.tolist(), strict=True):
        np.testing.assert_allclose(result, expected_logits(network, case[:length]), atol=1e-10)


@pytest.mark.parametrize("patch", [1, 4])
@pytest.mark.parametrize("pooling", ["mean", "attention", "first"])
def test_a_case_in_a_batch_is_as_alone(patch, pooling):
    network = Transformer(**{**SETTINGS, "patch": patch, "pooling": pooling, "num_layers": 2}).double()
    lengths = torch.tensor([10, 1, 7, 4])
    values = torch.randn(4, 10, 3, dtype=torch.float64)

    together = network(values, lengths)

    for case, length in enumerate(lengths.tolist()):
        torch.testing.assert_close(together[[case]], network(values[[case], :length]), atol=1e-10, rtol=0)


def test_a_patch_is_a_convolution_of_its_own_stride():
    network = Transformer(**{**SETTINGS, "patch": 4}).double()
    values = torch.randn(2, 12, 3, dtype=torch.float64)
    filters = network.projection.weight.view(8, 4, 3).transpose(1, 2)

    tokens, _ = network._tokens(values, None)

    convolved = torch.nn.functional.conv1d(values.transpose(1, 2), filters, network.projection.bias, stride=4)
    torch.testing.assert_close(tokens, convolved.transpose(1, 2), atol=1e-12, rtol=0)


def test_order_matters():
    network = Transformer(**SETTINGS)
    values = torch.randn(1, 9, 3)

    assert not torch.allclose(network(values), network(values.flip(1)), atol=1e-4)


def test_layers_start_differently():
    first, second = Transformer(**{**SETTINGS, "num_layers": 2}).layers

    assert not torch.equal(first.linear1.weight, second.linear1.weight)


def test_prediction_takes_the_kernels_of_training():
    network = Transformer(**SETTINGS).eval()
    values, lengths = torch.randn(3, 9, 3), torch.tensor([9, 1, 6])
    with_gradients = network(values, lengths)

    with torch.inference_mode():
        assert torch.equal(network(values, lengths), with_gradients)


def test_has_as_many_weights_as_its_layers():
    network = Transformer(**{**SETTINGS, "vocabulary_size": 9, "num_channels": 0, "pooling": "first"})

    layer = 4 * 8 * 8 + 4 * 8 + (8 * 6 + 6) + (6 * 8 + 8) + 2 * 16
    assert sum(each.numel() for each in network.parameters()) == 9 * 8 + 8 + layer + 16 + 2 * 8 + 2


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"num_heads": 3}, "not divisible by model.num_heads"),
        ({"model_size": 5, "num_heads": 1}, "odd"),
        ({"patch": 0}, "model.patch: 0 is below 1"),
        ({"patch": 2, "vocabulary_size": 9}, "model.patch: 2 does not fit text"),
        ({"num_layers": 0}, "model.num_layers"),
        ({"feedforward_size": 0}, "model.feedforward_size"),
        ({"dropout": 1.0}, "model.dropout"),
    ],
)
def test_refuses_values_out_of_range(changes, message):
    with pytest.raises(ConfigError, match=message):
        Transformer(**{**SETTINGS, **changes})
