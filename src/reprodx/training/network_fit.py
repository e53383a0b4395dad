"""Fitting a network."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from torch import nn

from reprodx.augmentation.generated_images import GeneratedImages
from reprodx.config import instantiate
from reprodx.config.targets import accepted
from reprodx.errors import ConfigError
from reprodx.training.architecture import (
    architecture_of,
    build_network,
    check_augmentation_fits,
    num_parameters,
    scaling_of,
    takes_summary,
)
from reprodx.training.checkpoint import log_again
from reprodx.training.configured_loss import configured_loss
from reprodx.training.determinism import INITIAL, reseed_network
from reprodx.training.epochs import FULL_PRECISION, check_trainer, run_epochs
from reprodx.training.fitted import FitSummary, FittedModel
from reprodx.training.index_batches import IndexBatches, case_weights, cases_per_batch, group_size
from reprodx.training.links import num_outputs
from reprodx.training.model_folder import write_weights
from reprodx.training.module import NetworkTraining
from reprodx.training.progress import Progress
from reprodx.training.state import TrainingState, weights_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from reprodx.artifacts.prepared import PreparedCases
    from reprodx.config import Config
    from reprodx.training.cases import Cases
    from reprodx.training.checkpoint import Checkpoint
    from reprodx.training.fitted import GeneratedSummary
    from reprodx.training.losses import ClassificationLoss

logger = logging.getLogger(__name__)


def fit_network(
    train: Cases,
    val: Cases,
    config: Config,
    *,
    prepared: PreparedCases,
    checkpoint: Checkpoint,
    on_epoch: Callable[[int, Mapping[str, float]], None],
) -> FittedModel:
    """Fit a network, going on from a checkpoint where there is one.

    Args:
        train: The cases to fit.
        val: The cases that choose the epoch.
        config: Model, optimizer, scheduler, augmentation, trainer and seed.
        prepared: What both were taken from: it knows task, classes and sizes.
        checkpoint: Where the training's state is kept.
        on_epoch: Is given the number of each epoch, from 1, and its metrics.

    Returns:
        The model, not yet written.

    Raises:
        ConfigError: If the configuration does not fit the machine, the data, or itself.
        ArtifactCorruptError: If the checkpoint is damaged.
        TrainingError: If the loss is not a finite number.
        MemorisationError: If generated pictures are to be added and their generator copies its training cases.
    """
    check_trainer(config.trainer)
    augmentation = _augmentation(config, prepared)
    train, generated = _with_generated(train, prepared, augmentation, config, on_epoch)
    loss = configured_loss(config, prepared, train)
    outputs = num_outputs(loss.link, len(prepared.classes))
    architecture = architecture_of(config.model, prepared, num_outputs=outputs, seed=config.seed)
    state = _initial_state(config, prepared, architecture)
    if (saved := checkpoint.load()) is not None:
        state.load_state_dict(saved)
        log_again(state.history, on_epoch)
        logger.info("resumed after epoch %d of %d", state.num_epochs, config.trainer.num_epochs)
    if state.num_epochs < config.trainer.num_epochs and not state.has_stopped:
        _run(state, train, val, config, prepared, loss, augmentation, checkpoint, on_epoch)
    logger.info(
        "ran %d of %d epochs, chose epoch %d (%s %.4g)",
        *(state.num_epochs, config.trainer.num_epochs, state.best.epoch, state.best.monitor, state.best.value),
    )
    return FittedModel(
        summary=FitSummary(
            state.best.epoch, state.num_epochs, num_parameters(state.network), state.best_metrics, generated
        ),
        architecture=architecture,
        link=loss.link,
        write=lambda folder: write_weights(folder, best=state.best_weights, last=weights_of(state.network)),
    )


def _augmentation(config: Config, prepared: PreparedCases) -> Any:
    given = accepted(config.augmentation, {"num_classes": len(prepared.classes)}, "augmentation")
    augmentation = instantiate(config.augmentation, "augmentation", **given)
    is_summed_up = takes_summary(config.model, prepared.modality)
    check_augmentation_fits(augmentation, config.augmentation["name"], prepared.modality, is_summed_up=is_summed_up)
    return augmentation


def _with_generated(
    train: Cases,
    prepared: PreparedCases,
    augmentation: object,
    config: Config,
    on_epoch: Callable[[int, Mapping[str, float]], None],
) -> tuple[Cases, GeneratedSummary | None]:
    if not isinstance(augmentation, GeneratedImages):
        return train, None
    from reprodx.training.generation.generated_cases import with_generated

    return with_generated(train, prepared, augmentation, config, on_epoch=on_epoch)


def _initial_state(config: Config, prepared: PreparedCases, architecture: Mapping[str, Any]) -> TrainingState:
    trainer = config.trainer
    reseed_network(config.seed, INITIAL)
    network = build_network(architecture, prepared.modality, scaling_of(config.model, prepared))
    has_batch_norm = any(isinstance(layer, nn.modules.batchnorm._BatchNorm) for layer in network.modules())
    if trainer.batch_size == 1 and has_batch_norm:
        remedy = "; or set model.batch_norm=false" if "batch_norm" in config.model else ""
        raise ConfigError(f"trainer.batch_size: batch normalisation needs 2 cases or more{remedy}")
    return TrainingState.initial(network, config.optimizer, config.scheduler, trainer)


def _run(
    state: TrainingState,
    train: Cases,
    val: Cases,
    config: Config,
    prepared: PreparedCases,
    loss: ClassificationLoss,
    augmentation: Any,
    checkpoint: Checkpoint,
    on_epoch: Callable[[int, Mapping[str, float]], None],
) -> None:
    trainer = config.trainer
    batches = _batches(state, train, config)

    def finish_epoch(metrics: Mapping[str, float]) -> bool:
        state.finish_epoch(metrics)
        on_epoch(state.num_epochs, metrics)
        checkpoint.save(state.state_dict)
        progress.finish_epoch(state.num_epochs, metrics)
        return state.has_stopped

    logger.info(
        "fitting %s with %d parameters on %d cases, validating on %d",
        *(config.model["name"], num_parameters(state.network), len(train), len(val)),
    )
    with Progress(trainer.num_epochs, len(batches.sizes), num_done=state.num_epochs) as progress:
        module = NetworkTraining(
            state,
            loss,
            augmentation,
            task=prepared.task,
            train=train,
            val=val,
            batches=batches,
            trainer=trainer,
            seed=config.seed,
            advance=progress.advance,
            finish_epoch=finish_epoch,
        )
        run_epochs(module, trainer.num_epochs - state.num_epochs, trainer, checkpoint)


def _batches(state: TrainingState, train: Cases, config: Config) -> IndexBatches:
    trainer = config.trainer
    batch_size = cases_per_batch(trainer, len(train))
    if isinstance(trainer.minibatches_per_step, int):
        size = trainer.minibatches_per_step
    else:
        is_cheap = trainer.precision in FULL_PRECISION and train.inputs is None
        size = group_size(num_parameters(state.network), batch_size) if is_cheap else 1
    return IndexBatches(
        len(train),
        batch_size,
        size,
        seed=config.seed,
        epoch=lambda: state.num_epochs + 1,
        weights=case_weights(trainer, train.targets),
    )
