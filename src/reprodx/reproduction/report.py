"""What people read of a recorded run, made from its files when somebody asks for it."""

from __future__ import annotations

import logging
from pathlib import Path

from reprodx import start
from reprodx.config.composition import compose, validate
from reprodx.config.identity import config_hash
from reprodx.ended_run import report_of
from reprodx.errors import ArtifactMissingError, ConfigError
from reprodx.reproduction.opened_run import open_recorded
from reprodx.reproduction.workspace import own_folder
from reprodx.tracking.names import CONFIG_HASH, PARENT
from reprodx.tracking.store_here import open_store_here

logger = logging.getLogger(__name__)


def report(name: str) -> None:
    """Make report, model card, plots, explanations and served model of a run that left its scores alone.

    They are added to the run. A test split that was left closed is opened, which the ledger counts.

    Args:
        name: See `opened_run.open_recorded`.

    Raises:
        ConfigError: If there is no such run, or its settings are not what the code here takes.
        ArtifactError: If its results are not here.
        TrackingError: If the store refuses.
    """
    with own_folder(Path.cwd()) as folder:
        (folder / "run").mkdir()
        run = open_recorded(name, open_store_here, folder / "run")
    plain = {**compose(), **run.config}
    start.ensure(validate(plain, components=()).trainer.portable)
    config = validate(plain)
    if config_hash(config) != run.tags[CONFIG_HASH]:
        raise ConfigError(
            f"{run.in_words}: a file that its settings name has other bytes here than then; "
            f"`reprodx reproduce {name}` says which"
        )
    path = report_of(config, parent_run_id=run.tags.get(PARENT))
    if path is None:
        raise ArtifactMissingError(
            f"{run.in_words}: its results are not here, or are of other code than this; `reprodx reproduce {name} "
            "--into FOLDER` makes them and the report again"
        )
    logger.info("report: %s", path)
