"""The entry to training: prepared cases and a configuration in, the folder `models/` out."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from torch import nn

from reprodx.artifacts.prepared import INPUT_FILES
from reprodx.config.targets import TARGET, is_generator, resolve_class
from reprodx.errors import ConfigError
from reprodx.hashing import sha256_of_code, sha256_of_json
from reprodx.inputs import Modality
from reprodx.portability import is_portable
from reprodx.schemas import TRAIN, VAL
from reprodx.training.architecture import check_fits, scaling_of, takes_all_terms, takes_summary
from reprodx.training.cases import cases_of
from reprodx.training.checkpoint import Checkpoint
from reprodx.training.determinism import reproducible
from reprodx.training.finished_training import CODE
from reprodx.training.model_folder import save_model
from reprodx.training.scorer import Interface

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from reprodx.artifacts.prepared import PreparedCases
    from reprodx.config import Config
    from reprodx.inputs import Inputs
    from reprodx.training.cases import Cases
    from reprodx.training.fitted import FitSummary, FittedModel

logger = logging.getLogger(__name__)

SETTINGS = ("model", "optimizer", "scheduler", "augmentation", "trainer", "seed")
"""The sections of the configuration that do."""


def fit(
    prepared: PreparedCases,
    config: Config,
    *,
    models_folder: Path,
    checkpoint_folder: Path,
    on_epoch: Callable[[int, Mapping[str, float]], None],
    on_samples: Callable[[int, Inputs, NDArray[np.int64]], None],
) -> FitSummary:
    """Fit the configured model on the training cases and write it; test cases are not looked at.

    Args:
        prepared: The cases.
        config: Model, optimizer, scheduler, augmentation, trainer and seed.
        models_folder: Is replaced by the fitted model; see `load_scorer`.
        checkpoint_folder: Of this training alone: a training that was killed goes on from here. To be removed
            when the model is noted somewhere: until then it is what repeats the end of the training at once.
        on_epoch: Is given the number of each epoch or boosting iteration, from 1, and its metrics.
        on_samples: Is given the number of some epochs of a generator, cases that it made then, and their classes.

    Returns:
        How the fit went.

    Raises:
        ConfigError: If the configuration does not fit the machine, the data, or itself.
        DataError: If a split or a class has no cases to fit.
        ArtifactCorruptError: If the checkpoint is damaged.
        TrainingError: If the loss is not a finite number.
    """
    check_fits(config.model, prepared.modality)
    interface = _interface(prepared, config)
    train, val = (
        cases_of(
            prepared,
            split,
            takes_summary=interface.takes_summary,
            takes_all_terms=interface.takes_all_terms,
        )
        for split in (TRAIN, VAL)
    )
    checkpoint = Checkpoint(checkpoint_folder, _identity(prepared, train, val, config))
    if is_portable() and prepared.modality != Modality.TABLE:
        logger.info(
            "portable: computing what every x86-64 processor with AVX2 does, in 1.5 to 3 times the time of this one's "
            "own code; trainer.portable=false leaves it"
        )
    with reproducible(config.trainer.num_threads):
        # Lightning takes seconds to import, and an estimator does without.
        if is_generator(config.model):
            from reprodx.training.generation.fitted_generator import save_generator
            from reprodx.training.generation.generator_fit import fit_generator

            generator, architecture = fit_generator(
                train, val, config, prepared=prepared, checkpoint=checkpoint, on_epoch=on_epoch, on_samples=on_samples
            )
            summary = generator.summary
            save_generator(models_folder, generator, architecture, prepared)
        else:
            fitted = _fit_classifier(train, val, config, prepared, checkpoint, on_epoch)
            summary = fitted.summary
            save_model(models_folder, fitted, interface)
    return summary


def _fit_classifier(
    train: Cases,
    val: Cases,
    config: Config,
    prepared: PreparedCases,
    checkpoint: Checkpoint,
    on_epoch: Callable[[int, Mapping[str, float]], None],
) -> FittedModel:
    if train.terms is not None:
        from reprodx.training.terms_fit import fit_terms

        return fit_terms(train, val, config, prepared=prepared, on_epoch=on_epoch)
    if issubclass(resolve_class(config.model[TARGET], "model"), nn.Module):
        from reprodx.training.network_fit import fit_network

        return fit_network(train, val, config, prepared=prepared, checkpoint=checkpoint, on_epoch=on_epoch)
    from reprodx.training.estimator_fit import fit_estimator

    _refuse_generated_cases(config)
    return fit_estimator(train, val, config, task=prepared.task, on_epoch=on_epoch)


def _refuse_generated_cases(config: Config) -> None:
    """Refuse what an estimator would pass over: other augmentations change batches, which it has none of."""
    target = config.augmentation[TARGET]
    if target is not None and getattr(resolve_class(target, "augmentation"), "adds_cases", False):
        raise ConfigError(
            f"augmentation={config.augmentation['name']}: model={config.model['name']} is given summary features, "
            "which are not generated; choose a network, or augmentation=none"
        )


def _interface(prepared: PreparedCases, config: Config) -> Interface:
    interface = Interface(
        task=prepared.task,
        modality=prepared.modality,
        classes=prepared.classes,
        feature_names=(),
        takes_summary=takes_summary(config.model, prepared.modality),
        scaling=scaling_of(config.model, prepared),
        takes_all_terms=takes_all_terms(config.model, prepared.modality),
    )
    return replace(interface, feature_names=interface.names_taken(prepared.feature_names, prepared.summary_names))


def _identity(prepared: PreparedCases, train: Cases, val: Cases, config: Config) -> str:
    inputs = None if train.inputs is None else prepared.manifest["files"][INPUT_FILES[prepared.modality]]
    settings = config.as_dict()
    return sha256_of_json(
        {
            "settings": {key: settings[key] for key in SETTINGS},
            "cases": [train.sha256(), val.sha256(), inputs],
            "code": sha256_of_code(*CODE),
        }
    )
