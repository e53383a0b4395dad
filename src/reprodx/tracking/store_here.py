"""The store of the folder that a command stands in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reprodx.artifacts.locations import home
from reprodx.config.composition import compose, validate
from reprodx.config.schema import Tracking
from reprodx.config.yaml_files import CONF
from reprodx.tracking.open_runs import end_dead_runs
from reprodx.tracking.store import open_store
from reprodx.tracking.store_address import database_of, store_uri

if TYPE_CHECKING:
    from reprodx.tracking.store import Store

USUAL_STORE = Tracking(name="mlflow", uri=None, probe_seconds=3.0, log_model=False, patient_ids="hashed")


def open_store_here() -> Store | None:
    """Open the store that the configuration here names, or outside of a project the usual one where there is one.

    Returns:
        The store; None where nothing is tracked.

    Raises:
        ConfigError: If the configuration here is not valid.
        TrackingError: If the store refuses.
    """
    if (CONF / "config.yaml").is_file():
        return open_own_store(validate(compose(), components=()).tracking)
    return open_own_store(USUAL_STORE) if _exists(USUAL_STORE) else None


def open_own_store(tracking: Tracking) -> Store | None:
    """Open the store of a configuration for the project here, and end the runs that its dead processes left open.

    Args:
        tracking: The section of the configuration.

    Returns:
        The store; None where nothing is tracked.

    Raises:
        TrackingError: If the store refuses.
    """
    store = open_store(tracking, home())
    if store is not None:
        end_dead_runs(store)
    return store


def _exists(tracking: Tracking) -> bool:
    """Tell whether a store is there already: a server is, a database once a run was tracked in it."""
    database = database_of(store_uri(tracking.uri, home()))
    return database is None or database.is_file()
