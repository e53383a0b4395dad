"""A virtual environment from the lock that a run left."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from reprodx.artifacts.files import write_text
from reprodx.errors import ReproductionError
from reprodx.tracking.environment import FOLDER, REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LEFT_OUT = {"reprodx", "pip", "setuptools", "wheel"}
"""Our own source comes from the workspace; the others install and are never imported."""
CPU_WHEELS = "https://download.pytorch.org/whl/cpu"
"""Where torch lies built without a GPU: the package index has it for GPUs alone."""
CPU = "+cpu"
NOT_FOUND = re.compile(
    r"(?:No matching distribution found for|Failed (?:building wheel|to build) (?:for )?'?)\s*([\w.\-]+(?:==\S+)?)"
)
"""What pip says of a package that it cannot install."""


def locked_python(folder: Path, lock: str | None, elsewhere: Mapping[str, str]) -> str:
    """Build a virtual environment of a run's own packages.

    Args:
        folder: Where it goes.
        lock: The lines of the run's `environment.txt`.
        elsewhere: Where packages came from that came from no index, see `tracking.environment`.

    Returns:
        Its interpreter.

    Raises:
        ReproductionError: If the run left no lock, its Python is not here, or a package cannot be installed, which is
            then named.
    """
    if lock is None:
        raise ReproductionError("the run left no lock of its packages: reproduce it without --locked")
    if own := sorted(name for name, origin in elsewhere.items() if origin in {FOLDER, REPOSITORY}):
        # What an index has of the same name may be anybody's.
        raise ReproductionError(
            f"{', '.join(own)} came from a folder or repository: reproduce the run without --locked"
        )
    requirements = folder.with_suffix(".txt")
    write_text(requirements, "".join(f"{line}\n" for line in requirements_of(lock)))
    _call([_interpreter(lock), "-m", "venv", str(folder)], "building a virtual environment")
    python = folder / "bin" / "python"
    # Without dependencies: the lock has them all, and what it has is what ran.
    install = [str(python), "-m", "pip", "install", "--quiet", "--no-deps", "--disable-pip-version-check"]
    extra = ["--extra-index-url", CPU_WHEELS] if CPU in lock else []
    _call([*install, *extra, "--requirement", str(requirements)], "installing the run's packages")
    return str(python)


def requirements_of(lock: str) -> Iterator[str]:
    r"""Yield what pip is to install of a lock.

    >>> list(requirements_of("# python 3.11.2 on Linux x86_64\nnumpy==2.1.0\nreprodx==0.1.0\ntorch==2.13.0+cpu\n"))
    ['numpy==2.1.0', 'torch==2.13.0']
    """
    for line in lock.splitlines():
        name, equal, version = line.partition("==")
        if equal and not line.startswith("#") and re.sub(r"[-_.]+", "-", name).lower() not in LEFT_OUT:
            yield f"{name}=={version.partition('+')[0]}"


def _interpreter(lock: str) -> str:
    """Return a Python of the same minor version: this one, or one that is installed beside it."""
    wanted = re.match(r"# python (\d+\.\d+)", lock)
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    if wanted is None or wanted[1] == here:
        # Of a virtual environment, the Python that it was made with.
        return str(Path(sys.base_prefix) / "bin" / f"python{here}")
    if found := shutil.which(f"python{wanted[1]}"):
        return found
    raise ReproductionError(f"the run was made with Python {wanted[1]}, which is not here: install it beside {here}")


def _call(command: list[str], action: str) -> None:
    done = subprocess.run(command, capture_output=True, check=False, text=True)
    if done.returncode == 0:
        return
    said = done.stderr + done.stdout
    if named := sorted(set(NOT_FOUND.findall(said))):
        raise ReproductionError(f"{action} failed: {', '.join(named)} cannot be installed here")
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    raise ReproductionError(f"{action} failed: {lines[-1] if lines else f'exit code {done.returncode}'}")
