"""Fitting a generator of pictures: what is handed over and told on the way, resuming, collapse, and what is refused."""

import logging
from dataclasses import dataclass, replace

import numpy as np
import pytest
import torch

from reprodx.errors import ConfigError
from reprodx.inputs import Inputs
from reprodx.training import checkpoint as checkpoints
from reprodx.training.architecture import build_network
from reprodx.training.cases import cases_of
from reprodx.training.checkpoint import Checkpoint
from reprodx.training.determinism import reproducible
from reprodx.training.generation import gan_fit
from reprodx.training.generation.gan_fit import SHEET_CASES, fit_gan
from reprodx.training.generation.image_sampling import sample_images

ADAM = {"name": "adam", "_target_": "torch.optim.Adam", "lr": 0.002, "betas": [0.5, 0.999]}
ARCHITECTURE = {
    "name": "dcgan",
    "_target_": "reprodx.models.dcgan.DCGAN",
    "num_channels": 3,
    "image_size": [32, 32],
    "num_classes": 2,
    "latent_size": 4,
    "filters": 2,
    "objective": "hinge",
    "label_smoothing": 0.0,
    "spectral_norm": True,
    "conditional": True,
    "ema_decay": 0.5,
}


class KilledError(Exception):
    """Stands for a process that is killed."""


@dataclass
class Run:
    """Everything that a call of `fit_gan` gave."""

    fit: gan_fit.GeneratorFit
    epochs: list[tuple[int, dict[str, float]]]
    sheets: list[tuple[int, Inputs, np.ndarray]]

    def weights(self) -> dict[str, torch.Tensor]:
        return self.fit.network.state_dict()


@pytest.fixture
def fitted(pictures, make_config, tmp_path):
    """Return a function that fits, each time with the same checkpoint."""
    train = cases_of(pictures, "train")

    def run(*, architecture=None, optimizer=ADAM, cases=train, on_epoch=lambda epoch: None, **changes) -> Run:
        epochs, sheets = [], []

        def remember(epoch, metrics):
            epochs.append((epoch, dict(metrics)))
            on_epoch(epoch)

        with reproducible(1):
            fit = fit_gan(
                cases,
                {**ARCHITECTURE, **(architecture or {})},
                optimizer,
                make_config(**{"max_epochs": 3, **changes}).trainer,
                0,
                checkpoint=Checkpoint(tmp_path / "checkpoint", "this training"),
                on_epoch=remember,
                on_samples=lambda epoch, images, classes: sheets.append((epoch, images, classes)),
            )
        return Run(fit, epochs, sheets)

    return run


def forget(folder):
    Checkpoint(folder / "checkpoint", "this training").remove()


def test_epochs_are_told_and_handed_over(fitted):
    run = fitted()

    assert [epoch for epoch, _ in run.epochs] == [1, 2, 3]
    assert tuple(metrics for _, metrics in run.epochs) == run.fit.history
    assert set(run.fit.history[0]) == {
        *("train/generator_loss", "train/discriminator_loss", "train/diversity"),
        *("train/accuracy_real", "train/accuracy_generated"),
    }
    assert run.fit.num_epochs == run.fit.best_epoch == 3


def test_sample_sheets_come_every_few_epochs_and_after_the_last(fitted):
    run = fitted(samples_every=2)

    assert [epoch for epoch, *_ in run.sheets] == [2, 3]
    for _, images, classes in run.sheets:
        assert images.values.shape == (2 * SHEET_CASES, 32, 32, 3)
        assert images.values.dtype == np.uint8
        assert images.channels == ("red", "green", "blue")
        assert classes.tolist() == [0] * SHEET_CASES + [1] * SHEET_CASES
    assert not np.array_equal(run.sheets[0][1].values, run.sheets[1][1].values)


