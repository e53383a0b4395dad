"""What the loop refuses, other precisions, and a quiet Lightning."""

import dataclasses
import logging
import os
import signal
import sys

import pytest
import torch
from pytorch_lightning.utilities.exceptions import SIGTERMException

from reprodx import interruption
from reprodx.errors import ConfigError, Interrupted
from reprodx.training.checkpoint import Checkpoint
from reprodx.training.epochs import check_trainer, run_epochs


@pytest.fixture(autouse=True)
def _mode():
    """Put back what Lightning sets for good where it is called without `reproducible`."""
    mode = torch.get_deterministic_debug_mode()
    yield
    torch.set_deterministic_debug_mode(mode)


@pytest.mark.parametrize(
    ("key", "refused", "accepted"),
    [
        ("devices", 2, 1),
        ("precision", "16-mixed", "bf16-mixed"),
    ],
)
def test_refuses_what_the_loop_cannot_do(make_config, key, refused, accepted):
    trainer = make_config().trainer
    check_trainer(dataclasses.replace(trainer, **{key: accepted}))

    with pytest.raises(ConfigError, match=rf"trainer\.{key}"):
        check_trainer(dataclasses.replace(trainer, **{key: refused}))


def test_autocast_takes_one_mini_batch_at_a_time(make_config):
    trainer = dataclasses.replace(make_config().trainer, minibatches_per_step=2)
    check_trainer(trainer)

    with pytest.raises(ConfigError, match=r"trainer\.minibatches_per_step: must be 1 or auto"):
        check_trainer(dataclasses.replace(trainer, precision="bf16-mixed"))


def test_a_gpu_that_is_absent_is_named(make_config, monkeypatch):
    trainer = dataclasses.replace(make_config().trainer, accelerator="gpu")
    monkeypatch.setattr(torch.accelerator, "is_available", lambda: True)
    check_trainer(trainer)

    monkeypatch.setattr(torch.accelerator, "is_available", lambda: False)
    with pytest.raises(ConfigError, match=r"trainer\.accelerator: no GPU is visible"):
        check_trainer(trainer)


@pytest.mark.parametrize("precision", ["64-true", "bf16-mixed"])
def test_other_precisions_train(fit_model, make_config, prepared, precision):
    exact, other = (fit_model(prepared, make_config(precision=each, max_epochs=2)) for each in ("32-true", precision))

    assert exact.files["last.safetensors"] != other.files["last.safetensors"]
    assert other.summary.metrics["val/loss"] == pytest.approx(exact.summary.metrics["val/loss"], abs=0.05)


def test_lightning_says_nothing_of_its_own(fit_model, make_config, prepared, caplog, capfd):
    with caplog.at_level(logging.INFO):
        fit_model(prepared, make_config(max_epochs=1))

    assert {record.name.partition(".")[0] for record in caplog.records} == {"reprodx"}
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(("raised", "number"), [(SIGTERMException, signal.SIGTERM), (KeyboardInterrupt, signal.SIGINT)])
def test_what_lightning_makes_of_a_signal_that_nobody_heeds_is_an_interruption(
    make_config, monkeypatch, tmp_path, raised, number
):
    def end(*_: object) -> None:
        try:
            raise raised
        except KeyboardInterrupt:
            sys.exit(1)

    monkeypatch.setattr("reprodx.training.epochs.pl.Trainer.fit", end)
    with pytest.raises(Interrupted) as ended:
        run_epochs(torch.nn.Identity(), 1, make_config().trainer, Checkpoint(tmp_path, ""))
    assert ended.value.signal == number


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("epoch", [1, 3])
def test_a_signal_ends_a_training_when_its_last_epoch_is_kept(
    fit_model, make_config, prepared, monkeypatch, number, epoch
):
    # Only the first epoch is kept at once; of later ones the throttle would lose what was done since.
    monkeypatch.setattr("reprodx.training.checkpoint.SECONDS_BETWEEN", 1e9)
    config, epochs = make_config(max_epochs=6), []

    def ask(number_of_epoch: int, metrics: object) -> None:
        epochs.append(number_of_epoch)
        if number_of_epoch == epoch and epochs.count(epoch) == 1:
            os.kill(os.getpid(), number)

    with pytest.raises(Interrupted) as ended, interruption.heeded():
        fit_model(prepared, config, ask)
    assert (ended.value.signal, epochs) == (number, list(range(1, epoch + 1)))
    resumed = fit_model(prepared, config, ask)
    assert epochs == [*range(1, epoch + 1), *range(1, 7)]
    assert resumed.files == fit_model(prepared, config).files
