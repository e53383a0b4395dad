"""What is otherwise here than where a run was made: code, changes, data, packages, processor."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from reprodx.errors import ReproductionError
from reprodx.portability import is_portable, native_environment, portable_environment
from reprodx.reproduction.raw_data import raw_changes
from reprodx.reproduction.workspace import SHORT
from reprodx.tracking.environment import BLAS, POLARS, machine_record
from reprodx.tracking.environment_differences import Difference, Kind, environment_differences, record_of_lock
from reprodx.tracking.git import git
from reprodx.tracking.names import CODE_HASH, CONFIG_HASH, PORTABLE
from reprodx.tracking.record import RAW

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from reprodx.reproduction.recorded_run import RecordedRun

THREAD_VARIABLES = {BLAS: "OPENBLAS_NUM_THREADS", POLARS: "POLARS_MAX_THREADS"}
"""Which variables set the threads of a library; they are read before `OMP_NUM_THREADS`."""
PACKAGES = """
import importlib.metadata, json, platform
found = {}
for one in importlib.metadata.distributions():
    if one.metadata["Name"]:
        found.setdefault(one.metadata["Name"], one.metadata["Version"])
python = f"{platform.python_implementation()} {platform.python_version()}"
print(json.dumps({"python": python, "packages": found}))
"""
"""Asks an interpreter for what it has installed."""


def is_of_portable(run: RecordedRun) -> bool:
    """Tell whether a run was computed in the portable environment; older ones never were."""
    return run.tags.get(PORTABLE) == "true"


def environment_as_then(run: RecordedRun) -> Callable[[Mapping[str, str]], dict[str, str]]:
    """Return what gives a process the variables that decide last digits, as the run's own had them.

    Args:
        run: As it was recorded.

    Returns:
        A function of an environment.
    """
    if is_of_portable(run):
        return portable_environment
    recorded = {} if run.is_restored else (run.environment or {}).get("library_threads", {})
    threads = {THREAD_VARIABLES[name]: str(number) for name, number in recorded.items() if name in THREAD_VARIABLES}
    return lambda environ: {**native_environment(environ), **threads}


def surroundings(run: RecordedRun, root: Path, python: str) -> list[Difference]:
    """Return what differs before anything is run again.

    Args:
        run: As it was recorded.
        root: The root of the person's project.
        python: The interpreter that the rerun uses.

    Returns:
        First what the rerun undoes, then what stays.
    """
    found = [*_of_code(run, root), *_of_data(run, root), *_of_environment(run, python)]
    return sorted(found, key=lambda one: not one.is_undone)


def identity_differences(run: RecordedRun, identity: Mapping[str, str]) -> Iterator[Difference]:
    """Yield in what the workspace is another experiment than the run: it should be none.

    Args:
        run: As it was recorded.
        identity: What the workspace's code says, see `Rerun.identity`; empty where it cannot be asked.

    Yields:
        Code that is not all recorded, and settings that are hashed otherwise.
    """
    code, config = identity.get("code"), identity.get("config")
    recorded = run.tags.get(CODE_HASH)
    if code is not None and recorded is not None and code != recorded:
        what = "the commit with its recorded changes" if run.diff else "the commit"
        yield Difference(Kind.CODE, "", f"sources {recorded[:SHORT]}", f"{what} holds {code[:SHORT]}")
    recorded = run.tags.get(CONFIG_HASH)
    if config is not None and recorded is not None and config != recorded:
        yield Difference(Kind.CONFIG, "with the data's bytes", recorded[:SHORT], config[:SHORT])


def identity_note(run: RecordedRun, identity: Mapping[str, str]) -> str:
    """Return in a sentence whether the workspace is the experiment that was recorded.

    Args:
        run: As it was recorded.
        identity: What the workspace's code says, see `Rerun.identity`; empty where it cannot be asked.

    Returns:
        The sentence.
    """
    if not identity:
        return "The code of the run is too old to say which experiment it takes the settings for."
    kinds = [one.kind.value for one in identity_differences(run, identity)]
    return f"Not as recorded: {' and '.join(kinds)}." if kinds else "Settings and sources have the recorded hashes."


def _of_code(run: RecordedRun, root: Path) -> Iterator[Difference]:
    if run.source_archive is not None or run.commit is None:
        return
    head = git(root, "rev-parse", "HEAD").stdout.decode().strip()
    if head and head != run.commit:
        yield Difference(Kind.COMMIT, "", run.commit[:SHORT], head[:SHORT], is_undone=True)
    if run.diff:
        num_files = sum(line.startswith("+++ ") for line in run.diff.splitlines())
        yield Difference(Kind.CHANGES, "", f"in {num_files} files", "left out", is_undone=True)


def _of_data(run: RecordedRun, root: Path) -> Iterator[Difference]:
    if run.data_folder is not None:
        return
    for name, then, now in raw_changes(root, run.config, run.hashes.get(RAW, {})):
        yield Difference(Kind.DATA, name, f"sha256 {then}", f"sha256 {now}" if now != "absent" else now, is_undone=True)


def _of_environment(run: RecordedRun, python: str) -> Iterator[Difference]:
    portable = is_of_portable(run)
    if portable != is_portable():
        told = {True: "on", False: "off"}
        yield Difference(Kind.PORTABLE, "", told[portable], told[not portable], is_undone=True)
    if run.is_restored:
        # What was installed when files were logged again is not what computed them.
        return
    recorded: Mapping[str, Any] = run.environment or record_of_lock(run.lock or "")
    here = {**machine_record(), **_installed(python)}
    if portable or is_portable():
        # What torch may use is then told by the environment, which the rerun has as it was.
        here["processor"].pop("torch_capability")
        here.pop("library_threads")
    for one in environment_differences(recorded, here):
        is_undone = (portable and one.kind == Kind.PROCESSOR) or (one.kind == Kind.THREADS and bool(one.name))
        yield replace(one, is_undone=is_undone)


def _installed(python: str) -> dict[str, Any]:
    done = subprocess.run([python, "-c", PACKAGES], capture_output=True, check=False, text=True)
    if done.returncode:
        raise ReproductionError(f"{python} cannot be asked what is installed: {done.stderr.strip().splitlines()[-1]}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found
