"""The door itself: how MLflow is imported, how long it may try, and how its errors become one line.

MLflow by itself retries a dead server for minutes, reports usage, unpickles what it loads, and prints progress bars and
addresses with their passwords. The settings below end that; what a person set in the environment wins.
"""

from __future__ import annotations

import logging
import os
import shutil
import socket
import sqlite3
import threading
import urllib.error
import urllib.request
from contextlib import contextmanager
from http.client import HTTPException
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from reprodx.errors import TrackingError
from reprodx.redaction import without_secrets
from reprodx.tracking.names import INVALID

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflow import MlflowClient

SETTINGS = {
    "DO_NOT_TRACK": "true",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "1",
    # Drawn from the generator of random numbers of the process, which a training may use.
    "MLFLOW_HTTP_REQUEST_BACKOFF_JITTER": "0",
    "MLFLOW_HTTP_RESPECT_RETRY_AFTER_HEADER": "false",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",
    "PGCONNECT_TIMEOUT": "3",
    "MLFLOW_ALLOW_PICKLE_DESERIALIZATION": "false",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_UV_AUTO_DETECT": "false",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_LOGGING_LEVEL": "CRITICAL",
}
"""Environment of MLflow. A server that hangs costs three tries of 10 seconds at most; a dead one about 3 seconds."""
HTTP_SCHEMES = ("http", "https")
DATABASE_PORTS = {"postgresql": 5432, "mysql": 3306, "mssql": 1433}
"""Databases that are servers, and where they listen."""
RETRIES = "MLFLOW_HTTP_REQUEST_MAX_RETRIES"
REFUSALS = (400, 413, 414, 415, 422)
"""What a server answers to what it will not take however often it is sent."""
MEANT_BY_ACCOUNTS = {
    401: "401: it knows no such user with this password: set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD",
    403: "403: this user may read that, not change it: ask whoever made it, or name an experiment of your own",
}
"""What a server with accounts means by its codes."""
PAGE = ". Response body: "
"""In MLflow's message of an answer that is none; what follows is a page of another, of any length."""
ERROR_CODE = "error code "
"""In MLflow's message of an answer that is an error by its code."""
WRAPPED = " (Caused by "
"""In a message of urllib3, which ends with the reason in plain words."""


def connect(uri: str) -> MlflowClient:
    """Return a client of the store at `uri`; a SQLite database that does not exist is created."""
    import_mlflow()
    from mlflow import MlflowClient

    if urlsplit(uri).scheme not in HTTP_SCHEMES:
        from mlflow.store.db import utils

        # It tries a database ten times, for 100 seconds, and says so at a level that nobody sees.
        utils.MAX_RETRY_COUNT = 1
        # The error is raised too, and said by us; here it has its traceback, at every try.
        logging.getLogger(utils.__name__).setLevel(logging.CRITICAL)
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


def answer_errors() -> tuple[type[Exception], ...]:
    """Return what is raised where an answer is absent, refuses, or is none: a page, half a text, another's words."""
    from google.protobuf.json_format import Error

    return *store_errors(), Error, TrackingError, ValueError, KeyError, TypeError, AttributeError


def is_refusal(error: BaseException, *, is_served: bool) -> bool:
    """Tell whether a store will not take something however often it is sent.

    Args:
        error: One of `answer_errors`.
        is_served: Whether a server is between, which says what MLflow refuses in words of MLflow.

    Returns:
        Whether to leave it out.
    """
    from mlflow.exceptions import MlflowException, RestException

    status = getattr(getattr(error, "response", None), "status_code", None)
    if status is not None:
        return status in REFUSALS
    return isinstance(error, RestException if is_served else MlflowException) and error.error_code == INVALID


@contextmanager
def tried_once() -> Iterator[None]:
    """Keep MLflow in the block from repeating a request whose answer was lost: what it makes would be made twice."""
    with _ONCE:
        before = os.environ.get(RETRIES, SETTINGS[RETRIES])
        os.environ[RETRIES] = "0"
        try:
            yield
        finally:
            os.environ[RETRIES] = before


_ONCE = threading.Lock()
"""The environment is the whole process's."""


def probe(uri: str, seconds: float) -> None:
    """Ask a server whether it is there; stores without one are left alone.

    Args:
        uri: The store's address.
        seconds: How long the server may take to answer.

    Raises:
        TrackingError: If nothing answers in that time. An answer that refuses is an answer.
    """
    parts = urlsplit(uri)
    try:
        if parts.scheme in HTTP_SCHEMES:
            _ask(uri, seconds)
        elif (kind := parts.scheme.partition("+")[0]) in DATABASE_PORTS and parts.hostname:
            address = (parts.hostname, parts.port or DATABASE_PORTS[kind])
            socket.create_connection(address, timeout=seconds).close()
    except urllib.error.HTTPError as answer:
        answer.close()
    except (OSError, HTTPException, ValueError) as error:
        raise TrackingError(
            f"tracking server {without_secrets(uri)} is unreachable ({one_line(error)}): start it, correct "
            "MLFLOW_TRACKING_URI, or run with tracking=none"
        ) from error


def _ask(uri: str, seconds: float) -> None:
    parts = urlsplit(uri)
    address = parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl().rstrip("/")
    urllib.request.urlopen(f"{address}/health", timeout=seconds).close()  # noqa: S310 - the scheme is checked before


def one_line(error: BaseException) -> str:
    r"""Return why something failed at bottom, in one line without secrets.

    >>> one_line(ValueError("no answer from http://{}@host/api\nmore".format("ann:secret")))
    'no answer from http://***@host/api'
    """
    root = error
    while root.__cause__ is not None:
        root = root.__cause__
    reason = root.reason if isinstance(root, urllib.error.URLError) else root
    if isinstance(root, shutil.Error) and isinstance(root.args[0], list):
        # Of a folder that was to be copied: each file, where to, and why not.
        reason = root.args[0][0][-1].partition(": ")[0]
    line = next((line.strip() for line in str(reason).splitlines() if line.strip()), type(root).__name__)
    if WRAPPED in line:
        line = line.rpartition(": ")[2].rstrip("\"')")
    line, *page = line.split(PAGE, maxsplit=1)
    if page and ERROR_CODE not in line:
        line = "the answer is no MLflow's: see in a browser what is at the address, as a page that asks for a login"
    for code, what in MEANT_BY_ACCOUNTS.items():
        line = what if f"{ERROR_CODE}{code}" in line else line
    return without_secrets(line)
