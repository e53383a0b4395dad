"""Learning rates, epoch by epoch."""

import pytest
import torch
from torch.optim.lr_scheduler import StepLR

from reprodx.errors import ConfigError
from reprodx.training.schedulers import Plateau, check_schedule, step_scheduler

SETTINGS = {"monitor": "val/loss", "mode": "min", "factor": 0.1, "patience": 1, "min_lr": 0.0}


def optimizer() -> torch.optim.Optimizer:
    return torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)


def rates(scheduler, losses: list[float]) -> list[float]:
    seen = []
    for loss in losses:
        scheduler.optimizer.step()
        step_scheduler(scheduler, {"val/loss": loss, "val/auroc": 1 - loss})
        seen.append(scheduler.optimizer.param_groups[0]["lr"])
    return seen


def test_plateau_lowers_the_rate_when_its_metric_stalls():
    assert rates(Plateau(optimizer(), **SETTINGS), [0.5, 0.4, 0.4, 0.4, 0.4]) == pytest.approx([1, 1, 1, 0.1, 0.1])


def test_plateau_takes_its_own_metric():
    rising = Plateau(optimizer(), **{**SETTINGS, "monitor": "val/auroc", "mode": "max"})

    assert rates(rising, [0.5, 0.4, 0.3, 0.2]) == [1, 1, 1, 1]


def test_other_schedulers_count_epochs():
    assert rates(StepLR(optimizer(), step_size=2, gamma=0.5), [9.0, 9.0, 9.0]) == [1, 0.5, 0.5]


def test_none_keeps_the_rate():
    step_scheduler(None, {"val/loss": 1.0})


def test_an_unknown_metric_is_refused():
    with pytest.raises(ConfigError, match=r"scheduler\.monitor: no metric 'loss'"):
        Plateau(optimizer(), **{**SETTINGS, "monitor": "loss"})


@pytest.mark.parametrize(("key", "value"), [("factor", 1.5), ("factor", 0.0), ("patience", -1), ("min_lr", -0.1)])
def test_numbers_out_of_range_are_refused(key: str, value: float):
    with pytest.raises(ConfigError, match=rf"scheduler\.{key}: {value}"):
        Plateau(optimizer(), **{**SETTINGS, key: value})


@pytest.mark.parametrize(
    ("settings", "num_epochs", "is_refused"),
    [
        ({"_target_": "torch.optim.lr_scheduler.StepLR", "step_size": 0, "gamma": 0.1}, 2, True),
        ({"_target_": "torch.optim.lr_scheduler.StepLR", "step_size": 30, "gamma": 0.1}, 10**9, False),
        ({"_target_": "torch.optim.lr_scheduler.CosineAnnealingLR", "T_max": 0, "eta_min": 0.0}, 2, True),
        ({"_target_": "torch.optim.lr_scheduler.OneCycleLR", "max_lr": 0.1, "total_steps": 3}, 4, True),
        ({"_target_": "torch.optim.lr_scheduler.OneCycleLR", "max_lr": 0.1, "total_steps": 4}, 4, False),
        ({"_target_": "reprodx.training.schedulers.Plateau", **SETTINGS}, 4, False),
        ({"_target_": None}, 4, False),
    ],
)
def test_a_schedule_that_ends_before_the_training_is_refused_before_it(settings, num_epochs, is_refused):
    sgd, scheduler = {"_target_": "torch.optim.SGD", "lr": 0.1}, {"name": "mine", **settings}
    if is_refused:
        with pytest.raises(ConfigError, match=r"^scheduler=mine: has no learning rate after epoch"):
            check_schedule(sgd, scheduler, num_epochs)
    else:
        check_schedule(sgd, scheduler, num_epochs)
