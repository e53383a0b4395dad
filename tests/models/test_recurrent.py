"""What the recurrent networks share."""

import pytest
import torch

from reprodx.errors import ConfigError
from reprodx.models.gru import GRU
from reprodx.models.lstm import LSTM
from reprodx.models.rnn import RNN

SETTINGS = {
    "num_channels": 3,
    "vocabulary_size": None,
    "num_features": 2,
    "num_outputs": 1,
    "embedding_size": 4,
    "stride": 1,
    "hidden_size": 5,
    "num_layers": 1,
    "bidirectional": False,
    "dropout": 0.0,
    "pooling": "last",
}
NETWORKS = [RNN, LSTM, GRU]


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("pooling", ["last", "mean", "max", "attention"])
@pytest.mark.parametrize("stride", [1, 3])
def test_padding_is_not_read(network, bidirectional, pooling, stride):
    changes = {"bidirectional": bidirectional, "pooling": pooling, "stride": stride, "num_layers": 2}
    model = network(**{**SETTINGS, **changes}).double()
    values, features = torch.randn(3, 8, 3, dtype=torch.float64), torch.randn(3, 2, dtype=torch.float64)
    lengths = torch.tensor([8, 1, 5])

    together = model(values, lengths, features)

    for case, length in enumerate(lengths.tolist()):
        alone = model(values[[case], :length], None, features[[case]])
        torch.testing.assert_close(together[[case]], alone, atol=1e-10, rtol=0)


@pytest.mark.parametrize(("network", "gates"), [(RNN, 1), (LSTM, 4), (GRU, 3)])
def test_has_as_many_weights_as_the_equations(network, gates):
    model = network(**{**SETTINGS, "num_layers": 2, "bidirectional": True})

    first, second = (2 * gates * 5 * (size_in + 5 + 2) for size_in in (3, 10))
    assert sum(each.numel() for each in model.parameters()) == first + second + (10 + 2 + 1)


def test_text_has_an_embedding():
    model = LSTM(**{**SETTINGS, "num_channels": 0, "vocabulary_size": 9})

    assert model.input.embedding.weight.shape == (9, 4)
    assert model.layers.onwards[0].input_size == 4
    assert model(torch.tensor([[3, 4, 0]]), torch.tensor([2]), torch.zeros(1, 2)).shape == (1, 1)


def test_the_same_share_is_dropped_between_layers_and_before_the_head():
    network = LSTM(**{**SETTINGS, "dropout": 0.3, "num_layers": 2})

    assert network.layers.dropout.p == network.head.dropout.p == 0.3


@pytest.mark.parametrize(("key", "refused"), [("hidden_size", 0), ("num_layers", 0), ("stride", 0), ("dropout", 1.0)])
def test_refuses_values_out_of_range(key, refused):
    with pytest.raises(ConfigError, match=f"model.{key}"):
        GRU(**{**SETTINGS, key: refused})
