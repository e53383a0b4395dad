"""Fitting a generator, of pictures or of texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reprodx.config.targets import TARGET
from reprodx.errors import ConfigError
from reprodx.inputs import Modality
from reprodx.schemas import Task
from reprodx.training.architecture import architecture_of
from reprodx.training.generation.gan_fit import fit_gan
from reprodx.training.generation.text_fit import fit_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy as np
    from numpy.typing import NDArray

    from reprodx.artifacts.prepared import PreparedCases
    from reprodx.config import Config
    from reprodx.inputs import Inputs
    from reprodx.training.cases import Cases
    from reprodx.training.checkpoint import Checkpoint
    from reprodx.training.generation.fitted_generator import GeneratorFit


def fit_generator(
    train: Cases,
    val: Cases,
    config: Config,
    *,
    prepared: PreparedCases,
    checkpoint: Checkpoint,
    on_epoch: Callable[[int, Mapping[str, float]], None],
    on_samples: Callable[[int, Inputs, NDArray[np.int64]], None],
) -> tuple[GeneratorFit, dict[str, Any]]:
    """Fit a generator, going on from a checkpoint where there is one.

    Args:
        train: The cases to fit.
        val: The cases by which the epoch of a text generator is chosen; a GAN does not see them.
        config: Model, optimizer, scheduler, trainer and seed.
        prepared: What both were taken from: it knows task, classes and sizes.
        checkpoint: Where the training's state is kept.
        on_epoch: Is given the number of each epoch, from 1, and its metrics.
        on_samples: Is given the number of some epochs, cases that were generated after it, and their classes.

    Returns:
        The generator, not yet written, and its architecture.

    Raises:
        ConfigError: If the configuration does not fit the machine, the data, or itself.
        ArtifactCorruptError: If the checkpoint is damaged.
        TrainingError: If a loss is not a finite number.
    """
    _check(config, prepared)
    architecture = generator_architecture(config.model, prepared)
    if prepared.modality == Modality.IMAGE:
        fit = fit_gan(
            train,
            architecture,
            config.optimizer,
            config.trainer,
            config.seed,
            checkpoint=checkpoint,
            on_epoch=on_epoch,
            on_samples=on_samples,
        )
    else:
        fit = fit_text(
            train,
            val,
            architecture,
            config.optimizer,
            config.scheduler,
            config.trainer,
            config.seed,
            checkpoint=checkpoint,
            on_epoch=on_epoch,
            on_samples=on_samples,
        )
    return fit, architecture


def generator_architecture(model: Mapping[str, Any], prepared: PreparedCases) -> dict[str, Any]:
    """Return all arguments of a generator's constructor: those of the config, and those that the data decide.

    Args:
        model: The section of the config, or settings like it with a `_target_`.
        prepared: The cases.

    Returns:
        A node with `_target_` and every argument that the constructor names.
    """
    num_classes = 1 if prepared.task == Task.MULTILABEL else len(prepared.classes)
    return architecture_of(model, prepared, num_outputs=num_classes, seed=0)


def _check(config: Config, prepared: PreparedCases) -> None:
    name = config.model["name"]
    if config.augmentation.get(TARGET) is not None:
        raise ConfigError(
            f"augmentation={config.augmentation['name']}: model={name} learns cases as they are; use none"
        )
    if prepared.task == Task.MULTILABEL and config.model.get("conditional"):
        raise ConfigError("model.conditional: these cases may have several labels; set it to false")
    if config.scheduler.get(TARGET) is not None and prepared.modality == Modality.IMAGE:
        raise ConfigError(f"scheduler={config.scheduler['name']}: model={name} trains at one learning rate; use none")
