"""Fitting a network that writes texts."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from reprodx.config import instantiate
from reprodx.errors import ConfigError
from reprodx.models.char_rnn import CharRNN
from reprodx.training import live_metrics
from reprodx.training.architecture import num_parameters
from reprodx.training.checkpoint import log_again
from reprodx.training.determinism import INITIAL, reseed_network
from reprodx.training.epochs import check_trainer, run_epochs
from reprodx.training.generation.fitted_generator import GeneratorFit, text_inputs
from reprodx.training.generation.length_batches import LengthBatches
from reprodx.training.generation.next_token import NextTokenTraining
from reprodx.training.generation.text_sampling import sample_texts
from reprodx.training.generation.token_targets import MAX_TOKENS, TokenTargets
from reprodx.training.index_batches import case_weights, cases_per_batch
from reprodx.training.progress import Progress
from reprodx.training.state import TrainingState

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray
    from torch import Tensor

    from reprodx.config import Trainer
    from reprodx.inputs import Inputs
    from reprodx.training.cases import Cases
    from reprodx.training.checkpoint import Checkpoint

NUM_SAMPLES = 8
"""Texts that are written while a network is trained, to see how it comes on."""

logger = logging.getLogger(__name__)


def fit_text(
    train: Cases,
    val: Cases,
    architecture: Mapping[str, Any],
    optimizer: Mapping[str, Any],
    scheduler: Mapping[str, Any],
    trainer: Trainer,
    seed: int,
    *,
    checkpoint: Checkpoint,
    on_epoch: Callable[[int, Mapping[str, float]], None],
    on_samples: Callable[[int, Inputs, NDArray[np.int64]], None],
) -> GeneratorFit:
    """Fit a network to predict each next token, going on from a checkpoint where there is one.

    Args:
        train: The texts to fit.
        val: The texts that choose the epoch.
        architecture: `_target_` of the network and all arguments of its constructor.
        optimizer: The section of the config.
        scheduler: The section of the config.
        trainer: The section of the config.
        seed: The run's.
        checkpoint: Where the training's state is kept.
        on_epoch: Is given the number of each epoch, from 1, and its metrics.
        on_samples: Is given the number of an epoch, texts that were drawn after it, from the same random numbers each
            time, and their classes: every `trainer.samples_every` epochs and after the last.

    Returns:
        The network with the weights of the chosen epoch.

    Raises:
        ConfigError: If the configuration does not fit the machine or texts.
        ArtifactCorruptError: If the checkpoint is damaged.
        TrainingError: If the loss is not a finite number.
    """
    check_trainer(trainer)
    state = _initial_state(architecture, optimizer, scheduler, trainer, seed)
    if (saved := checkpoint.load()) is not None:
        state.load_state_dict(saved)
        log_again(state.history, on_epoch)
        logger.info("resumed after epoch %d of %d", state.num_epochs, trainer.num_epochs)

    def finish_epoch(metrics: Mapping[str, float]) -> bool:
        state.finish_epoch(metrics)
        on_epoch(state.num_epochs, metrics)
        is_last = state.has_stopped or state.num_epochs == trainer.num_epochs
        if is_last or state.num_epochs % trainer.samples_every == 0:
            on_samples(state.num_epochs, *_samples(state, train, architecture["num_classes"], seed))
        checkpoint.save(state.state_dict)
        return state.has_stopped

    if state.num_epochs < trainer.num_epochs and not state.has_stopped:
        _run(state, train, val, trainer, seed, checkpoint, finish_epoch)
    state.network.load_state_dict(state.best_weights)
    return GeneratorFit(state.network.cpu().eval(), state.num_epochs, state.best.epoch, tuple(state.history))


def _initial_state(
    architecture: Mapping[str, Any],
    optimizer: Mapping[str, Any],
    scheduler: Mapping[str, Any],
    trainer: Trainer,
    seed: int,
) -> TrainingState:
    reseed_network(seed, INITIAL)
    state = TrainingState.initial(instantiate(architecture, "model"), optimizer, scheduler, trainer)
    for rule in (state.best, state.early_stopping):
        if rule is not None and rule.monitor != live_metrics.VAL_LOSS:
            raise ConfigError(
                f"{rule.key}.monitor: {rule.monitor} is of a diagnosis; a text generator knows {live_metrics.VAL_LOSS}"
            )
    return state


def _run(
    state: TrainingState,
    train: Cases,
    val: Cases,
    trainer: Trainer,
    seed: int,
    checkpoint: Checkpoint,
    finish_epoch: Callable[[Mapping[str, float]], bool],
) -> None:
    texts, val_texts = (TokenTargets(_texts(cases), _classes(cases)) for cases in (train, val))
    batches = LengthBatches(
        texts.lengths,
        cases_per_batch(trainer, len(train)),
        seed=seed,
        epoch=lambda: state.num_epochs + 1,
        weights=case_weights(trainer, train.targets),
    )

    with Progress(trainer.num_epochs, len(batches), num_done=state.num_epochs) as progress:

        def finish(metrics: Mapping[str, float]) -> bool:
            is_last = finish_epoch(metrics)
            progress.finish_epoch(state.num_epochs, metrics)
            return is_last

        logger.info(
            "fitting %d parameters on %d texts, validating on %d",
            *(num_parameters(state.network), len(train), len(val)),
        )
        module = NextTokenTraining(
            state,
            train=texts,
            val=val_texts,
            batches=batches,
            trainer=trainer,
            seed=seed,
            advance=progress.advance,
            finish_epoch=finish,
        )
        run_epochs(module, trainer.num_epochs - state.num_epochs, trainer, checkpoint)


def _texts(cases: Cases) -> Inputs:
    assert cases.inputs is not None, "a text generator is given texts"
    return cases.inputs


def _classes(cases: Cases) -> Tensor:
    # A network that is not told of classes takes several labels a case as none.
    return cases.targets if cases.targets.ndim == 1 else torch.zeros(len(cases), dtype=torch.int64)


def _samples(state: TrainingState, train: Cases, num_classes: int, seed: int) -> tuple[Inputs, NDArray[np.int64]]:
    classes = np.arange(NUM_SAMPLES) % num_classes
    texts = _texts(train)
    assert isinstance(state.network, CharRNN), "architecture is of a text generator"
    assert texts.lengths is not None, "texts have lengths"
    max_tokens = texts.settings.get(MAX_TOKENS) or int(texts.lengths.max())
    drawn = sample_texts(state.network, classes, seed=seed, temperature=1.0, max_tokens=max_tokens)
    return text_inputs(drawn, max_tokens=max_tokens), classes
