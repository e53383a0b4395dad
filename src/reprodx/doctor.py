"""What is here and what is missing: the first thing to paste into a question."""

from __future__ import annotations

import configparser
import importlib.metadata
import os
import platform
import re
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from reprodx.artifacts.locations import home
from reprodx.config.composition import TABULAR, compose, validate
from reprodx.config.yaml_files import CONF
from reprodx.errors import ReprodxError, TrackingError, first_of
from reprodx.redaction import without_secrets
from reprodx.tracking.connection import probe
from reprodx.tracking.database import look_at
from reprodx.tracking.git import ask_git
from reprodx.tracking.names import SHORT
from reprodx.tracking.open_runs import noted
from reprodx.tracking.processes import is_alive, is_dead
from reprodx.tracking.published_data import published_data
from reprodx.tracking.spool import waiting
from reprodx.tracking.store import SPOOL
from reprodx.tracking.store_address import database_of, readable, store_uri

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from reprodx.config.schema import Tracking

PACKAGES = (
    "reprodx",
    "torch",
    "pytorch-lightning",
    "hydra-core",
    "omegaconf",
    "mlflow",
    "dvc",
    "scikit-learn",
    "numpy",
    "polars",
)
NEEDED_FILES = ("conf/config.yaml", "dvc.yaml", "params.yaml", "data/raw")
PROBE_SECONDS = 3.0
"""How long a tracking server may take to answer."""
OK, MISSING = "ok", "MISSING"


def examine() -> None:
    """Print one line per thing that reprodx depends on, with what to do where it is missing."""
    sections: tuple[tuple[str, Callable[[], Iterator[str]]], ...] = (
        ("versions", _versions),
        ("device", _device),
        ("project", _project),
        ("stores", _stores),
        ("open runs", _open_runs),
    )
    for title, lines in sections:
        sys.stdout.write(f"{title}\n")
        for line in lines():
            sys.stdout.write(f"  {line}\n")


def _versions() -> Iterator[str]:
    yield f"python {platform.python_version()} on {platform.system()} {platform.machine()}"
    locked = _locked_versions()
    for package in PACKAGES:
        try:
            version = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            yield f"{package}: {MISSING}; run `make run`, or pip install -r requirements.lock"
            continue
        wanted = locked.get(package, version)
        differs = version.partition("+")[0] != wanted.partition("+")[0]
        yield f"{package} {version}" + (f" (requirements.lock has {wanted})" if differs else "")


def _locked_versions() -> dict[str, str]:
    lock = Path("requirements.lock")
    return (
        dict(re.findall(r"^([\w.-]+)==(\S+)", lock.read_text(encoding="utf-8"), re.MULTILINE)) if lock.is_file() else {}
    )


def _device() -> Iterator[str]:
    import torch

    yield f"cpu: {os.cpu_count()} cores, torch uses {torch.get_num_threads()} unless trainer.num_threads says otherwise"
    if torch.cuda.is_available():
        yield f"gpu: {torch.cuda.get_device_name(0)}; use it with trainer=gpu"
    else:
        yield "gpu: none; trainer=cpu is the default"


def _project() -> Iterator[str]:
    for name in NEEDED_FILES:
        hint = "run `reprodx compose`" if name == "params.yaml" else "run this in the root of a reprodx project"
        yield f"{name}: {OK if Path(name).exists() else f'{MISSING}; {hint}'}"
    if (CONF / "config.yaml").is_file():
        yield f"settings: {_settings()[0]}"
    yield f"git: {_git()}"
    yield _patients_in_git()
    yield f"free disk: {shutil.disk_usage('.').free / 1e9:.1f} GB"


def _settings() -> tuple[str, Tracking | None]:
    """Return whether `conf/` composes, and where it says that runs are kept."""
    try:
        return OK, validate(compose(), components=TABULAR).tracking
    except ReprodxError as error:
        return f"WARNING: {without_secrets(str(error))}", None


def _git() -> str:
    if not shutil.which("git"):
        return f"{MISSING}; runs will not know their commit"
    if not ask_git(Path(), "rev-parse", "--verify", "--quiet", "HEAD").strip():
        return "WARNING: no commit here: `git init` and commit, or no run can be made again"
    return OK


def _patients_in_git() -> str:
    names = published_data(Path())
    if not names:
        return f"patients in git: none that look like it; {OK}"
    return (
        f"patients in git: WARNING: {len(names)} files that git tracks may be of patients ({first_of(names)}): "
        "`git rm --cached` and `dvc add` them, and know that the history keeps them"
    )


def _stores() -> Iterator[str]:
    yield f"mlflow: {_store(_settings()[1])}"
    for place, numbers in waiting(home() / SPOOL).items():
        yield f"{sum(numbers)} events of {len(numbers)} run(s) wait for {place}: `reprodx track --pending`"
    remotes = _dvc_remotes()
    yield f"dvc remotes: {', '.join(remotes) if remotes else 'none; `dvc remote add` to share data and models'}"


def _store(tracking: Tracking | None) -> str:
    if tracking is not None and tracking.name == "none":
        return "nothing is tracked (tracking=none)"
    address = store_uri(tracking.uri if tracking else None, home())
    database = database_of(address)
    try:
        if database is None:
            probe(address, PROBE_SECONDS)
            return readable(address)
        look_at(database)
    except TrackingError as error:
        return f"{MISSING}; {error}"
    return readable(address) + ("" if database.is_file() else ", made by the first run")


def _dvc_remotes() -> list[str]:
    parser = configparser.ConfigParser()
    parser.read([".dvc/config", ".dvc/config.local"])
    return [match[1] for section in parser.sections() if (match := re.match(r"'?remote \"([^\"]+)\"", section))]


def _open_runs() -> Iterator[str]:
    """Tell the runs that commands of this project have not ended: of processes that live, and of dead ones."""
    runs = list(noted(home()))
    if not runs:
        yield "none"
    for run in runs:
        what = f"{run.name} ({run.run_id[:SHORT]}) of {run.experiment}"
        if is_dead(run.process):
            yield f"{what}: its process is gone; repeat its command to go on, or the next one marks it KILLED"
        elif is_alive(run.process):
            yield f"{what}: process {run.process.split(':')[1]} is at it"
        else:
            yield f"{what}: on another machine, where `reprodx doctor` tells whether its process lives"
