"""Fitting a generator of pictures against a discriminator."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

import numpy as np
import torch

from reprodx.config import instantiate
from reprodx.errors import ConfigError
from reprodx.inputs import Inputs, Modality
from reprodx.training.architecture import build_network
from reprodx.training.checkpoint import log_again
from reprodx.training.determinism import INITIAL, Stream, generator, reseed_network
from reprodx.training.epochs import check_trainer, run_epochs
from reprodx.training.generation.adversary import AdversarialState, Adversary
from reprodx.training.generation.fitted_generator import GeneratorFit
from reprodx.training.generation.gan_health import DIVERSITY, health_warnings, new_warnings, real_spread, spread
from reprodx.training.generation.image_sampling import images_of
from reprodx.training.index_batches import IndexBatches, case_weights, cases_per_batch
from reprodx.training.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from numpy.typing import NDArray
    from torch import Tensor

    from reprodx.config import Trainer
    from reprodx.models.dcgan import DCGAN
    from reprodx.training.cases import Cases
    from reprodx.training.checkpoint import Checkpoint

SHEET_CASES = 8
"""Pictures of each class on a sample sheet."""

logger = logging.getLogger(__name__)


def fit_gan(
    train: Cases,
    architecture: Mapping[str, Any],
    optimizer: Mapping[str, Any],
    trainer: Trainer,
    seed: int,
    *,
    checkpoint: Checkpoint,
    on_epoch: Callable[[int, Mapping[str, float]], None],
    on_samples: Callable[[int, Inputs, NDArray[np.int64]], None],
) -> GeneratorFit:
    """Fit a generator and its discriminator, going on from a checkpoint where there is one.

    All epochs of the trainer are run: nothing stops early and no epoch is chosen, because neither network's loss says
    how good the pictures are. Of the trainer, `loss`, `early_stopping`, `select`, `minibatches_per_step` and
    `num_threads` (which the caller sets) are not looked at; nor is there a scheduler or an augmentation.

    Args:
        train: The cases to fit: pictures; if they have several labels, the network must not be conditional.
        architecture: `_target_` and all arguments of `models.dcgan.DCGAN`.
        optimizer: The node of the config; each of the two networks has an optimizer of its own.
        trainer: Epochs, batch size, precision, clipping, sampling, and epochs between two sample sheets.
        seed: The run's.
        checkpoint: Where the training's state is kept.
        on_epoch: Is given the number of each epoch, from 1, and its metrics.
        on_samples: Is given the number of the epoch, pictures of fixed noise, 8 of each class, and their classes.

    Returns:
        The generator of the last epoch, not yet written.

    Raises:
        ConfigError: If the configuration does not fit the machine, the data, or adversarial training.
        DataError: If there is nothing to be learnt.
        ArtifactCorruptError: If the checkpoint is damaged.
        TrainingError: If a loss or gradient is not a finite number.
    """
    _check(trainer)
    if train.targets.ndim > 1:
        # Cases with several labels are of one class to a generator that is not conditional.
        train = replace(train, targets=torch.zeros(len(train), dtype=torch.int64))
    reseed_network(seed, INITIAL)
    network = cast("DCGAN", build_network(architecture, Modality.IMAGE, None))
    # Stored pictures have their channels last; a copy is saved, and convolutions take a tenth less time.
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    if trainer.precision == "64-true":
        network.double()
    state = AdversarialState(network, lambda parameters: instantiate(optimizer, "optimizer", params=parameters))
    if (saved := checkpoint.load()) is not None:
        state.load_state_dict(saved)
        log_again(state.history, on_epoch)
        logger.info("resumed after epoch %d of %d", state.num_epochs, trainer.num_epochs)
    if state.num_epochs < trainer.num_epochs:
        sheet = SampleSheet.of(train, architecture, seed)
        _run(state, train, sheet, trainer, seed, checkpoint, on_epoch, on_samples)
    warnings = health_warnings(state.history)
    for warning in warnings:
        logger.warning("%s", warning)
    num_epochs = state.num_epochs
    return GeneratorFit(network, num_epochs, num_epochs, tuple(state.history), warnings)


@dataclass(frozen=True)
class SampleSheet:
    """Pictures of the same noise after every epoch, and what their diversity is measured by."""

    noise: Tensor
    """Shape (cases, latent)."""
    classes: NDArray[np.int64]
    """Shape (cases,): each class in turn."""
    is_conditional: bool
    real_spread: float
    """Of as many real pictures of each class, or of all that there are."""

    @classmethod
    def of(cls, train: Cases, architecture: Mapping[str, Any], seed: int) -> SampleSheet:
        """Draw noise and real pictures from the seed.

        Args:
            train: The cases to fit.
            architecture: Of the network.
            seed: The run's.

        Returns:
            The sheet.

        Raises:
            DataError: If the real pictures are all alike.
        """
        assert train.inputs is not None, "the cases are pictures"
        is_conditional = bool(architecture["conditional"])
        classes = np.repeat(np.arange(architecture["num_classes"]), SHEET_CASES)
        numbers = generator(seed, INITIAL, Stream.NOISE)
        noise = torch.randn(len(classes), architecture["latent_size"], generator=numbers)
        order, targets = torch.randperm(len(train), generator=numbers).numpy(), train.targets.numpy()
        rows = np.concatenate([order[targets[order] == each][:SHEET_CASES] for each in np.unique(targets)])
        groups = targets[rows] * is_conditional
        return cls(noise, classes, is_conditional, real_spread(train.inputs.select(rows).gathered(), groups))

    def diversity(self, images: NDArray[np.uint8]) -> float:
        """Return how varied the sheet's pictures are, in units of the real ones' diversity."""
        return spread(images, self.classes * self.is_conditional) / self.real_spread


def _run(
    state: AdversarialState,
    train: Cases,
    sheet: SampleSheet,
    trainer: Trainer,
    seed: int,
    checkpoint: Checkpoint,
    on_epoch: Callable[[int, Mapping[str, float]], None],
    on_samples: Callable[[int, Inputs, NDArray[np.int64]], None],
) -> None:
    batches = IndexBatches(
        len(train),
        cases_per_batch(trainer, len(train)),
        1,
        seed=seed,
        epoch=lambda: state.num_epochs + 1,
        weights=case_weights(trainer, train.targets),
    )

    def finish_epoch(metrics: Mapping[str, float]) -> None:
        images = images_of(state.network, sheet.noise, torch.from_numpy(sheet.classes))
        metrics = {**metrics, DIVERSITY: sheet.diversity(images)}
        state.history.append(metrics)
        epoch = state.num_epochs
        for warning in new_warnings(state.history):
            logger.warning("epoch %d: %s", epoch, warning)
        on_epoch(epoch, metrics)
        if epoch % trainer.samples_every == 0 or epoch == trainer.num_epochs:
            channels = () if train.inputs is None else train.inputs.channels
            on_samples(epoch, Inputs.of_rows(Modality.IMAGE, images, channels=channels), sheet.classes)
        checkpoint.save(state.state_dict)
        progress.finish_epoch(epoch, metrics)

    logger.info("fitting a generator and its discriminator on %d pictures", len(train))
    with Progress(trainer.num_epochs, len(batches.sizes), num_done=state.num_epochs) as progress:
        module = Adversary(
            state,
            train=train,
            batches=batches,
            trainer=trainer,
            seed=seed,
            advance=progress.advance,
            finish_epoch=finish_epoch,
        )
        run_epochs(module, trainer.num_epochs - state.num_epochs, trainer, checkpoint)


def _check(trainer: Trainer) -> None:
    check_trainer(trainer)
    for key, off in (("accumulate_batches", 1), ("compile", False), ("l1_penalty", 0), ("l2_penalty", 0)):
        if getattr(trainer, key) != off:
            raise ConfigError(f"trainer.{key}: adversarial training does without; set it to {off}")
