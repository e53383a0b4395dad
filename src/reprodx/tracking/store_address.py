"""The address of a store: which one is meant, where its files lie, and how a person may read it."""

from __future__ import annotations

import os
from pathlib import Path

from reprodx.redaction import without_secrets
from reprodx.tracking.connection import HTTP_SCHEMES
from reprodx.tracking.moved_project import ARTIFACTS

DATABASE = "mlflow.db"
"""MLflow's own default name, so that `mlflow ui` in the project's root needs no flags."""
SQLITE = "sqlite:///"
SERVED = (*HTTP_SCHEMES, "databricks")
"""Stores that decide by themselves where artifacts lie."""


def store_uri(configured: str | None, home: Path) -> str:
    """Return the address of the store; a relative SQLite path counts from `home`.

    >>> store_uri("sqlite:///mlflow.db", Path("/project"))
    'sqlite:////project/mlflow.db'
    """
    uri = configured or os.environ.get("MLFLOW_TRACKING_URI") or f"{SQLITE}{DATABASE}"
    database = database_of(uri)
    return uri if database is None else f"{SQLITE}{home.resolve() / database}"


def database_of(uri: str) -> Path | None:
    """Return the file of a SQLite database; None of another store.

    >>> database_of("sqlite:////project/mlflow.db")
    PosixPath('/project/mlflow.db')
    """
    return Path(uri.removeprefix(SQLITE)) if uri.startswith(SQLITE) else None


def artifacts_of(uri: str, home: Path) -> Path | None:
    """Return the folder of all experiments' artifacts; None where a server decides."""
    database = database_of(uri)
    if database is not None:
        return database.parent / ARTIFACTS
    return None if uri.startswith(SERVED) else home / ARTIFACTS


def readable(uri: str) -> str:
    """Return an address without passwords, a database as a path from here.

    >>> readable("https://{}@host:5000".format("ann:secret"))
    'https://***@host:5000'
    """
    database = database_of(uri)
    return without_secrets(uri) if database is None else os.path.relpath(database)
