"""Where runs are kept: the database beside the project, or a server."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from reprodx.errors import TrackingError
from reprodx.redaction import is_ambiguous, without_secrets
from reprodx.tracking.connection import (
    HTTP_SCHEMES,
    connect,
    import_mlflow,
    one_line,
    probe,
    store_errors,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflow import MlflowClient
    from mlflow.entities import Experiment

    from reprodx.config import Tracking

DATABASE, ARTIFACTS = "mlflow.db", "mlruns"
"""MLflow's own default names, so that `mlflow ui` in the project's root needs no flags."""
SQLITE = "sqlite:///"
LOCK_SECONDS = 120
"""How long one process may wait for another that creates the database; creation takes about 2 seconds."""
SERVED = (*HTTP_SCHEMES, "databricks")
"""Stores that decide by themselves where artifacts lie."""


@dataclass(frozen=True)
class Store:
    """An open tracking store."""

    uri: str
    client: MlflowClient
    home: Path
    """The root of the original repository."""
    artifacts: Path | None
    """The folder of all experiments' artifacts; None where a server decides."""

    def __str__(self) -> str:
        """Return the address as a person may read it."""
        return readable(self.uri)

    def experiment_id(self, name: str) -> str:
        """Return the id of an experiment, which is created if nobody did.

        Args:
            name: Of the experiment.

        Returns:
            MLflow's id.

        Raises:
            TrackingError: If the store refuses, or the experiment lies in its bin.
        """
        with self.refusing(f"opening experiment {name!r}"):
            experiment = self.client.get_experiment_by_name(name) or self._create_experiment(name)
        if experiment.lifecycle_stage != "active":
            raise TrackingError(
                f"tracking store {self}: experiment {name!r} is deleted; restore it with "
                f"`mlflow experiments restore --experiment-id {experiment.experiment_id}`"
            )
        return str(experiment.experiment_id)

    @contextmanager
    def refusing(self, action: str) -> Iterator[None]:
        """Turn what the store raises in the block into one line.

        Args:
            action: What is tried, for the message.

        Raises:
            TrackingError: If the store refuses or is absent.
        """
        try:
            yield
        except store_errors() as error:
            raise _refusal(self.uri, action, error) from error

    def _create_experiment(self, name: str) -> Experiment:
        from mlflow.exceptions import MlflowException

        location = None if self.artifacts is None else str(self.artifacts / quote(name, safe=" "))
        try:
            self.client.create_experiment(name, artifact_location=location)
        except MlflowException as error:
            # A parallel trial was quicker.
            if error.error_code != "RESOURCE_ALREADY_EXISTS":
                raise
        return self.client.get_experiment_by_name(name)


def open_store(tracking: Tracking, home: Path) -> Store | None:
    """Return the store that the configuration names, checked and ready for parallel runs.

    Args:
        tracking: Its `uri` is an address, or null for `MLFLOW_TRACKING_URI`, or else a database in `home`.
        home: The root of the original repository, also where a run works in a copy of it.

    Returns:
        The store, or None where `tracking.name` is `none`.

    Raises:
        TrackingError: If the address can be read in two ways, no server answers within `tracking.probe_seconds`, or
            the store refuses.
    """
    if tracking.name == "none":
        return None
    uri = store_uri(tracking.uri, home)
    if is_ambiguous(uri):
        raise TrackingError(
            f"tracking store {readable(uri)}: @, /, ? or # in a user or password are to be written "
            "as %40, %2F, %3F, %23"
        )
    probe(uri, tracking.probe_seconds)
    import_mlflow()
    try:
        client = _sqlite_client(uri) if uri.startswith(SQLITE) else connect(uri)
        client.search_experiments(max_results=1)
    except store_errors() as error:
        raise _refusal(uri, "opening", error) from error
    return Store(uri, client, home.resolve(), _artifacts(uri, home.resolve()))


def exists(tracking: Tracking, home: Path) -> bool:
    """Tell whether a store is there already: a server is, a database once a run was tracked in it."""
    uri = store_uri(tracking.uri, home)
    return not uri.startswith(SQLITE) or Path(uri.removeprefix(SQLITE)).is_file()


def store_uri(configured: str | None, home: Path) -> str:
    """Return the address of the store; a relative SQLite path counts from `home`.

    >>> store_uri("sqlite:///mlflow.db", Path("/project"))
    'sqlite:////project/mlflow.db'
    """
    uri = configured or os.environ.get("MLFLOW_TRACKING_URI") or f"{SQLITE}{DATABASE}"
    return f"{SQLITE}{home.resolve() / uri.removeprefix(SQLITE)}" if uri.startswith(SQLITE) else uri


def readable(uri: str) -> str:
    """Return an address without passwords, a database as a path from here.

    >>> readable("https://ann:secret@host:5000")
    'https://***@host:5000'
    """
    return os.path.relpath(uri.removeprefix(SQLITE)) if uri.startswith(SQLITE) else without_secrets(uri)


def _refusal(uri: str, action: str, error: Exception) -> TrackingError:
    return TrackingError(
        f"tracking store {readable(uri)}: {action} failed ({one_line(error)}); mend it, or run with tracking=none"
    )


def _sqlite_client(uri: str) -> MlflowClient:
    """Create the database under a lock: two processes that create it at once leave it broken for good."""
    from filelock import FileLock, Timeout

    database = Path(uri.removeprefix(SQLITE))
    database.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(f"{database}.lock", timeout=LOCK_SECONDS):
            client = connect(uri)
            with closing(sqlite3.connect(database)) as connection:
                # Readers such as `mlflow ui` then never block a run that writes.
                connection.execute("PRAGMA journal_mode=WAL")
    except Timeout as error:
        raise TrackingError(
            f"{readable(uri)} is being created by another process for {LOCK_SECONDS} s: wait for it, or end it"
        ) from error
    return client


def _artifacts(uri: str, home: Path) -> Path | None:
    if uri.startswith(SQLITE):
        return Path(uri.removeprefix(SQLITE)).parent / ARTIFACTS
    return None if uri.startswith(SERVED) else home / ARTIFACTS
