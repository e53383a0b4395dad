"""Steps from mini-batches: accumulated, penalised, clipped, and stopped where a loss is not a number."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from reprodx.config import Trainer
from reprodx.errors import TrainingError
from reprodx.training.weight_steps import STEPS_PER_READ, WeightSteps
from tests.training.conftest import TRAINER

RATE = 0.5


def make(num_steps: int = 3, **changes: object) -> tuple[nn.Linear, WeightSteps]:
    network = nn.Linear(2, 1, dtype=torch.float64)
    nn.init.ones_(network.weight)
    nn.init.zeros_(network.bias)
    optimizer = torch.optim.SGD(network.parameters(), lr=RATE)
    trainer = Trainer(**{**TRAINER, **changes})
    return network, WeightSteps(network, optimizer, trainer, num_steps=num_steps, divergence=TrainingError)


def loss_of(network: nn.Linear, factor: float) -> torch.Tensor:
    """Return a loss whose slope by each weight is the factor, and by the bias 0."""
    return factor * network.weight.sum()


def test_every_loss_is_a_step_down_its_own_slope() -> None:
    network, steps = make()
    for factor in (1.0, 3.0):
        steps.learn(loss_of(network, factor))
    steps.finish_epoch()
    assert network.weight.tolist() == [[1 - RATE * 4] * 2]
    assert steps.losses == [2.0, 3.0 * 2 * (1 - RATE)]


def test_accumulated_mini_batches_make_one_step_and_the_rest_makes_the_last() -> None:
    network, steps = make(accumulate_batches=2)
    for factor in (1.0, 3.0, 1.0):
        steps.learn(loss_of(network, factor))
    assert network.weight.tolist() == [[1 - RATE * 2] * 2]
    steps.finish_epoch()
    assert network.weight.tolist() == [[1 - RATE * 2.5] * 2]


def test_penalties_pull_and_are_no_part_of_the_losses() -> None:
    network, steps = make(l1_penalty=0.1, l2_penalty=0.2)
    steps.learn(loss_of(network, 0.0))
    steps.finish_epoch()
    torch.testing.assert_close(network.weight, torch.full((1, 2), 1 - RATE * 0.3, dtype=torch.float64))
    assert steps.losses == [0.0]


def test_a_long_gradient_is_cut() -> None:
    network, steps = make(gradient_clip_norm=2**0.5)
    steps.learn(loss_of(network, 100.0))
    torch.testing.assert_close(network.weight, torch.full((1, 2), 1 - RATE, dtype=torch.float64))


def test_an_epoch_forgets_the_losses_of_the_one_before() -> None:
    network, steps = make()
    steps.learn(loss_of(network, 1.0))
    steps.finish_epoch()
    steps.start_epoch()
    assert steps.losses == []


@pytest.mark.parametrize("bad", [1, STEPS_PER_READ + 2])
def test_a_loss_that_is_no_number_is_named(bad: int) -> None:
    network, steps = make(num_steps=100)
    for _ in range(bad - 1):
        steps.learn(loss_of(network, 0.0))
    steps.learn(loss_of(network, float("nan")))
    with pytest.raises(TrainingError, match=f"step {bad} of 100: the loss"):
        steps.finish_epoch()
