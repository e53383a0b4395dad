"""`python -m services start | stop [--folder FOLDER] [--mlflow-port N] [--postgresql-port N] [--s3-port N]`."""

from __future__ import annotations

import argparse
import shlex
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock

from reprodx.errors import ConfigError, ReprodxError
from services import mlflow_server, postgresql, s3
from services.places import DVC, ROLE, Places, find_places

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FOLDER = ".services"
SERVICES = (postgresql, s3, mlflow_server)
"""In the order in which one needs the other."""
NEEDED = ("boto3", "mlflow", "nanio", "psycopg")
USAGE = """\
MLflow      {mlflow}
PostgreSQL  127.0.0.1:{ports.postgresql}
S3          {s3}
All of it lies in {folder}: runs, files, passwords and logs. To use it from this folder:

. {environment}
dvc remote add --local --force services s3://{bucket}
dvc remote modify --local services endpointurl {s3}
dvc remote modify --local services credentialpath {keys}
dvc remote modify --local services profile {role}

Then `reprodx run` tracks in it, `dvc push --remote services` and `dvc pull --remote services` keep data in it, and
searches share it by hydra.sweeper.storage=$OPTUNA_STORAGE. `make services-stop` ends it.
"""


def start(folder: Path, ports: Mapping[str, int] | None = None) -> Places:
    """Start all services that do not run.

    Args:
        folder: Where they keep all.
        ports: By the name of the service; those of others stay, or are chosen at the first start.

    Returns:
        Where they are.

    Raises:
        ConfigError: If something is not installed, a port is taken, or a service refuses.
    """
    absent = [name for name in NEEDED if find_spec(name) is None]
    if absent:
        raise ConfigError(f"the services need {', '.join(absent)}: pip install 'reprodx[services]'")
    with _alone(folder):
        known = find_places(folder, None)
        if any(getattr(known.ports, name) != port for name, port in (ports or {}).items() if port):
            _stop(known)
        places = find_places(folder, ports)
        for service in SERVICES:
            service.start(places)
    return places


def stop(folder: Path) -> bool:
    """Stop all services that run.

    Args:
        folder: Where they keep all.

    Returns:
        Whether any ran.
    """
    if not folder.is_dir():
        return False
    with _alone(folder):
        return _stop(find_places(folder))


def main(arguments: Sequence[str] | None = None) -> int:
    """Start or stop, and say so; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m services", description=__doc__)
    parser.add_argument("what", choices=("start", "stop"))
    parser.add_argument("--folder", type=Path, default=Path(FOLDER))
    for service in SERVICES:
        parser.add_argument(f"--{service.NAME}-port", type=int, default=0, dest=service.NAME)
    asked = parser.parse_args(arguments)
    folder = asked.folder.resolve()
    try:
        if asked.what == "stop":
            said = f"the services of {folder} {'are stopped' if stop(folder) else 'did not run'}\n"
        else:
            said = usage(start(folder, {service.NAME: getattr(asked, service.NAME) for service in SERVICES}))
    except ReprodxError as error:
        sys.stderr.write(f"services: {error}\n")
        return error.exit_code
    sys.stdout.write(said)
    return 0


def usage(places: Places) -> str:
    """Return where the services are, and what to type to use them."""
    paths = {name: shlex.quote(str(getattr(places, name))) for name in ("folder", "environment", "keys")}
    return USAGE.format(bucket=DVC, role=ROLE, mlflow=places.mlflow, ports=places.ports, s3=places.s3, **paths)


def _alone(folder: Path) -> FileLock:
    folder.mkdir(parents=True, exist_ok=True)
    return FileLock(folder / ".lock")


def _stop(places: Places) -> bool:
    ran = [service.stop(places) for service in reversed(SERVICES)]
    return any(ran)


if __name__ == "__main__":
    sys.exit(main())
