"""One GAN for all runs that would train the same, from the cache or anew, with the same pictures."""

import dataclasses
import zlib

import numpy as np
import pytest
import torch

from reprodx.config import instantiate
from reprodx.errors import ConfigError
from reprodx.inputs import Modality
from reprodx.training.architecture import build_network
from reprodx.training.cases import cases_of
from reprodx.training.generation import cached_generator
from reprodx.training.generation.cached_generator import find_or_fit
from reprodx.training.generation.fitted_generator import GeneratorFit

CLASSES = np.array([0, 1, 1])


class KilledError(Exception):
    """Stands for whatever kills a training."""


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def trained(monkeypatch):
    """Return the seeds of the trainings that were started; nothing is learnt, but all that decides a GAN decides it."""
    seeds = []

    def fit(train, architecture, optimizer, trainer, seed, **_):
        seeds.append(seed)
        decides = [seed, trainer.num_epochs, trainer.batch_size, train.inputs.gathered().tobytes()]
        torch.manual_seed(zlib.crc32(repr(decides).encode()))
        network = build_network(architecture, Modality.IMAGE, None)
        return GeneratorFit(network, trainer.num_epochs, trainer.num_epochs, ({},) * trainer.num_epochs)

    monkeypatch.setattr(cached_generator, "fit_gan", fit)
    return seeds


@pytest.fixture
def find(rare, gan, make_config):
    def run(prepared=rare, *, augmentation=None, **changes):
        node = {**gan, **(augmentation or {})}
        settings = instantiate(node, "augmentation", num_classes=2)
        config = make_config(augmentation=node, **changes)
        generator, digest = find_or_fit(cases_of(prepared, "train"), prepared, settings, config)
        return generator.sample(CLASSES, seed=0, temperature=1.0).values, digest

    return run


def test_runs_that_differ_in_the_classifier_share_one_gan(find, trained):
    pictures, digest = find()
    changes = {"batch_size": 8, "max_epochs": 9, "sampling": "balanced", "l2_penalty": 0.1, "gradient_clip_norm": 1.0}
    shared = [find(**changes), find(augmentation={"classes": "all", "balance": 0.5, "acknowledge_copies": True})]

    assert trained == [0]
    for other, other_digest in shared:
        assert other_digest == digest
        assert np.array_equal(other, pictures)


@pytest.mark.parametrize(
    "changes", [{"seed": 1}, {"augmentation": {"epochs": 1}}, {"augmentation": {"batch_size": 8}}, {"epoch_limit": 1}]
)
def test_what_decides_the_gan_makes_another(find, trained, changes):
    (pictures, digest), (other, other_digest) = find(), find(**changes)
    assert len(trained) == 2
    assert other_digest != digest
    assert not np.array_equal(other, pictures)


def test_other_training_pictures_make_another_and_other_test_pictures_do_not(find, trained, rare):
    values = np.array(rare.inputs.values)
    files = {"images.npy": "other bytes"}
    swapped = dataclasses.replace(
        rare,
        inputs=dataclasses.replace(rare.inputs, values=values[::-1].copy()),
        manifest={**rare.manifest, "files": files},
    )
    assert find()[1] != find(swapped)[1]
    values[rare.rows("test")] = 255
    pictures, _ = find(dataclasses.replace(rare, inputs=dataclasses.replace(rare.inputs, values=values)))
    assert np.array_equal(pictures, find()[0])
    assert len(trained) == 2


@pytest.mark.parametrize("damage", ["weights", "description", "missing"])
def test_a_damaged_gan_is_trained_again_with_a_warning(find, trained, tmp_path, caplog, damage):
    pictures, digest = find()
    folder = tmp_path / ".cache" / "generators" / digest
    weights, description = folder / "generator.safetensors", folder / "model.json"
    if damage == "weights":
        weights.write_bytes(weights.read_bytes()[:-1] + b"x")
    elif damage == "description":
        description.write_text("{")
    else:
        weights.unlink()

    again, _ = find()
    assert "it is trained again" in caplog.text
    assert len(trained) == 2
    assert np.array_equal(again, pictures)


def test_a_training_that_was_killed_goes_on_and_ends_with_the_same_gan(find, tmp_path, monkeypatch, caplog):
    expected, digest = find()
    folder = tmp_path / ".cache" / "generators"
    whole = {file.name: file.read_bytes() for file in (folder / digest).iterdir()}
    for file in (folder / digest).iterdir():
        file.unlink()
    (folder / digest).rmdir()
    monkeypatch.setattr("reprodx.training.checkpoint.SECONDS_BETWEEN", 0.0)
    fit = cached_generator.fit_gan

    def fit_and_die(*args, **rest):
        def on_epoch(epoch, metrics):
            if epoch == 2:
                raise KilledError

        return fit(*args, **{**rest, "on_epoch": on_epoch})

    with monkeypatch.context() as patched:
        patched.setattr(cached_generator, "fit_gan", fit_and_die)
        with pytest.raises(KilledError):
            find()
    assert not (folder / digest).exists()

    with caplog.at_level("INFO"):
        resumed, _ = find()
    assert "resumed after epoch 1 of 2" in caplog.text
    assert np.array_equal(resumed, expected)
    assert {file.name: file.read_bytes() for file in (folder / digest).iterdir()} == whole
    assert not (folder / f"{digest}.checkpoint").exists()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"generator": {"conditional": True, "latent": 3}}, r"augmentation\.generator\.latent: unknown key"),
        ({"generator": {"conditional": True}}, r"augmentation\.generator\.\w+: missing"),
        ({"optimizer": {"speed": 1.0}}, r"augmentation\.optimizer\.speed: unknown key"),
    ],
)
def test_refuses_settings_that_the_gan_does_not_know(find, changes, message):
    with pytest.raises(ConfigError, match=message):
        find(augmentation=changes)


def test_refuses_sizes_that_the_gan_cannot_make_in_its_own_words(find, rare):
    inputs = dataclasses.replace(rare.inputs, values=np.ascontiguousarray(rare.inputs.values[:, :, :20]))
    with pytest.raises(ConfigError, match=r"data\.size"):
        find(dataclasses.replace(rare, inputs=inputs))
