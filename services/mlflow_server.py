"""MLflow's server as a plain process: its runs in PostgreSQL, their files on S3, through which it serves them."""

from __future__ import annotations

import json
import os
import sys
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

from services.places import HOST, MLFLOW, ROLE, refuse_taken
from services.processes import end, is_whole, running, wait_until
from services.processes import start as start_process
from services.s3 import REGION

if TYPE_CHECKING:
    from services.places import Places

NAME = "mlflow"
MOST_WORKERS = 4
ONE_EXPERIMENT = "api/2.0/mlflow/experiments/search?max_results=1"
"""Which only a server answers whose database answers too."""


def start(places: Places) -> bool:
    """Start it where it does not run, after PostgreSQL and S3.

    Args:
        places: Of the services.

    Returns:
        Whether it had to be started.

    Raises:
        ConfigError: If its port is taken, or it does not answer.
    """
    folder = places.folder / NAME
    if is_whole(folder) and answers(places):
        return False
    stop(places)
    refuse_taken(NAME, places.ports.mlflow)
    workers = min(MOST_WORKERS, os.cpu_count() or 1)
    command = [sys.executable, "-m", "mlflow", "server", "--host", HOST, "--port", str(places.ports.mlflow)]
    command += ["--workers", str(workers), "--uvicorn-opts", "--log-level warning"]
    command += ["--backend-store-uri", places.database(MLFLOW), "--artifacts-destination", f"s3://{MLFLOW}"]
    variables = {
        "PGPASSFILE": str(places.pgpass),
        "AWS_SHARED_CREDENTIALS_FILE": str(places.keys),
        "AWS_PROFILE": ROLE,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "MLFLOW_S3_ENDPOINT_URL": places.s3,
        "DO_NOT_TRACK": "true",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        # Judges of language models, whose runner is three more processes.
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    }
    start_process(folder, command, variables)
    wait_until(lambda: answers(places), folder, "MLflow")
    return True


def stop(places: Places) -> bool:
    """End it, with all the processes that it started.

    Args:
        places: Of the services.

    Returns:
        Whether it ran.
    """
    found = running(places.folder / NAME)
    end(found)
    return bool(found)


def answers(places: Places) -> bool:
    """Tell whether it answers, and its database too."""
    try:
        with urllib.request.urlopen(f"{places.mlflow}/{ONE_EXPERIMENT}", timeout=10) as answer:  # noqa: S310 - our own
            return "experiments" in json.load(answer)
    except (urllib.error.URLError, OSError, ValueError):
        return False
