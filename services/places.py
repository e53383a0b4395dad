"""Where the services keep things, on which ports they listen, and the files by which clients know their passwords."""

from __future__ import annotations

import json
import os
import random
import secrets
import shlex
import socket
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from reprodx.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

HOST = "127.0.0.1"
ROLE = "reprodx"
"""Who owns the databases, and the profile of the keys of S3."""
MLFLOW, DVC, OPTUNA = "mlflow", "dvc", "optuna"
"""Names of databases and buckets."""
BELOW_EPHEMERAL = range(20_000, 32_768)
"""Ports that no outgoing connection of Linux is given, so that one is still free after a restart."""
PRIVATE, PUBLIC = 0o600, 0o644
ENVIRONMENT = """\
export MLFLOW_TRACKING_URI={mlflow}
export PGPASSFILE={pgpass}
export OPTUNA_STORAGE={optuna}
"""


@dataclass(frozen=True)
class Ports:
    """Where each service listens."""

    mlflow: int
    postgresql: int
    s3: int


@dataclass(frozen=True)
class Places:
    """The folder of the services, and what is known of them."""

    folder: Path
    ports: Ports
    password: str
    """Of the databases' owner."""
    access_key: str
    secret_key: str

    @property
    def mlflow(self) -> str:
        """Return the address of MLflow."""
        return f"http://{HOST}:{self.ports.mlflow}"

    @property
    def s3(self) -> str:
        """Return the address of S3."""
        return f"http://{HOST}:{self.ports.s3}"

    @property
    def pgpass(self) -> Path:
        """Return the file in which PostgreSQL's clients look for the password."""
        return self.folder / "pgpass"

    @property
    def keys(self) -> Path:
        """Return the file in which clients of S3 look for their keys."""
        return self.folder / "s3_keys"

    @property
    def environment(self) -> Path:
        """Return the file that a shell reads to use the services; it holds no secret."""
        return self.folder / "environment"

    def database(self, name: str) -> str:
        """Return the address of a database, without its password."""
        return f"postgresql+psycopg://{ROLE}@{HOST}:{self.ports.postgresql}/{name}"

    def write_files(self) -> None:
        """Write what clients read; ports may have changed."""
        line = f"{HOST}:{self.ports.postgresql}:*:{ROLE}:{self.password}\n"
        write(self.pgpass, line, PRIVATE)
        keys = f"[{ROLE}]\naws_access_key_id = {self.access_key}\naws_secret_access_key = {self.secret_key}\n"
        write(self.keys, keys, PRIVATE)
        text = ENVIRONMENT.format(
            mlflow=self.mlflow, pgpass=shlex.quote(str(self.pgpass)), optuna=self.database(OPTUNA)
        )
        write(self.environment, text, PUBLIC)


def find_places(folder: Path, given: Mapping[str, int] | None = None) -> Places:
    """Return what was decided at the first start, or decide it now: ports that are free, random passwords.

    Args:
        folder: Of the services, which is made where it is absent.
        given: Ports by the name of the service; those of others stay as they are.

    Returns:
        The places, noted in the folder.

    Raises:
        ConfigError: If the note is damaged.
    """
    folder.mkdir(parents=True, exist_ok=True)
    # The database's user goes through it where root starts the services.
    folder.chmod(0o711 if os.geteuid() == 0 else 0o700)
    note = folder / "places.json"
    noted = _read(note) if note.exists() else None
    asked = {name: port for name, port in (given or {}).items() if port}
    if noted is None:
        ports = {name: asked.get(name) or free_port() for name in ("mlflow", "postgresql", "s3")}
        made = {"password": secrets.token_urlsafe(24), "access_key": secrets.token_hex(10)}
        places = Places(folder, Ports(**ports), secret_key=secrets.token_urlsafe(30), **made)
    else:
        places = Places(folder, Ports(**{**noted.pop("ports"), **asked}), **noted)
    content = {key: value for key, value in asdict(places).items() if key != "folder"}
    write(note, json.dumps(content, indent=2), PRIVATE)
    places.write_files()
    return places


def free_port() -> int:
    """Return a port of this machine on which nothing listens."""
    candidates = random.SystemRandom().sample(BELOW_EPHEMERAL, 100)
    return next(port for port in candidates if is_free(port))


def is_free(port: int) -> bool:
    """Tell whether nothing listens on a port."""
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((HOST, port))
        except OSError:
            return False
    return True


def refuse_taken(name: str, port: int) -> None:
    """Refuse a port that something else has.

    Args:
        name: Of the service.
        port: Where it is to listen.

    Raises:
        ConfigError: If something listens there.
    """
    if not is_free(port):
        raise ConfigError(
            f"port {port} of {name} is taken by another program: end it, or give another one, as "
            f"make services SERVICES='--{name}-port {free_port()}'"
        )


def write(path: Path, text: str, mode: int) -> None:
    """Write a file whole or not at all; nobody but those whom its mode lets may read it at any moment."""
    temporary = path.with_name(f".{path.name}.new")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(descriptor)
    temporary.replace(path)


def _read(note: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(note.read_text(encoding="utf-8"))
        Places(note.parent, Ports(**content["ports"]), **{name: content[name] for name in content if name != "ports"})
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"{note} is damaged, which holds the services' passwords: bring it back") from error
    return content
