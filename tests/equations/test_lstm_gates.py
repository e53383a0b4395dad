"""Gates of long short-term memory and of gated recurrent units, one by one."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from reprodx.inputs import Modality
from reprodx.models.foreign import sizes_for
from tests.equations.numpy_gradients import lstm_gradients
from tests.equations.numpy_layers import gru_states, lstm_states, numbered
from tests.equations.shipped_networks import SIZES, assert_equal, gradients_of, read, shipped, weights_of

OPEN, SHUT = 50.0, -50.0


def set_gate(network, gate, value, num_gates):
    """Hold a gate of all units at one value, whatever is read."""
    layer = network.layers.onwards[0]
    for name, parameter in layer.named_parameters():
        rows = parameter.data.chunk(num_gates)[gate]
        rows.fill_(value if name == "bias_ih_l0" else 0.0)


def states_of(network, steps):
    return network.layers(torch.from_numpy(steps[None]), None)[0].detach().numpy()


def draw_steps(num_steps=6):
    return np.random.default_rng(num_steps).normal(size=(num_steps, 3))


@settings(max_examples=12)
@given(num_steps=st.integers(1, 8), hidden_size=st.integers(1, 4))
def test_states_and_gradients_of_the_lstm_follow_the_equations(num_steps, hidden_size):
    network = shipped("lstm", Modality.SIGNAL, hidden_size=hidden_size)
    steps, slopes = draw_steps(num_steps), np.random.default_rng(0).normal(size=(num_steps, hidden_size))
    states = network.layers(torch.from_numpy(steps[None]), None)[0]

    gradients = gradients_of(network.layers, (states * torch.from_numpy(slopes)).sum())

    layer = numbered(weights_of(network), "layers.onwards")[0]
    assert_equal(states, lstm_states(steps, layer))
    for name, expected in lstm_gradients(steps, layer, slopes).items():
        assert_equal(gradients[f"onwards.0.{name}"], expected, name)


@settings(max_examples=12)
@given(num_steps=st.integers(1, 8), hidden_size=st.integers(1, 4))
def test_states_of_the_gru_follow_the_equations(num_steps, hidden_size):
    network, steps = shipped("gru", Modality.SIGNAL, hidden_size=hidden_size), draw_steps(num_steps)

    assert_equal(states_of(network, steps), gru_states(steps, numbered(weights_of(network), "layers.onwards")[0]))


@pytest.mark.parametrize("option", ["lstm", "char_rnn"])
@pytest.mark.parametrize("num_layers", [1, 2])
def test_forget_gates_start_open(option, num_layers):
    """Jozefowicz et al., ICML 2015, section 2.3: their biases sum to 1, and no other's are set."""
    (target, settings), modality = read(f"model/{option}"), Modality.TEXT
    settings |= {"num_layers": num_layers, "hidden_size": 4} | ({"cell": "lstm"} if option == "char_rnn" else {})
    sizes = {**SIZES, "num_channels": 0, "vocabulary_size": 9}
    weights = weights_of(target(**settings, **sizes_for(target, modality, sizes, settings)))

    inputs = [values for name, values in weights.items() if "bias_ih" in name]
    states = [values for name, values in weights.items() if "bias_hh" in name]
    assert len(inputs) == len(states) == num_layers
    for biases in (first + second for first, second in zip(inputs, states, strict=True)):
        assert (biases[4:8] == 1).all()
        assert (np.abs(np.delete(biases, slice(4, 8))) <= 1).all()
        assert not (np.delete(biases, slice(4, 8)) == 1).any()


def test_a_shut_input_gate_writes_nothing():
    network = shipped("lstm", Modality.SIGNAL)
    set_gate(network, 0, SHUT, 4)

    np.testing.assert_allclose(states_of(network, draw_steps()), 0, atol=1e-20)


def test_a_shut_forget_gate_leaves_each_step_to_its_own_write():
    network, steps = shipped("lstm", Modality.SIGNAL), draw_steps()
    set_gate(network, 1, SHUT, 4)
    network.layers.onwards[0].weight_hh_l0.data.zero_()

    alone = np.concatenate([states_of(network, step[None]) for step in steps])
    np.testing.assert_allclose(states_of(network, steps), alone, rtol=1e-12)


def test_an_open_forget_gate_adds_up_what_is_written():
    network = shipped("lstm", Modality.SIGNAL)
    layer = network.layers.onwards[0]
    for parameter in layer.parameters():
        parameter.data.zero_()
    set_gate(network, 0, OPEN, 4)
    set_gate(network, 1, OPEN, 4)
    set_gate(network, 2, 0.1, 4)
    set_gate(network, 3, OPEN, 4)

    expected = np.tanh(np.arange(1, 7) * np.tanh(0.1))
    np.testing.assert_allclose(states_of(network, draw_steps())[:, 0], expected, rtol=1e-12)


def test_a_shut_output_gate_shows_nothing():
    network = shipped("lstm", Modality.SIGNAL)
    set_gate(network, 3, SHUT, 4)

    np.testing.assert_allclose(states_of(network, draw_steps()), 0, atol=1e-20)


def test_an_open_update_gate_of_a_gru_keeps_its_state():
    network = shipped("gru", Modality.SIGNAL)
    set_gate(network, 1, OPEN, 3)

    np.testing.assert_allclose(states_of(network, draw_steps()), 0, atol=1e-20)


def test_a_shut_reset_gate_of_a_gru_forgets_what_it_would_have_read_of_its_state():
    network = shipped("gru", Modality.SIGNAL)
    set_gate(network, 0, SHUT, 3)
    set_gate(network, 1, SHUT, 3)
    steps = draw_steps()

    alone = np.concatenate([states_of(network, step[None]) for step in steps])
    np.testing.assert_allclose(states_of(network, steps), alone, rtol=1e-12)
