"""What the loop refuses, other precisions, and a quiet Lightning."""

import dataclasses
import logging

import pytest
import torch
from pytorch_lightning.utilities.exceptions import SIGTERMException

from reprodx.errors import ConfigError
from reprodx.training.epochs import check_trainer, run_epochs


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


def test_a_process_that_is_asked_to_end_says_so(make_config, monkeypatch):
    def end(*_: object) -> None:
        raise SIGTERMException

    monkeypatch.setattr("reprodx.training.epochs.pl.Trainer.fit", end)
    with pytest.raises(SystemExit, match="143"):
        run_epochs(torch.nn.Identity(), 1, make_config().trainer)
