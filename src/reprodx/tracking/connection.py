"""The door itself: how MLflow is imported, how long it may try, and how its errors become one line.

MLflow by itself retries a dead server for minutes, reports usage, unpickles what it loads, and prints progress bars and
addresses with their passwords. The settings below end that; what a person set in the environment wins.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import urllib.error
import urllib.request
from http.client import HTTPException
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from reprodx.errors import TrackingError
from reprodx.redaction import without_secrets

if TYPE_CHECKING:
    from mlflow import MlflowClient

SETTINGS = {
    "DO_NOT_TRACK": "true",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",
    "MLFLOW_ALLOW_PICKLE_DESERIALIZATION": "false",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_UV_AUTO_DETECT": "false",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_LOGGING_LEVEL": "CRITICAL",
}
"""Environment of MLflow. A server that hangs costs three tries of 10 seconds at most; a dead one about 3 seconds."""
HTTP_SCHEMES = ("http", "https")
WRAPPED = " (Caused by "
"""In a message of urllib3, which ends with the reason in plain words."""


def connect(uri: str) -> MlflowClient:
    """Return a client of the store at `uri`; a SQLite database that does not exist is created."""
    import_mlflow()
    from mlflow import MlflowClient

    return MlflowClient(tracking_uri=uri)


def import_mlflow() -> None:
    """Import MLflow under `SETTINGS`."""
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)
    # We say once that a call failed; a line for each retry would bury it.
    logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)
    import mlflow  # noqa: F401 - imported for its effect: it reads its logging level now


def store_errors() -> tuple[type[Exception], ...]:
    """Return what a store raises when it refuses, is absent, is full (`OSError`), or lacks a driver (`ImportError`)."""
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    return MlflowException, SQLAlchemyError, sqlite3.Error, OSError, ImportError


def probe(uri: str, seconds: float) -> None:
    """Ask a server whether it is there; stores without a server are left alone.

    Args:
        uri: The store's address.
        seconds: How long the server may take to answer.

    Raises:
        TrackingError: If nothing answers in that time. An answer that refuses is an answer.
    """
    parts = urlsplit(uri)
    if parts.scheme not in HTTP_SCHEMES:
        return
    address = parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl().rstrip("/")
    try:
        with urllib.request.urlopen(f"{address}/health", timeout=seconds):  # noqa: S310 - the scheme is checked above
            return
    except urllib.error.HTTPError as answer:
        answer.close()
    except (OSError, HTTPException, ValueError) as error:
        raise TrackingError(
            f"tracking server {without_secrets(uri)} is unreachable ({one_line(error)}): start it, correct "
            "MLFLOW_TRACKING_URI, or run with tracking=none"
        ) from error


def one_line(error: BaseException) -> str:
    r"""Return why something failed at bottom, in one line without secrets.

    >>> one_line(ValueError("no answer from http://ann:secret@host/api\nmore"))
    'no answer from http://***@host/api'
    """
    root = error
    while root.__cause__ is not None:
        root = root.__cause__
    reason = root.reason if isinstance(root, urllib.error.URLError) else root
    line = next((line.strip() for line in str(reason).splitlines() if line.strip()), type(root).__name__)
    if WRAPPED in line:
        line = line.rpartition(": ")[2].rstrip("\"')")
    return without_secrets(line)
