"""A training between two epochs."""

import pytest
import torch
from torch.optim.lr_scheduler import StepLR

from reprodx.models.logistic import Logistic
from reprodx.training.best_epoch import BestEpoch, EarlyStopping
from reprodx.training.state import TrainingState, weights_of


def make_state() -> TrainingState:
    network = Logistic(num_features=2, num_outputs=1, text_penalty=1.0)
    optimizer = torch.optim.Adam(network.parameters(), lr=0.1)
    return TrainingState(
        network,
        optimizer,
        StepLR(optimizer, step_size=1, gamma=0.5),
        BestEpoch(monitor="val/loss", mode="min"),
        EarlyStopping(monitor="val/loss", mode="min", patience=2, min_delta=0.0),
    )


def run_epoch(state: TrainingState, loss: float) -> None:
    state.optimizer.zero_grad()
    state.network(torch.ones(3, 2)).sum().backward()
    state.optimizer.step()
    state.finish_epoch({"val/loss": loss})


def test_keeps_the_best_weights_and_the_last():
    state = make_state()
    run_epoch(state, 0.5)
    best = weights_of(state.network)
    run_epoch(state, 0.6)

    assert state.best.epoch == 1
    assert state.best_metrics == {"val/loss": 0.5}
    assert torch.equal(state.best_weights["linear.weight"], best["linear.weight"])
    assert not torch.equal(weights_of(state.network)["linear.weight"], best["linear.weight"])


def test_stops_when_patience_has_run_out():
    state = make_state()
    stopped = []
    for loss in (0.5, 0.6, 0.7):
        run_epoch(state, loss)
        stopped.append(state.has_stopped)

    assert stopped == [False, False, True]


def test_goes_on_from_its_state_as_if_never_interrupted():
    whole, first, second = make_state(), make_state(), make_state()
    for loss in (0.5, 0.6, 0.4):
        run_epoch(whole, loss)
    for loss in (0.5, 0.6):
        run_epoch(first, loss)

    second.load_state_dict(first.state_dict())
    run_epoch(second, 0.4)

    assert second.num_epochs == 3
    assert second.best.state_dict() == whole.best.state_dict()
    assert second.optimizer.param_groups[0]["lr"] == pytest.approx(0.1 * 0.5**3)
    assert torch.equal(second.network.linear.weight, whole.network.linear.weight)
    assert torch.equal(second.best_weights["linear.weight"], whole.best_weights["linear.weight"])
