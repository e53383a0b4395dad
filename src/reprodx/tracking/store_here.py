"""The store of the folder that a command stands in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reprodx.artifacts.locations import home
from reprodx.config.composition import compose, validate
from reprodx.config.schema import Tracking
from reprodx.config.yaml_files import CONF
from reprodx.tracking.store import exists, open_store

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
        return open_store(validate(compose(), components=()).tracking, home())
    return open_store(USUAL_STORE, home()) if exists(USUAL_STORE, home()) else None
