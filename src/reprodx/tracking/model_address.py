"""Which run a model comes from, by the address that MLflow gives the model."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reprodx.errors import ConfigError
from reprodx.tracking.names import ABSENT, quoted

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlflow import MlflowClient

    from reprodx.tracking.store import Store

SCHEMES = ("models:/", "runs:/")


def source_run_id(store: Store, address: str) -> str:
    """Return the id of the run that a model comes from.

    Args:
        store: Its registry is asked.
        address: `models:/name/1`, `models:/name/latest`, `models:/name@alias`, `models:/m-...` or `runs:/.../model`.

    Returns:
        MLflow's id of the run.

    Raises:
        ConfigError: If it is no such address, or of no model, or of a model of no run.
        TrackingError: If the store refuses.
    """
    from mlflow.exceptions import MlflowException

    found = next(((match, look) for form, look in LOOKUPS.items() if (match := re.fullmatch(form, address))), None)
    if found is None:
        raise ConfigError(f"{address} is no model's address: write models:/NAME/1, models:/NAME@ALIAS or models:/m-ID")
    match, look = found
    with store.refusing(f"looking {address} up"):
        try:
            run_id = look(store.client, *match.groups())
        except MlflowException as error:
            if error.error_code != ABSENT:
                raise
            run_id = None
    if not run_id:
        raise ConfigError(f"{address} is no model that {store} has of a run: look with `make ui`")
    return run_id


def _of_logged(client: MlflowClient, model_id: str) -> str | None:
    run_id: str | None = client.get_logged_model(model_id).source_run_id
    return run_id


def _of_version(client: MlflowClient, name: str, version: str) -> str | None:
    run_id: str | None = client.get_model_version(name, version).run_id
    return run_id


def _of_alias(client: MlflowClient, name: str, alias: str) -> str | None:
    run_id: str | None = client.get_model_version_by_alias(name, alias).run_id
    return run_id


def _of_latest(client: MlflowClient, name: str) -> str | None:
    versions = client.search_model_versions(f"name = {quoted(name)}")
    return max(versions, key=lambda one: int(one.version)).run_id if versions else None


LOOKUPS: dict[str, Callable[..., str | None]] = {
    r"runs:/([0-9a-f]{32})(?:/.*)?": lambda _, run_id: run_id,
    r"models:/(m-\w+)": _of_logged,
    r"models:/([^/@]+)/(\d+)": _of_version,
    r"models:/([^/@]+)/latest": _of_latest,
    r"models:/([^/@]+)@([^/@]+)": _of_alias,
}
"""How models are addressed, and how the run of each is found."""
