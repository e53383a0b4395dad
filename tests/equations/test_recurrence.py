"""Recurrent networks on sequences of several lengths, against NumPy."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from reprodx.inputs import Modality
from reprodx.schemas import Task
from tests.equations.gradient_checks import assert_gradients
from tests.equations.numpy_gradients import elman_gradients
from tests.equations.numpy_layers import elman_states, numbered
from tests.equations.numpy_losses import cross_entropy
from tests.equations.numpy_networks import char_rnn, recurrent
from tests.equations.shipped_networks import (
    arrays,
    assert_equal,
    cases,
    gradients_of,
    read,
    shipped,
    shipped_loss,
    weights_of,
    without_dropout,
)

TARGETS = torch.tensor([0, 2, 1, 1])
SHARES = np.eye(3)[TARGETS]
CELLS = ["rnn", "lstm", "gru"]


@settings(max_examples=12)
@given(
    cell=st.sampled_from(CELLS),
    num_layers=st.integers(1, 2),
    bidirectional=st.booleans(),
    pooling=st.sampled_from(["last", "mean", "max", "attention"]),
    stride=st.integers(1, 3),
    num_steps=st.integers(4, 9),
)
def test_logits_follow_the_equations_on_every_length(cell, num_layers, bidirectional, pooling, stride, num_steps):
    changes = {"num_layers": num_layers, "bidirectional": bidirectional, "pooling": pooling, "stride": stride}
    network, given_cases = shipped(cell, Modality.SIGNAL, **changes).eval(), cases(Modality.SIGNAL, num_steps=num_steps)

    expected = recurrent(weights_of(network), **arrays(given_cases), cell=cell, pooling=pooling, stride=stride)

    assert_equal(network(**given_cases), expected)


@pytest.mark.parametrize("modality", [Modality.SERIES, Modality.TEXT])
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("cell", CELLS)
def test_gradients_follow_from_the_equations(cell, bidirectional, modality):
    network = without_dropout(shipped(cell, modality, bidirectional=bidirectional, num_layers=2))
    given_cases, loss = cases(modality, num_steps=5), shipped_loss("cross_entropy", Task.MULTICLASS, 3)
    settings = {"cell": cell, "pooling": read(f"model/{cell}")[1]["pooling"], "stride": 1}

    assert_gradients(
        network,
        lambda: loss(network(**given_cases), TARGETS),
        lambda weights: cross_entropy(recurrent(weights, **arrays(given_cases), **settings), SHARES),
        most=3,
    )


@settings(max_examples=12)
@given(num_steps=st.integers(1, 8), num_channels=st.integers(1, 3), hidden_size=st.integers(1, 4))
def test_a_simple_recurrence_learns_through_time_by_the_chain_rule_by_hand(num_steps, num_channels, hidden_size):
    network = shipped("rnn", Modality.SIGNAL, num_channels=num_channels, hidden_size=hidden_size)
    random = np.random.default_rng(num_steps)
    steps, slopes = random.normal(size=(num_steps, num_channels)), random.normal(size=(num_steps, hidden_size))
    states = network.layers(torch.from_numpy(steps[None]), None)[0]

    gradients = gradients_of(network.layers, (states * torch.from_numpy(slopes)).sum())

    layer = numbered(weights_of(network), "layers.onwards")[0]
    assert_equal(states, elman_states(steps, layer))
    for name, expected in elman_gradients(steps, layer, slopes).items():
        assert_equal(gradients[f"onwards.0.{name}"], expected, name)


@pytest.mark.parametrize("conditional", [True, False])
@pytest.mark.parametrize("num_layers", [1, 2])
@pytest.mark.parametrize("cell", ["rnn", "lstm"])
def test_next_token_logits_follow_the_equations(cell, num_layers, conditional):
    changes = {"cell": cell, "num_layers": num_layers, "conditional": conditional}
    network = without_dropout(shipped("char_rnn", Modality.TEXT, **changes))
    tokens, classes = torch.tensor([[0, 3, 5, 5, 2], [0, 8, 1, 0, 0]]), torch.tensor([2, 0])
    following = torch.tensor([3, 5, 5, 2, 0, 8, 1, 0, 0, 0])
    loss = shipped_loss("cross_entropy", Task.MULTICLASS, 9)

    assert_equal(network(tokens, classes), char_rnn(weights_of(network), tokens.numpy(), classes.numpy(), cell=cell))
    assert_gradients(
        network,
        lambda: loss(network(tokens, classes).flatten(0, 1), following),
        lambda weights: cross_entropy(
            char_rnn(weights, tokens.numpy(), classes.numpy(), cell=cell).reshape(-1, 9), np.eye(9)[following]
        ),
        most=4,
    )


@pytest.mark.parametrize("cell", ["rnn", "lstm"])
def test_writing_step_by_step_gives_the_logits_of_reading_at_once(cell):
    network = shipped("char_rnn", Modality.TEXT, cell=cell, num_layers=2).eval()
    tokens, classes = torch.tensor([[0, 3, 5, 5, 2], [0, 8, 1, 4, 4]]), torch.tensor([2, 0])
    state = network.start(classes)

    for place in range(5):
        logits, state = network.step(tokens[:, place], state)

        expected = char_rnn(weights_of(network), tokens[:, : place + 1].numpy(), classes.numpy(), cell=cell)[:, -1]
        assert_equal(logits, expected)
