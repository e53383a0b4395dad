"""How much of a bare two-optimizer loop's speed is left where a generator is trained against a discriminator.

DCGAN on pictures of 64 x 64 pixels, Adam, batch 64, one thread. Ours is the whole `fit_gan`: the same steps under
Lightning, with checks, health, a sample sheet and a checkpoint. `python -m benchmarks.gan_speed`.
"""

from __future__ import annotations

import itertools
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch.nn.functional import binary_cross_entropy_with_logits as cross_entropy
from torch.nn.functional import pad

from benchmarks.comparison import NUM_PAIRS, SHARE_OF_SPEED, Comparison, time_work
from benchmarks.random_images import random_images
from reprodx.config.composition import compose, validate
from reprodx.inputs import Inputs, Modality
from reprodx.training.architecture import build_network
from reprodx.training.cases import Cases
from reprodx.training.checkpoint import Checkpoint
from reprodx.training.determinism import reproducible
from reprodx.training.generation.gan_fit import fit_gan

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reprodx.config import Config

BATCH_SIZE, NUM_STEPS, IMAGE_SIDE, NUM_CLASSES = 64, 20, 64, 2
TARGET = 0.9
SMOKE = {"BATCH_SIZE": 4, "NUM_STEPS": 1}
"""What the constants are in a smoke run, which asks whether it runs at all."""


def make_config() -> Config:
    overrides = [
        "model=dcgan",
        "model.objective=non_saturating",
        "model.label_smoothing=0.1",
        "optimizer=adam",
        "optimizer.lr=0.0002",
        "optimizer.betas=[0.5,0.999]",
        f"trainer.batch_size={BATCH_SIZE}",
        "trainer.max_epochs=1",
        "trainer.num_threads=1",
    ]
    return validate(compose(overrides), components=())


def make_architecture(config: Config) -> dict[str, Any]:
    sizes = {"num_channels": 3, "image_size": (IMAGE_SIDE, IMAGE_SIDE), "num_classes": NUM_CLASSES}
    return {**config.model, **sizes}


def make_cases() -> Cases:
    images = np.stack(list(random_images(NUM_STEPS * BATCH_SIZE, IMAGE_SIDE)))
    classes = torch.arange(len(images)) % NUM_CLASSES
    inputs = Inputs.of_rows(Modality.IMAGE, images, channels=("red", "green", "blue"))
    return Cases(torch.zeros(len(images), 0), classes, inputs)


def fit_ours(train: Cases, config: Config, checkpoint: Path) -> None:
    with reproducible(1):
        fit_gan(
            train,
            make_architecture(config),
            config.optimizer,
            config.trainer,
            config.seed,
            checkpoint=Checkpoint(checkpoint, ""),
            on_epoch=lambda _number, _metrics: None,
            on_samples=lambda _number, _images, _classes: None,
        )


def shifted(images: torch.Tensor) -> torch.Tensor:
    most = IMAGE_SIDE // 8
    starts = torch.randint(2 * most + 1, (len(images), 2)).tolist()
    padded = pad(images, [most] * 4, value=-1.0)
    return torch.stack([
        image[:, y : y + IMAGE_SIDE, x : x + IMAGE_SIDE] for image, (y, x) in zip(padded, starts, strict=True)
    ])  # fmt: skip


def bare_loop(architecture: Mapping[str, Any], images: torch.Tensor, classes: torch.Tensor) -> None:
    """Train the same networks by the same steps: no checks, no health, no sheet, no checkpoint."""
    torch.manual_seed(0)
    network: Any = build_network(architecture, Modality.IMAGE, None)
    of_generator, of_discriminator = (
        torch.optim.Adam(each.parameters(), lr=2e-4, betas=(0.5, 0.999))
        for each in (network.generator, network.discriminator)
    )
    ones, zeros = torch.ones(BATCH_SIZE), torch.zeros(BATCH_SIZE)
    for rows in torch.randperm(len(images)).split(BATCH_SIZE):
        real, given = images[rows].permute(0, 3, 1, 2).float() / 127.5 - 1, classes[rows]
        generated = network.generator(torch.randn(BATCH_SIZE, network.latent_size), given)
        of_discriminator.zero_grad()
        loss = cross_entropy(network.discriminator(shifted(real), given), 0.9 * ones)
        loss = loss + cross_entropy(network.discriminator(shifted(generated.detach()), given), zeros)
        loss.backward()
        of_discriminator.step()
        of_generator.zero_grad()
        cross_entropy(network.discriminator(shifted(generated), given), ones).backward()
        of_generator.step()
        network.averaged_generator.update_parameters(network.generator)


def measure() -> list[Comparison]:
    """Train in turn, ours beside the bare loop, after one round that is not counted."""
    torch.set_num_threads(1)
    train, config, numbers = make_cases(), make_config(), itertools.count()
    assert train.inputs is not None
    images = torch.from_numpy(train.inputs.values)
    with tempfile.TemporaryDirectory() as name:
        bare = partial(bare_loop, make_architecture(config), images, train.targets)
        fit_ours(train, config, Path(name, "first"))
        bare()
        pairs = [
            # A folder of its own, because a complete training is not repeated.
            (time_work(partial(fit_ours, train, config, Path(name, str(next(numbers))))), time_work(bare))
            for _ in range(NUM_PAIRS)
        ]
    ours, of_bare = zip(*pairs, strict=True)
    what = f"training dcgan, batch {BATCH_SIZE}, {IMAGE_SIDE} x {IMAGE_SIDE} pixels; {NUM_STEPS} steps"
    return [Comparison(what, ours, of_bare, SHARE_OF_SPEED, TARGET)]


if __name__ == "__main__":
    for comparison in measure():
        print(comparison.details())
