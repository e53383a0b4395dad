"""What is read at each step."""

import pytest
import torch

from reprodx.errors import ConfigError
from reprodx.models.sequence_input import SequenceInput

SIGNAL = {"num_channels": 2, "vocabulary_size": None, "embedding_size": 3, "stride": 1}
TEXT = {"num_channels": 0, "vocabulary_size": 6, "embedding_size": 3, "stride": 1}


def test_measurements_are_left_as_they_are():
    values = torch.randn(2, 4, 2)
    layer = SequenceInput(**SIGNAL)

    assert layer.size == 2
    assert layer(values, None) == (values, None)
    assert not list(layer.parameters())


def test_tokens_become_vectors_and_padding_zero():
    layer = SequenceInput(**TEXT)

    steps, lengths = layer(torch.tensor([[1, 5], [2, 4]]), torch.tensor([2, 1]))

    assert layer.size == 3
    assert torch.equal(steps[0], layer.embedding.weight[[1, 5]])
    assert steps[1, 1].tolist() == [0, 0, 0]
    assert lengths.tolist() == [2, 1]


def test_padding_has_no_gradient():
    layer = SequenceInput(**TEXT)
    layer(torch.tensor([[0, 1]]), None)[0].sum().backward()

    assert layer.embedding.weight.grad[:, 0].tolist() == [0, 1, 0, 0, 0, 0]


def test_stride_averages_consecutive_steps():
    values = torch.tensor([[[1.0, 0.0], [3.0, 2.0], [5.0, 4.0], [9.0, 9.0]]])

    steps, lengths = SequenceInput(**{**SIGNAL, "stride": 2})(values, torch.tensor([3]))

    assert steps.tolist() == [[[2.0, 1.0], [5.0, 4.0]]]
    assert lengths.tolist() == [2]


@pytest.mark.parametrize("key", ["stride", "embedding_size"])
def test_refuses_values_out_of_range(key):
    with pytest.raises(ConfigError, match=f"model.{key}"):
        SequenceInput(**{**SIGNAL, key: 0})
