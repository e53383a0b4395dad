"""Prepared cases -> fitted model. The test split is never looked at here."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from reprodx.artifacts.locations import checkpoint_folder
from reprodx.artifacts.prepared import read_prepared
from reprodx.artifacts.samples import sheet
from reprodx.artifacts.tokens import text_of
from reprodx.config.identity import config_hash
from reprodx.inputs import Modality
from reprodx.training.fit import fit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy as np
    from numpy.typing import NDArray

    from reprodx.artifacts.locations import Locations
    from reprodx.artifacts.prepared import PreparedCases
    from reprodx.config import Config
    from reprodx.inputs import Inputs
    from reprodx.tracking.run import Run

logger = logging.getLogger(__name__)


def train(
    config: Config,
    locations: Locations,
    run: Run,
    on_epoch: Callable[[int, Mapping[str, float]], None] | None = None,
) -> None:
    """Fit the configured model and leave it in `locations.models`.

    Args:
        config: The validated configuration.
        locations: Where the prepared cases are and the model goes.
        run: The tracked run, which receives a point of each curve per epoch, and a generator's samples now and then.
        on_epoch: Is given the same; its errors end the training.

    Raises:
        ArtifactError: If the prepared cases are absent or damaged.
        TrainingError: If the loss stops being a number.
    """
    prepared = read_prepared(locations.prepared)
    summary = fit(
        prepared,
        config,
        models_folder=locations.models,
        checkpoint_folder=checkpoint_folder(config_hash(config)),
        on_epoch=_epoch_log(run, on_epoch),
        on_samples=_sample_log(run, prepared),
    )
    run.log_metrics(summary.as_metrics())
    logger.info(
        "train: kept epoch %d of %d, %d parameters", summary.best_epoch, summary.num_epochs, summary.num_parameters
    )


def _epoch_log(
    run: Run, on_epoch: Callable[[int, Mapping[str, float]], None] | None
) -> Callable[[int, Mapping[str, float]], None]:
    """Return what logs an epoch and tells it to whoever else asked."""
    if on_epoch is None:
        return run.log_epoch

    def log(epoch: int, metrics: Mapping[str, float]) -> None:
        run.log_epoch(epoch, metrics)
        on_epoch(epoch, metrics)

    return log


def _sample_log(run: Run, prepared: PreparedCases) -> Callable[[int, Inputs, NDArray[np.int64]], None]:
    """Return what logs the samples of an epoch: a sheet of pictures, or texts."""

    def log(epoch: int, samples: Inputs, classes: NDArray[np.int64]) -> None:
        name = f"samples/epoch_{epoch:04d}"
        if samples.modality == Modality.IMAGE:
            run.log_picture(sheet(samples.values, classes, len(prepared.classes)), f"{name}.png")
        else:
            texts = [
                f"[{prepared.classes[of]}] {text_of(prepared.tokens, text)}\n"
                for of, text in zip(classes, samples, strict=True)
            ]
            run.log_text("\n".join(texts), f"{name}.txt")

    return log
