"""Prepared cases -> fitted model. The test split is never looked at here."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from reprodx.artifacts.locations import checkpoint_folder
from reprodx.artifacts.prepared import read_prepared
from reprodx.config.identity import config_hash
from reprodx.training.fit import fit

if TYPE_CHECKING:
    from reprodx.artifacts.locations import Locations
    from reprodx.config import Config
    from reprodx.tracking.run import Run

logger = logging.getLogger(__name__)


def train(config: Config, locations: Locations, run: Run) -> None:
    """Fit the configured model and leave it in `locations.models`.

    Args:
        config: The validated configuration.
        locations: Where the prepared cases are and the model goes.
        run: The tracked run, which receives a point of each curve per epoch.

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
        on_epoch=run.log_epoch,
    )
    run.log_metrics(summary.as_metrics())
    logger.info(
        "train: kept epoch %d of %d, %d parameters", summary.best_epoch, summary.num_epochs, summary.num_parameters
    )
