"""A project that was moved or copied: its database finds the files that moved with it.

MLflow makes every path absolute that it keeps, so a moved project's runs would be looked for where it was, and those of
a copy be written to the original.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    import sqlite3

logger = logging.getLogger(__name__)

ARTIFACTS = "mlruns"
"""The folder of all experiments' files, beside the database; MLflow's own default name."""
COLUMNS = (
    ("experiments", "artifact_location"),
    ("runs", "artifact_uri"),
    ("logged_models", "artifact_location"),
    ("model_versions", "source"),
    ("model_versions", "storage_location"),
)
"""Where paths of files are kept."""


def location_of(experiment: str, folder: Path) -> Path:
    """Return where the files of an experiment lie.

    Args:
        experiment: Its name.
        folder: That of all experiments' files.

    Returns:
        A folder that is named like the experiment.
    """
    return folder / quote(experiment, safe=" ")


def follow(connection: sqlite3.Connection, database: Path) -> None:
    """Rewrite paths to where the project was, where its files are beside its database and that one is no more there.

    Args:
        connection: To the database.
        database: The file, as an absolute path.
    """
    here = database.parent / ARTIFACTS
    rows = connection.execute("SELECT name, artifact_location FROM experiments").fetchall()
    left = {Path(place).parent for name, place in rows if place and _has_moved(name, Path(place), database)}
    for before in sorted(left):
        for table, column in COLUMNS:
            connection.execute(
                f"UPDATE {table} SET {column} = ? || substr({column}, ?) WHERE substr({column}, 1, ?) = ?",  # noqa: S608 - our own names
                (str(here), len(str(before)) + 1, len(str(before)) + 1, f"{before}/"),
            )
        logger.info("tracking: this project was moved or copied; its runs' files are found in %s now", ARTIFACTS)
    connection.commit()


def _has_moved(experiment: str, place: Path, database: Path) -> bool:
    """Tell whether an experiment's files are beside this database, and it says that they were beside another."""
    here = location_of(experiment, database.parent / ARTIFACTS)
    if place.parent.name != ARTIFACTS or place.name != here.name or place == here or not here.is_dir():
        return False
    other = place.parent.parent / database.name
    # One folder may have two names, by a link or a mount.
    return not (other.exists() and other.samefile(database))
