"""The Lightning module of adversarial training: at each mini-batch the discriminator learns, then the generator.

The discriminator is shown every picture, real or generated, shifted at random, and the generator learns through the
shift. Without, a discriminator of some hundred cases knows them by heart within an epoch or two, and the generator has
nothing to learn from; and unlike an augmentation of the cases alone, this never shows in what is generated.

Source: Zhao et al., Differentiable augmentation for data-efficient GAN training, NeurIPS 2020 (translation).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytorch_lightning as pl
import torch
from torch.nn.functional import pad
from torch.nn.utils import clip_grad_norm_, get_total_norm

from reprodx.errors import TrainingError
from reprodx.training.cases import InputTensors
from reprodx.training.determinism import Stream, generator, reseed_network
from reprodx.training.generation.gan_health import (
    ACCURACY_GENERATED,
    ACCURACY_REAL,
    DISCRIMINATOR_LOSS,
    GENERATOR_LOSS,
)
from reprodx.training.generation.gan_objectives import discriminator_loss, generator_loss

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from torch import Tensor
    from torch.optim import Optimizer

    from reprodx.config import Trainer
    from reprodx.models.dcgan import DCGAN
    from reprodx.training.cases import Cases
    from reprodx.training.index_batches import IndexBatches

STEP_METRICS = (DISCRIMINATOR_LOSS, GENERATOR_LOSS, ACCURACY_REAL, ACCURACY_GENERATED)
"""What is known of each step."""
SHIFT = 8
"""A picture is shifted by up to an 8th of its side."""
BLACK = -1.0
"""What lies beside a picture."""
STEPS_PER_READ = 16
"""Metrics of steps are read in blocks: reading one makes the processor wait for the accelerator."""


class AdversarialState:
    """An adversarial training as it stands between two epochs; random numbers are no part of it."""

    def __init__(self, network: DCGAN, make_optimizer: Callable[[Any], Optimizer]) -> None:
        """Stand before the first epoch.

        Args:
            network: Generator, discriminator and average.
            make_optimizer: From parameters to their optimizer; each network has its own.
        """
        self.network = network
        self.optimizers = {
            "generator": make_optimizer(network.generator.parameters()),
            "discriminator": make_optimizer(network.discriminator.parameters()),
        }
        self.history: list[dict[str, float]] = []

    @property
    def num_epochs(self) -> int:
        """Epochs that have ended."""
        return len(self.history)

    def state_dict(self) -> dict[str, Any]:
        """Return what a checkpoint keeps: tensors and plain values."""
        return {
            "network": self.network.state_dict(),
            "optimizers": {name: optimizer.state_dict() for name, optimizer in self.optimizers.items()},
            "history": self.history,
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a checkpoint of an equal configuration."""
        self.network.load_state_dict(state["network"])
        for name, optimizer in self.optimizers.items():
            optimizer.load_state_dict(state["optimizers"][name])
        self.history = list(state["history"])


