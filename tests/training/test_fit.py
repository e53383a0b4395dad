"""Interrupted trainings, damaged checkpoints, and test cases that nobody looks at."""

import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from reprodx.errors import ArtifactCorruptError
from reprodx.training import checkpoint

KILLED_IN_EPOCH_3 = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from conftest import make_config, make_prepared
from reprodx.training import checkpoint
from reprodx.training.fit import fit
from reprodx.training.module import NetworkTraining

checkpoint.SECONDS_BETWEEN = 0.0
step = NetworkTraining.training_step

def step_and_die(self, group, index):
    step(self, group, index)
    if self._state.num_epochs == 2 and index == 1:
        os.kill(os.getpid(), signal.SIGKILL)

NetworkTraining.training_step = step_and_die
folder = Path(sys.argv[2])
fit(
    make_prepared(),
    make_config(minibatches_per_step=2),
    models_folder=folder / "models",
    checkpoint_folder=folder / "checkpoint",
    on_epoch=lambda epoch, metrics: None,
    on_samples=lambda epoch, samples, classes: None,
)
"""


@pytest.fixture
def every_epoch_is_saved(monkeypatch):
    monkeypatch.setattr(checkpoint, "SECONDS_BETWEEN", 0.0)


def test_a_training_that_was_killed_ends_with_the_same_bytes(fit_model, make_config, prepared, tmp_path, caplog):
    killed = subprocess.run(
        [sys.executable, "-c", KILLED_IN_EPOCH_3, str(Path(__file__).parent), str(tmp_path)], check=False
    )
    assert killed.returncode == -signal.SIGKILL
    assert [file.name for file in tmp_path.iterdir()] == ["checkpoint"]

    with caplog.at_level("INFO"):
        resumed = fit_model(prepared, make_config(minibatches_per_step=2))

    assert "resumed after epoch 2 of 4" in caplog.text
    # The curves are whole whichever run they are logged in.
    assert [epoch for epoch, _ in resumed.epochs] == [1, 2, 3, 4]
    assert resumed.files == fit_model(prepared, make_config(minibatches_per_step=2)).files


@pytest.mark.parametrize("scheduler", ["step", "plateau"])
@pytest.mark.parametrize("epoch", [1, 3, 4])
def test_wherever_it_was_interrupted(fit_model, make_config, prepared, every_epoch_is_saved, epoch, scheduler):
    schedulers = {
        "step": {"name": "step", "_target_": "torch.optim.lr_scheduler.StepLR", "step_size": 1, "gamma": 0.5},
        "plateau": {
            "name": "plateau",
            "_target_": "reprodx.training.schedulers.Plateau",
            "monitor": "val/auroc",
            "mode": "max",
            "factor": 0.5,
            "patience": 0,
            "min_lr": 0.0,
        },
    }
    stopping = {
        "_target_": "reprodx.training.best_epoch.EarlyStopping",
        "monitor": "val/loss",
        "mode": "min",
        "patience": 2,
        "min_delta": 0.5,
    }
    config = make_config(
        scheduler=schedulers[scheduler],
        early_stopping=stopping,
        augmentation={
            "name": "noise",
            "_target_": "reprodx.augmentation.gaussian_noise.GaussianNoise",
            "std": 0.1,
        },
    )
    whole = fit_model(prepared, config)

    def interrupt(at, metrics):
        if at == epoch:
            raise InterruptedError

    if epoch <= whole.summary.num_epochs:
        with pytest.raises(InterruptedError):
            fit_model(prepared, config, interrupt)

    again = fit_model(prepared, config)
    assert again.summary == whole.summary
    assert again.files == whole.files


def test_interrupted_after_the_last_epoch_it_only_writes(
    fit_model, make_config, prepared, every_epoch_is_saved, monkeypatch, caplog
):
    caplog.set_level("INFO")
    whole = fit_model(prepared, make_config())

    with monkeypatch.context() as patched:
        patched.setattr("reprodx.training.fit.save_model", _disk_full)
        with pytest.raises(OSError, match="disk full"):
            fit_model(prepared, make_config())
    again = fit_model(prepared, make_config())

    assert "resumed after epoch 4 of 4" in caplog.text
    assert again.epochs == whole.epochs
    assert again.files == whole.files


def test_a_damaged_checkpoint_names_the_file_to_delete(
    fit_model, make_config, prepared, every_epoch_is_saved, tmp_path, caplog
):
    def interrupt(at, metrics):
        if at == 2:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        fit_model(prepared, make_config(), interrupt)
    caplog.set_level("INFO")
    file = tmp_path / "checkpoint" / "resume.ckpt"
    whole = file.read_bytes()

    file.write_bytes(whole[:-1])
    with pytest.raises(ArtifactCorruptError, match=r"resume\.ckpt is damaged.*delete it"):
        fit_model(prepared, make_config())

    file.write_bytes(whole)
    assert "resumed after epoch 1 of 4" not in caplog.text
    assert [epoch for epoch, _ in fit_model(prepared, make_config()).epochs] == [1, 2, 3, 4]
    assert "resumed after epoch 1 of 4" in caplog.text


@pytest.mark.parametrize("change", ["settings", "cases"])
def test_a_checkpoint_of_another_training_is_passed_over(
    fit_model, make_config, make_prepared, every_epoch_is_saved, change, caplog
):
    def interrupt(at, metrics):
        if at == 2:
            raise InterruptedError

    prepared = make_prepared()
    with pytest.raises(InterruptedError):
        fit_model(prepared, make_config(), interrupt)
    if change == "cases":
        prepared.features[prepared.rows("train")[0], 0] += 1
    config = make_config(seed=1 if change == "settings" else 0)

    again = fit_model(prepared, config)

    assert "training starts anew" in caplog.text
    assert [epoch for epoch, _ in again.epochs] == [1, 2, 3, 4]
    assert again.files == fit_model(prepared, config).files


@pytest.mark.parametrize("model", ["mlp", "boosting"])
def test_test_cases_are_not_looked_at(fit_model, make_config, make_prepared, model):
    prepared, poisoned = make_prepared(), make_prepared()
    poisoned.features[poisoned.rows("test")] = np.nan

    assert fit_model(poisoned, make_config(model=model)).files == fit_model(prepared, make_config(model=model)).files


def test_the_seed_decides_the_weights(fit_model, make_config, prepared):
    first, again, other = (fit_model(prepared, make_config(seed=seed)).files for seed in (0, 0, 1))

    assert first == again
    assert first["best.safetensors"] != other["best.safetensors"]


def test_what_torch_was_set_to_before_does_not_matter(fit_model, make_config, prepared):
    import torch

    first = fit_model(prepared, make_config()).files
    torch.manual_seed(12345)

    assert fit_model(prepared, make_config()).files == first


def test_a_failed_training_leaves_the_former_model_alone(fit_model, make_config, prepared, tmp_path):
    former = fit_model(prepared, make_config(model="logistic")).files

    def fail(at, metrics):
        raise InterruptedError

    with pytest.raises(InterruptedError):
        fit_model(prepared, make_config(), fail)

    assert {file.name: file.read_bytes() for file in (tmp_path / "models").iterdir()} == former


def _disk_full(*_, **__):
    raise OSError("disk full")