def test_a_training_that_was_interrupted_ends_with_the_same_bits(fitted, tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(checkpoints, "SECONDS_BETWEEN", 0.0)
    whole = fitted()
    for epoch in (1, 2):
        forget(tmp_path)

        def interrupt(done, last=epoch):
            if done == last + 1:
                raise KilledError

        with pytest.raises(KilledError):
            fitted(on_epoch=interrupt)
        with caplog.at_level(logging.INFO):
            resumed = fitted()

        assert f"resumed after epoch {epoch} of 3" in caplog.text
        # Those before are logged again, as the run may be another one.
        assert resumed.epochs == whole.epochs
        assert resumed.fit.history == whole.fit.history
        assert all(torch.equal(tensor, whole.weights()[name]) for name, tensor in resumed.weights().items())
        assert np.array_equal(resumed.sheets[-1][1].values, whole.sheets[-1][1].values)


def test_the_same_seed_gives_the_same_bits_and_a_complete_training_is_not_repeated(fitted, tmp_path, caplog):
    first = fitted(max_epochs=1)
    with caplog.at_level(logging.INFO):
        again = fitted(max_epochs=1)
    forget(tmp_path)
    anew = fitted(max_epochs=1)

    assert "resumed after epoch 1 of 1" in caplog.text
    assert again.epochs == first.epochs
    assert again.fit.history == first.fit.history
    for other in (again, anew):
        assert all(torch.equal(tensor, first.weights()[name]) for name, tensor in other.weights().items())


@pytest.mark.parametrize(
    ("architecture", "changes"),
    [
        ({"objective": "minimax", "label_smoothing": 0.1, "spectral_norm": False}, {"batch_size": "full"}),
        ({"conditional": False}, {"sampling": "balanced", "precision": "64-true"}),
        ({"objective": "non_saturating"}, {"precision": "bf16-mixed"}),
    ],
)
def test_every_setting_that_is_accepted_runs(fitted, architecture, changes):
    run = fitted(architecture=architecture, max_epochs=1, **changes)

    assert np.isfinite(list(run.fit.history[0].values())).all()


def test_cases_with_several_labels_are_of_one_class(fitted, pictures):
    train = cases_of(pictures, "train")
    labels = torch.stack([train.targets, 1 - train.targets], dim=1).float()

    run = fitted(
        architecture={"conditional": False, "num_classes": 1}, cases=replace(train, targets=labels), max_epochs=1
    )

    assert run.sheets[0][2].tolist() == [0] * SHEET_CASES


@pytest.mark.parametrize(
    ("key", "value"),
    [("accumulate_batches", 2), ("compile", True), ("l1_penalty", 0.1), ("l2_penalty", 0.1), ("devices", 2)],
)
def test_what_adversarial_training_cannot_do_is_refused(fitted, key, value):
    with pytest.raises(ConfigError, match=rf"^trainer\.{key}: "):
        fitted(**{key: value})


def test_a_generator_that_ignores_its_noise_is_said_to_have_collapsed_and_its_twin_is_not(
    fitted, tmp_path, monkeypatch
):
    def built(weight_of_noise):
        def build(*arguments):
            network = build_network(*arguments)
            with torch.no_grad():
                for layer in network.generator.layers[::3]:
                    layer.weight *= 50
                network.generator.layers[0].weight[:4] *= weight_of_noise
            return network

        return build

    found = {}
    for weight_of_noise in (0.0, 1.0):
        forget(tmp_path)
        monkeypatch.setattr(gan_fit, "build_network", built(weight_of_noise))
        run = fitted(optimizer={**ADAM, "lr": 1e-12}, max_epochs=6)
        found[weight_of_noise] = [each.partition(":")[0] for each in run.fit.warnings]
        assert (run.fit.history[-1]["train/diversity"] < 0.25) is (weight_of_noise == 0)

    assert found == {0.0: ["mode collapse from epoch 1 to the end"], 1.0: []}


def test_the_network_that_is_handed_over_makes_pictures(fitted):
    images = sample_images(fitted(max_epochs=1).fit.network, np.array([0, 1, 1]), seed=0)

    assert images.shape == (3, 32, 32, 3)
