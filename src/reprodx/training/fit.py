"""The entry to training: prepared cases and a configuration in, the folder `models/` out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import nn

from reprodx.artifacts.prepared import INPUT_FILES
from reprodx.config.targets import TARGET, resolve_class
from reprodx.hashing import sha256_of_code, sha256_of_json
from reprodx.schemas import TRAIN, VAL
from reprodx.training.architecture import check_fits, scaling_of, takes_summary
from reprodx.training.cases import cases_of
from reprodx.training.checkpoint import Checkpoint
from reprodx.training.determinism import reproducible
from reprodx.training.model_folder import save_model
from reprodx.training.scorer import Interface

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from reprodx.artifacts.prepared import PreparedCases
    from reprodx.config import Config
    from reprodx.training.cases import Cases
    from reprodx.training.fitted import FitSummary

CODE = ("models", "training", "augmentation", "inputs")
"""The packages whose source decides how a training goes."""
SETTINGS = ("model", "optimizer", "scheduler", "augmentation", "trainer", "seed")
"""The sections of the configuration that do."""


def fit(
    prepared: PreparedCases,
    config: Config,
    *,
    models_folder: Path,
    checkpoint_folder: Path,
    on_epoch: Callable[[int, Mapping[str, float]], None],
) -> FitSummary:
    """Fit the configured model on the training cases and write it; test cases are not looked at.

    Args:
        prepared: The cases.
        config: Model, optimizer, scheduler, augmentation, trainer and seed.
        models_folder: Is replaced by the fitted model; see `load_scorer`.
        checkpoint_folder: Of this training alone: a training that was killed goes on from here. Is removed in the end.
        on_epoch: Is given the number of each epoch or boosting iteration, from 1, and its metrics.

    Returns:
        How the fit went.

    Raises:
        ConfigError: If the configuration does not fit the machine, the data, or itself.
        DataError: If a split or a class has no cases to fit.
        ArtifactCorruptError: If the checkpoint is damaged.
        TrainingError: If the loss is not a finite number.
    """
    check_fits(config.model, prepared.modality)
    is_summed_up = takes_summary(config.model, prepared.modality)
    train, val = (cases_of(prepared, split, takes_summary=is_summed_up) for split in (TRAIN, VAL))
    checkpoint = Checkpoint(checkpoint_folder, _identity(prepared, train, val, config))
    with reproducible(config.trainer.num_threads):
        if issubclass(resolve_class(config.model[TARGET], "model"), nn.Module):
            # Lightning takes seconds to import, and an estimator does without.
            from reprodx.training.network_fit import fit_network

            fitted = fit_network(train, val, config, prepared=prepared, checkpoint=checkpoint, on_epoch=on_epoch)
        else:
            from reprodx.training.estimator_fit import fit_estimator

            fitted = fit_estimator(train, val, config, task=prepared.task, on_epoch=on_epoch)
    save_model(models_folder, fitted, _interface(prepared, config, is_summed_up=is_summed_up))
    checkpoint.remove()
    return fitted.summary


def _interface(prepared: PreparedCases, config: Config, *, is_summed_up: bool) -> Interface:
    return Interface(
        task=prepared.task,
        modality=prepared.modality,
        classes=prepared.classes,
        feature_names=prepared.summary_names if is_summed_up else prepared.feature_names,
        takes_summary=is_summed_up,
        scaling=scaling_of(config.model, prepared),
    )


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
