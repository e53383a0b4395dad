"""Outputs that are squeezed, steps uphill and dropout that stays on: absent from every network that ships."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from reprodx.inputs import Modality
from reprodx.schemas import Task
from reprodx.training.generation.text_sampling import text_losses
from reprodx.training.scorer import network_outputs
from tests.equations.shipped_networks import (
    cases,
    every_network,
    read,
    shipped,
    shipped_loss,
    shipped_optimizer,
    texts_of,
    without_dropout,
)

OPTIMIZERS = ["sgd", "momentum", "nesterov", "rmsprop", "adam", "adamw"]
TARGETS = torch.tensor([0, 2, 1, 1])


def last_layer(network):
    return [layer for layer in network.modules() if isinstance(layer, nn.Linear)][-1]


# ---- sigmoid before a loss of logits, softmax before cross-entropy ----


@every_network
def test_outputs_are_not_squeezed(option, modality):
    """Twice the last layer is twice the output: nothing bends it, be it sigmoid, softmax or tanh."""
    network, given = shipped(option, modality).eval(), cases(modality)
    once = network(**given)
    for parameter in last_layer(network).parameters():
        parameter.data *= 1e6

    many = network(**given)

    torch.testing.assert_close(many, 1e6 * once, rtol=1e-9, atol=1e-3)
    assert many.abs().max() > 1e3
    assert many.min() < 0


@every_network
def test_outputs_are_no_probabilities(option, modality):
    """What is added to the last layer's biases is added to the outputs, and they have no sum in common."""
    network, given = shipped(option, modality).eval(), cases(modality)
    before = network(**given)
    last_layer(network).bias.data += 3.0

    torch.testing.assert_close(network(**given), before + 3.0, rtol=1e-9, atol=1e-9)
    assert before.sum(1).std() > 1e-3


@pytest.mark.parametrize("task", [Task.BINARY, Task.MULTILABEL])
def test_a_sure_and_wrong_logit_costs_its_size(task):
    """Behind a second sigmoid it would cost log(1 + e) at most, and its slope would vanish."""
    loss = shipped_loss("cross_entropy", task, 2 if task == Task.BINARY else 1)
    logits = torch.tensor([[-40.0]], dtype=torch.float64, requires_grad=True)

    value = loss(logits, torch.tensor([1]) if task == Task.BINARY else torch.tensor([[1.0]]))
    value.backward()

    assert value.item() == pytest.approx(40, rel=1e-12)
    assert logits.grad.item() == pytest.approx(-1, rel=1e-12)


@pytest.mark.parametrize("option", ["cross_entropy", "focal"])
def test_a_sure_and_wrong_class_costs_the_distance_of_its_logit(option):
    """Behind a second softmax it would cost log(1 + 2 e) at most."""
    logits = torch.tensor([[0.0, 40.0, 0.0]], dtype=torch.float64, requires_grad=True)

    value = shipped_loss(option, Task.MULTICLASS, 3)(logits, torch.tensor([0]))
    value.backward()

    assert value.item() == pytest.approx(40, rel=1e-9)
    np.testing.assert_allclose(logits.grad[0], [-1, 1, 0], atol=1e-12)


@pytest.mark.parametrize("option", ["cross_entropy", "mse", "focal"])
def test_a_constant_added_to_all_logits_changes_no_loss(option):
    loss, logits = shipped_loss(option, Task.MULTICLASS, 3), torch.randn(4, 3, dtype=torch.float64)

    torch.testing.assert_close(loss(logits + 7.0, TARGETS), loss(logits, TARGETS), rtol=1e-12, atol=0)


# ---- the sign of the gradient ----


@every_network
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_step_lowers_the_loss_of_its_own_batch(option, modality, optimizer):
    network, given = without_dropout(shipped(option, modality)), cases(modality)
    for parameter in network.parameters():
        parameter.data *= 0.5
    loss, rate = shipped_loss("cross_entropy", Task.MULTICLASS, 3), read(f"optimizer/{optimizer}")[1]["lr"]
    # The sign is asked for, so the step is short: adaptive optimizers begin with one of ten times their rate.
    step = shipped_optimizer(optimizer, network, lr=rate / 1000)

    before = loss(network(**given), TARGETS)
    before.backward()
    step.step()

    assert loss(network(**given), TARGETS) < before


# ---- dropout that stays on when a network is judged ----


@every_network
def test_dropout_rests_at_evaluation(option, modality):
    network, given = shipped(option, modality), cases(modality)
    expected = without_dropout(shipped(option, modality)).eval()(**given)

    torch.testing.assert_close(network.eval()(**given), expected, rtol=0, atol=0)


@pytest.mark.parametrize("option", ["mlp", "ft_transformer"])
def test_a_network_in_training_is_judged_without_dropout(option):
    network, given = shipped(option, Modality.TABLE).train(), cases(Modality.TABLE)
    expected = without_dropout(shipped(option, Modality.TABLE)).eval()(**given)

    torch.testing.assert_close(network_outputs(network, given["features"]), expected, rtol=0, atol=0)
    assert network.training
    assert not torch.allclose(network(**given), expected)


@pytest.mark.parametrize("cell", ["rnn", "lstm"])
def test_texts_are_judged_without_dropout(cell):
    network = shipped("char_rnn", Modality.TEXT, cell=cell, dropout=0.5)
    plain = without_dropout(shipped("char_rnn", Modality.TEXT, cell=cell, dropout=0.5))
    texts, classes = texts_of([3, 5, 5, 2], [8, 1]), np.array([0, 1])

    losses, _ = text_losses(network.train(), texts, classes)

    np.testing.assert_array_equal(losses, text_losses(plain, texts, classes)[0])
    assert math.isfinite(losses.sum())
