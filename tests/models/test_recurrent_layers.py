"""Recurrent layers against torch's own on packed sequences."""

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from reprodx.models.padding import step_mask
from reprodx.models.recurrent_layers import RecurrentLayers

LENGTHS = torch.tensor([4, 7, 1])


def layers_and_torch_s(layer_type: type, *, num_layers: int, bidirectional: bool) -> tuple[RecurrentLayers, nn.RNNBase]:
    layers = RecurrentLayers(
        layer_type, input_size=3, hidden_size=5, num_layers=num_layers, bidirectional=bidirectional, dropout=0.0
    )
    reference = layer_type(3, 5, num_layers, batch_first=True, bidirectional=bidirectional)
    with torch.no_grad():
        for number in range(num_layers):
            for suffix, direction in (("", layers.onwards), ("_reverse", layers.backwards)):
                for name, weight in direction[number].named_parameters() if direction else ():
                    getattr(reference, f"{name[:-1]}{number}{suffix}").copy_(weight)
    return layers.double(), reference.double()


@pytest.mark.parametrize("layer_type", [nn.RNN, nn.LSTM, nn.GRU])
@pytest.mark.parametrize("num_layers", [1, 3])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_own_states_and_gradients_are_torch_s(layer_type, num_layers, bidirectional):
    layers, reference = layers_and_torch_s(layer_type, num_layers=num_layers, bidirectional=bidirectional)
    steps = torch.randn(3, 7, 3, dtype=torch.float64, requires_grad=True)
    packed = pack_padded_sequence(steps, LENGTHS, batch_first=True, enforce_sorted=False)
    expected, _ = pad_packed_sequence(reference(packed)[0], batch_first=True)
    own = step_mask(LENGTHS, 7)

    states = layers(steps, LENGTHS)

    assert states.shape[2] == layers.output_size
    torch.testing.assert_close(states[own], expected[own], atol=1e-12, rtol=0)
    gradients = (torch.autograd.grad((each[own] ** 2).sum(), steps)[0] for each in (states, expected))
    torch.testing.assert_close(*gradients, atol=1e-12, rtol=0)


def test_without_lengths_all_steps_count():
    layers, reference = layers_and_torch_s(nn.GRU, num_layers=2, bidirectional=True)
    steps = torch.randn(3, 7, 3, dtype=torch.float64)

    torch.testing.assert_close(layers(steps, None), reference(steps)[0], atol=1e-12, rtol=0)


def test_dropout_stands_between_layers_alone():
    def differs(num_layers: int) -> bool:
        layers = RecurrentLayers(
            nn.GRU, input_size=3, hidden_size=50, num_layers=num_layers, bidirectional=False, dropout=0.5
        )
        steps = torch.randn(2, 4, 3)
        return not torch.equal(layers(steps, None), layers.eval()(steps, None))

    assert not differs(1)
    assert differs(2)
