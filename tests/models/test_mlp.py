"""The perceptron: its layers, its seed, its refusals."""

import pytest
import torch
from torch import nn

from reprodx.errors import ConfigError
from reprodx.models.mlp import MLP

SETTINGS = {
    "num_features": 4,
    "num_outputs": 3,
    "hidden_sizes": [8, 5],
    "activation": "relu",
    "dropout": 0.0,
    "batch_norm": False,
}


def test_gives_one_logit_per_output():
    assert MLP(**SETTINGS)(torch.randn(7, 4)).shape == (7, 3)


@pytest.mark.parametrize(("activation", "layer"), [("relu", nn.ReLU), ("tanh", nn.Tanh), ("sigmoid", nn.Sigmoid)])
def test_each_hidden_layer_is_linear_norm_activation_dropout(activation, layer):
    network = MLP(**{**SETTINGS, "activation": activation, "dropout": 0.3, "batch_norm": True})

    hidden = [nn.Linear, nn.BatchNorm1d, layer, nn.Dropout]
    assert [type(each) for each in network.layers] == [*hidden, *hidden, nn.Linear]
    assert {each.p for each in network.layers if isinstance(each, nn.Dropout)} == {0.3}


def test_without_hidden_layers_it_is_linear():
    assert [type(each) for each in MLP(**{**SETTINGS, "hidden_sizes": []}).layers] == [nn.Linear]


def test_the_seed_decides_the_weights():
    def first_weight(seed: int) -> torch.Tensor:
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            return MLP(**SETTINGS).layers[0].weight

    assert torch.equal(first_weight(1), first_weight(1))
    assert not torch.equal(first_weight(1), first_weight(2))


@pytest.mark.parametrize(("key", "refused", "accepted"), [("dropout", 1.0, 0.99), ("hidden_sizes", [8, 0], [8, 1])])
def test_refuses_values_out_of_range(key, refused, accepted):
    MLP(**{**SETTINGS, key: accepted})

    with pytest.raises(ConfigError, match=f"model.{key}"):
        MLP(**{**SETTINGS, key: refused})
