"""S3 as a plain process: nanio, which checks signatures and keeps objects as files."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from services.places import DVC, HOST, MLFLOW, PRIVATE, refuse_taken, write
from services.processes import end, is_whole, running, wait_until
from services.processes import start as start_process

if TYPE_CHECKING:
    from services.places import Places

NAME = "s3"
REGION = "us-east-1"
"""Which every client of S3 must name and nanio does not use."""
OPTIONS = """\
[server]
data_dir = "{data}"
host = "{host}"
port = {port}
log_level = "warning"

[[users]]
access_key = "{access_key}"
secret_key = "{secret_key}"
"""


def start(places: Places) -> bool:
    """Start it where it does not run, and make the buckets.

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
    refuse_taken(NAME, places.ports.s3)
    folder.mkdir(mode=0o700, exist_ok=True)
    keys = {"access_key": places.access_key, "secret_key": places.secret_key}
    options = folder / "nanio.toml"
    write(options, OPTIONS.format(data=folder / "objects", host=HOST, port=places.ports.s3, **keys), PRIVATE)
    start_process(folder, [sys.executable, "-m", "nanio", "serve", "--no-access-log", "--options", options.name], {})
    wait_until(lambda: answers(places), folder, "S3")
    return True


def stop(places: Places) -> bool:
    """End it; an object is there whole or not at all.

    Args:
        places: Of the services.

    Returns:
        Whether it ran.
    """
    found = running(places.folder / NAME)
    end(found)
    return bool(found)


def answers(places: Places) -> bool:
    """Tell whether it knows the keys; buckets that are absent are made."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        store = client(places)
        there = {bucket["Name"] for bucket in store.list_buckets()["Buckets"]}
        for name in {MLFLOW, DVC} - there:
            store.create_bucket(Bucket=name)
    except (BotoCoreError, ClientError):
        return False
    return True


def client(places: Places) -> Any:
    """Return a client of boto3."""
    import boto3
    from botocore.config import Config

    session = boto3.Session(
        aws_access_key_id=places.access_key, aws_secret_access_key=places.secret_key, region_name=REGION
    )
    patience = Config(connect_timeout=3, read_timeout=60, retries={"total_max_attempts": 1})
    return session.client("s3", endpoint_url=places.s3, config=patience)
