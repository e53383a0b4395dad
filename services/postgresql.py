"""PostgreSQL as a plain process: made by `initdb`, started and stopped by `pg_ctl`, by another user where root asks.

Its superuser has no password and no socket leads to it; the owner of the databases has one, of scram-sha-256.
"""

from __future__ import annotations

import os
import pwd
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from reprodx.errors import ConfigError
from services.places import HOST, MLFLOW, OPTUNA, ROLE, refuse_taken
from services.processes import end, last_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.places import Places

NAME = "postgresql"
INSTALLED = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin")
"""Where distributions put the programs that are not on the path."""
USERS = ("postgres", "nobody")
"""Who runs it where root starts it, which PostgreSQL refuses; the first comes with Debian's package."""
SECONDS = 120
PROGRAM = "postgres"


def start(places: Places) -> bool:
    """Start PostgreSQL where it does not run; make its databases at first.

    Args:
        places: Of the services.

    Returns:
        Whether it had to be started.

    Raises:
        ConfigError: If it is not installed, its port is taken, its user cannot reach the folder, or it refuses.
    """
    if answers(places):
        return False
    folder = places.folder / NAME
    cluster = _Cluster(folder)
    cluster.end_orphans()
    refuse_taken(NAME, places.ports.postgresql)
    if not cluster.data.is_dir():
        cluster.make(places.password)
    options = f"-c listen_addresses={HOST} -c port={places.ports.postgresql} -c unix_socket_directories="
    cluster.run("pg_ctl", "-D", "data", "-l", "log", "-w", "-t", str(SECONDS), "-o", options, "start")
    if not answers(places):
        raise ConfigError(f"PostgreSQL does not let its own user in: {last_line(folder / 'log')}")
    return True


def stop(places: Places) -> bool:
    """Stop PostgreSQL: who is connected is sent away, and nothing that was committed is lost.

    Args:
        places: Of the services.

    Returns:
        Whether it ran.
    """
    if not (places.folder / NAME / "data").is_dir():
        return False
    cluster = _Cluster(places.folder / NAME)
    if cluster.running() is None:
        return cluster.end_orphans()
    cluster.run("pg_ctl", "-D", "data", "-w", "-t", str(SECONDS), "-m", "fast", "stop")
    return True


def answers(places: Places) -> bool:
    """Tell whether the database of MLflow lets its owner in."""
    import psycopg

    where: dict[str, Any] = {
        "host": HOST,
        "port": places.ports.postgresql,
        "user": ROLE,
        "passfile": str(places.pgpass),
    }
    try:
        psycopg.connect(dbname=MLFLOW, connect_timeout=5, **where).close()
    except psycopg.OperationalError:
        return False
    return True


class _Cluster:
    """What `initdb` made, and the programs of its version."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        self._user = _user()
        folder.mkdir(exist_ok=True)
        if self._user is not None:
            self._refuse_out_of_reach(self._user)
            os.chown(folder, self._user.pw_uid, self._user.pw_gid)
        self._programs = _programs(self.data)

    def make(self, password: str) -> None:
        """Make it whole or not at all."""
        begun = self.folder / "data.begun"
        shutil.rmtree(begun, ignore_errors=True)
        accounts = ("--auth-local=reject", "--auth-host=scram-sha-256", f"--username={PROGRAM}")
        self.run("initdb", "-D", begun.name, *accounts, "--encoding=UTF8", "--locale=C")
        statements = [f"CREATE ROLE {ROLE} LOGIN PASSWORD '{password}'"]
        statements += [f"CREATE DATABASE {name} OWNER {ROLE}" for name in (MLFLOW, OPTUNA)]
        # Through a pipe of a server that listens nowhere: no argument and no file holds the password.
        self.run(PROGRAM, "--single", "-D", begun.name, "template1", text="\n".join(statements))
        begun.rename(self.data)

    def running(self) -> psutil.Process | None:
        """Return its first process; a note of one that was killed, whose id may now be another's, is removed."""
        note = self.data / "postmaster.pid"
        lines = note.read_text(encoding="utf-8").splitlines() if note.is_file() else []
        if lines and lines[0].isdecimal():
            found = [process for process in self._processes() if process.pid == int(lines[0])]
            if found:
                return found[0]
            note.unlink(missing_ok=True)
        return None

    def end_orphans(self) -> bool:
        """End those whose first process was killed: they hold the memory that a new one needs."""
        left = [] if self.running() else self._processes()
        end(left)
        return bool(left)

    def run(self, program: str, *arguments: str, text: str = "") -> None:
        """Run one of the programs as PostgreSQL's user."""
        user: dict[str, Any] = {}
        if self._user is not None:
            user = {"user": self._user.pw_uid, "group": self._user.pw_gid, "extra_groups": []}
        own = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        done = subprocess.run(
            [str(self._programs / program), *arguments],
            cwd=self.folder,
            env={**own, "HOME": str(self.folder), "LC_ALL": "C"},
            input=text,
            capture_output=True,
            text=True,
            timeout=3 * SECONDS,
            check=False,
            **user,
        )
        failed = [line for line in done.stderr.splitlines() if re.search(r"\b(ERROR|FATAL|error):", line)]
        if done.returncode or failed:
            said = failed[0] if failed else (done.stderr or done.stdout).strip().partition("\n")[0]
            raise ConfigError(f"PostgreSQL's {program} failed: {said.strip()}; see {self.folder / 'log'}")

    def _processes(self) -> list[psutil.Process]:
        """Return those that work in its data: PostgreSQL writes their titles over their environment."""
        found = (process for process in psutil.process_iter(["name", "cwd"]))
        return [one for one in found if one.info["name"] == PROGRAM and one.info["cwd"] == str(self.data)]

    def _refuse_out_of_reach(self, user: pwd.struct_passwd) -> None:
        for folder in reversed(self.folder.parents):
            if not folder.stat().st_mode & 0o001:
                raise ConfigError(
                    f"PostgreSQL does not run as root, and its user {user.pw_name} cannot enter {folder}: run as "
                    "another user, or keep all elsewhere, as make services SERVICES='--folder /var/lib/reprodx'"
                )


def _user() -> pwd.struct_passwd | None:
    """Return who runs PostgreSQL in root's stead; None where somebody else asks."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    return next(known[name] for name in USERS if name in known)


def _programs(data: Path) -> Path:
    """Return the folder of the programs: of the version that made the data, else of the newest."""
    on_path = shutil.which("initdb")
    found = [Path(on_path).resolve().parent] if on_path else []
    found += sorted(_matching(INSTALLED), key=lambda folder: [int(part) for part in re.findall(r"\d+", str(folder))])
    if not found:
        raise ConfigError("PostgreSQL is not installed: apt-get install postgresql, or brew install postgresql@17")
    if not (made_by := data / "PG_VERSION").is_file():
        return found[-1]
    version = made_by.read_text(encoding="utf-8").strip()
    fitting = [folder for folder in found if _version(folder) == version]
    if not fitting:
        raise ConfigError(f"{data} is of PostgreSQL {version}, which is not installed: install it, or use pg_upgrade")
    return fitting[-1]


def _matching(patterns: Sequence[str]) -> list[Path]:
    return [
        folder
        for pattern in patterns
        for folder in Path("/").glob(pattern.lstrip("/"))
        if (folder / "initdb").is_file()
    ]


def _version(folder: Path) -> str:
    said = subprocess.run([str(folder / PROGRAM), "--version"], capture_output=True, text=True, check=True).stdout
    return said.split()[2].split(".")[0]