# Lightning's classes are untyped for mypy, which is kept from following that import.
class Adversary(pl.LightningModule):  # type: ignore[misc]
    """Fits a generator and its discriminator; both, and their optimizers, come from outside."""

    def __init__(
        self,
        state: AdversarialState,
        *,
        train: Cases,
        batches: IndexBatches,
        trainer: Trainer,
        seed: int,
        advance: Callable[[int], None],
        finish_epoch: Callable[[dict[str, float]], None],
    ) -> None:
        """Hold all parts.

        Args:
            state: Networks, optimizers, and the number of the epoch.
            train: The cases to fit: pictures, each of one class.
            batches: The mini-batches of each epoch.
            trainer: Precision and clipping.
            seed: The run's.
            advance: Is told how many mini-batches are done.
            finish_epoch: Is given each epoch's metrics.
        """
        super().__init__()
        assert train.inputs is not None, "the cases are pictures"
        self.automatic_optimization = False
        self.network = state.network
        self._state, self._batches, self._seed = state, batches, seed
        self._max_norm = trainer.gradient_clip_norm
        self._advance, self._finish_epoch = advance, finish_epoch
        images = InputTensors(train.inputs)
        self._images = images.double() if trainer.precision == "64-true" else images
        self._classes = train.targets
        self._weights_of = {
            "generator": list(state.network.generator.parameters()),
            "discriminator": list(state.network.discriminator.parameters()),
        }
        self._unread: list[Tensor] = []
        self._steps: list[list[float]] = []

    def configure_optimizers(self) -> list[Optimizer]:
        """Return both optimizers, so that Lightning moves their states to the device."""
        return list(self._state.optimizers.values())

    def train_dataloader(self) -> IndexBatches:
        """Return the groups of mini-batches."""
        return self._batches

    def on_train_epoch_start(self) -> None:
        """Start every random stream anew."""
        epoch = self._state.num_epochs + 1
        reseed_network(self._seed, epoch)
        # Drawn in the processor's memory, so that every device is given the same.
        self._noise = generator(self._seed, epoch, Stream.NOISE)
        self._steps = []

    def training_step(self, group: list[Tensor], _: int) -> None:
        """Make one step of each network for each mini-batch of a group.

        Args:
            group: Row numbers, one tensor a mini-batch.

        Raises:
            TrainingError: If a loss or gradient is not finite.
        """
        for rows in group:
            self._unread.append(self._learn(*self._batch(rows.cpu())))
        if len(self._unread) >= STEPS_PER_READ:
            self._read_steps()
        self._advance(len(group))

    def on_train_epoch_end(self) -> None:
        """Hand the epoch's metrics on.

        Raises:
            TrainingError: If a loss or gradient is not finite.
        """
        self._read_steps()
        means = np.average(self._steps, axis=0, weights=self._batches.sizes)
        self._finish_epoch({name: float(mean) for name, mean in zip(STEP_METRICS, means, strict=True)})

    def _batch(self, rows: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return real pictures in [-1, 1], their classes, and noise for as many generated ones."""
        images, _ = self._images.take(rows)
        size = (len(rows), self.network.latent_size)
        # The same numbers at every precision, some of which change torch's default.
        noise = torch.randn(size, generator=self._noise, dtype=torch.float32).to(images.dtype)
        return (
            images.mul_(2).sub_(1).to(self.device, non_blocking=True),
            self._classes.index_select(0, rows).to(self.device),
            noise.to(self.device, non_blocking=True),
        )

    def _learn(self, real: Tensor, classes: Tensor, noise: Tensor) -> Tensor:
        """Make one step of the discriminator, then one of the generator on the same noise; see `_read_steps`."""
        network = self.network
        generated = network.generator(noise, classes)
        real_logits = network.discriminator(self._shifted(real), classes)
        generated_logits = network.discriminator(self._shifted(generated.detach()), classes)
        loss = discriminator_loss(network.objective, real_logits, generated_logits, network.label_smoothing)
        norm = self._step("discriminator", loss)
        answer = generator_loss(network.objective, network.discriminator(self._shifted(generated), classes))
        generator_norm = self._step("generator", answer)
        network.averaged_generator.update_parameters(network.generator)
        accuracies = [(real_logits > 0).double().mean(), (generated_logits < 0).double().mean()]
        return torch.stack([each.detach().double() for each in (loss, answer, *accuracies, norm, generator_norm)])

    def _shifted(self, images: Tensor) -> Tensor:
        most, side = images.shape[-1] // SHIFT, images.shape[-1]
        starts = torch.randint(2 * most + 1, (len(images), 2), generator=self._noise).tolist()
        padded = pad(images, [most] * 4, value=BLACK)
        windows = [image[:, y : y + side, x : x + side] for image, (y, x) in zip(padded, starts, strict=True)]
        return torch.stack(windows).contiguous(memory_format=torch.channels_last)

    def _step(self, name: str, loss: Tensor) -> Tensor:
        """Change one network's weights, and return the length of their gradient before clipping."""
        parameters = self._weights_of[name]
        for parameter in parameters:
            parameter.grad = None
        # Nothing of the other network is computed that this one's step does not need.
        torch.autograd.backward(loss, inputs=parameters)
        if self._max_norm is not None:
            norm = clip_grad_norm_(parameters, self._max_norm)
        else:
            norm = get_total_norm([each.grad for each in parameters if each.grad is not None])
        self._state.optimizers[name].step()
        return norm

    def _read_steps(self) -> None:
        """Take the numbers of `STEP_METRICS` of each step, and the length of each network's gradient."""
        steps = torch.stack(self._unread).tolist() if self._unread else []
        self._unread.clear()
        for number, (*metrics, norm, generator_norm) in enumerate(steps, start=len(self._steps) + 1):
            if not all(map(math.isfinite, (*metrics, norm, generator_norm))):
                raise self._divergence(number, "loss" if math.isfinite(norm + generator_norm) else "gradient")
            self._steps.append(metrics)

    def _divergence(self, step: int, what: str) -> TrainingError:
        rate = self._state.optimizers["generator"].param_groups[0]["lr"]
        return TrainingError(
            f"epoch {self._state.num_epochs + 1}, step {step} of {len(self._batches.sizes)}: a {what} is not a finite "
            f"number, probably because the learning rate ({rate:g}) is too high; lower optimizer.lr"
        )
