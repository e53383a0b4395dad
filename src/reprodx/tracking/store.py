"""Where runs are kept: the database beside the project, or a server."""

from __future__ import annotations

import os
import re
import uuid
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from reprodx.errors import ConfigError, TrackingError
from reprodx.hashing import sha256_of_json
from reprodx.redaction import is_ambiguous, without_secrets
from reprodx.tracking.connection import (
    answer_errors,
    connect,
    import_mlflow,
    one_line,
    probe,
    tried_once,
)
from reprodx.tracking.database import ensure
from reprodx.tracking.moved_project import location_of
from reprodx.tracking.names import KEY
from reprodx.tracking.pending import deliver_left, say_left
from reprodx.tracking.spool import Spool
from reprodx.tracking.store_address import SERVED, artifacts_of, database_of, readable, store_uri

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mlflow import MlflowClient
    from mlflow.entities import Experiment

    from reprodx.config import Tracking
    from reprodx.tracking.pending import Left

SPOOL = Path(".cache/tracking/spool")
"""Where runs wait for their store, below the root of the original repository."""
LEFT_SECONDS = 10.0
"""How long a command delivers what earlier ones left, before it begins."""
LOCAL_SCHEMES = ("", "file")
"""Of addresses of artifacts on this machine."""
OTHER_SCHEMA = re.compile(r"out-of-date database schema \(found version (?P<version>\w+)")
"""What MLflow says of tables that are not its own, older or newer."""


@dataclass(frozen=True)
class Store:
    """An open tracking store."""

    uri: str
    client: MlflowClient
    home: Path
    """The root of the original repository."""
    artifacts: Path | None
    """The folder of all experiments' artifacts; None where a server decides."""

    _places: dict[str, bool] = field(default_factory=dict, repr=False, compare=False)
    """Whether what is logged stays on this machine, by experiment."""

    def __str__(self) -> str:
        """Return the address as a person may read it."""
        return readable(self.uri)

    @property
    def is_served(self) -> bool:
        """Whether a server is between."""
        return self.uri.startswith(SERVED)

    @property
    def fingerprint(self) -> str:
        """What the store is known by on this machine: no password, and for a database here no place."""
        database = database_of(self.uri)
        address = without_secrets(self.uri) if database is None else os.path.relpath(database, self.home)
        return sha256_of_json(address)[:16]

    def spool(self, run_id: str) -> Spool:
        """Open what waits of a run, or an empty place for it.

        Args:
            run_id: MLflow's id.

        Returns:
            The spool, which is this process's alone.

        Raises:
            TrackingError: If another process writes the run.
        """
        return Spool(self.home / SPOOL, run_id, self.fingerprint, str(self))

    def deliver_left(self, seconds: float | None = None, only: str | None = None) -> list[Left]:
        """Deliver what earlier commands left for this store, see `pending.deliver_left`."""
        return deliver_left(
            self.client, self.home / SPOOL, self.fingerprint, is_served=self.is_served, seconds=seconds, only=only
        )

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

    def create_run(self, experiment: str, name: str, tags: Mapping[str, str], key: str | None = None) -> str:
        """Create a run, once: where an answer is lost, it is looked for by a key of ours.

        Args:
            experiment: Its experiment, which is created if nobody did.
            name: How the UI lists it.
            tags: Further tags.
            key: By which it may be looked for later; a new one by default.

        Returns:
            MLflow's id.

        Raises:
            TrackingError: If the store refuses or is absent.
        """
        experiment_id, key = self.experiment_id(experiment), key or uuid.uuid4().hex
        with self.refusing("starting a run"):
            try:
                with tried_once():
                    created = self.client.create_run(experiment_id, tags={**tags, KEY: key}, run_name=name)
                return str(created.info.run_id)
            except answer_errors():
                if (found := self.find_by_key(experiment_id, key)) is None:
                    raise
                return found

    def find_by_key(self, experiment_id: str, key: str) -> str | None:
        """Return the id of the run that was created with a key, None where there is none."""
        found = self.client.search_runs([experiment_id], f"tags.`{KEY}` = '{key}'", max_results=1)
        return found[0].info.run_id if found else None

    def stays_here(self, experiment: str) -> bool:
        """Tell whether all that is logged of an experiment stays on this machine.

        Args:
            experiment: Its name; one that does not exist yet will keep its artifacts where the store does.

        Returns:
            False of a server, and of a database whose experiment keeps its artifacts elsewhere.

        Raises:
            TrackingError: If the store refuses.
        """
        if database_of(self.uri) is None:
            return False
        # Asked once: a store that fails later must not end a run.
        if experiment not in self._places:
            with self.refusing(f"looking up experiment {experiment!r}"):
                found = self.client.get_experiment_by_name(experiment)
            self._places[experiment] = found is None or urlsplit(found.artifact_location).scheme in LOCAL_SCHEMES
        return self._places[experiment]

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
        except ConfigError:
            # A `ValueError` too, but of what a person asked for.
            raise
        except answer_errors() as error:
            raise _refusal(self.uri, action, error) from error

    def _create_experiment(self, name: str) -> Experiment:
        from mlflow.exceptions import MlflowException

        location = None if self.artifacts is None else str(location_of(name, self.artifacts))
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
        if (database := database_of(uri)) is not None:
            ensure(database)
        client = connect(uri)
        client.search_experiments(max_results=1)
    except TrackingError:
        raise
    except answer_errors() as error:
        raise _refusal(uri, "opening", error) from error
    store = Store(uri, client, home.resolve(), artifacts_of(uri, home.resolve()))
    say_left(store.deliver_left(LEFT_SECONDS))
    return store


def _refusal(uri: str, action: str, error: Exception) -> TrackingError:
    if (found := OTHER_SCHEMA.search(str(error))) and not _is_known(found["version"]):
        return TrackingError(
            f"tracking store {readable(uri)} was made or upgraded by a newer MLflow, which this one cannot read: use "
            "that MLflow, or the database as it was before; or run with tracking=none"
        )
    return TrackingError(
        f"tracking store {readable(uri)}: {action} failed ({one_line(error)}); mend it, or run with tracking=none"
    )


def _is_known(version: str) -> bool:
    """Tell whether this MLflow has had the tables of a version, and so can upgrade them."""
    from mlflow.store import db_migrations

    folders = (Path(place, "versions") for place in db_migrations.__path__)
    return any(file.name.startswith(f"{version}_") for folder in folders for file in folder.iterdir())
