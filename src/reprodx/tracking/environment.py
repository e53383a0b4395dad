"""With what a run was computed: Python, packages, processor, threads. No path, no name of a host or user."""

from __future__ import annotations

import functools
import importlib.metadata
import json
import os
import platform
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reprodx.portability import PROCESSOR_FACTS, is_portable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reprodx.config import Config

VECTOR_FLAGS = ("amx", "avx", "bmi", "f16c", "fma", "neon", "asimd", "sse", "ssse", "sve")
"""How the flags begin by which numerical libraries choose their code."""
DIRECT_URL = "direct_url.json"
"""Where an installer notes that a package came from elsewhere than an index (PEP 610)."""
OWN = "reprodx"
"""Our own package, whose state is the commit's."""
BLAS, POLARS = "BLAS", "Polars"
"""Libraries with threads of their own."""
FOLDER, ARCHIVE, REPOSITORY = "folder", "archive", "repository"
"""Where else than in an index a package may come from."""


@dataclass(frozen=True)
class Package:
    """An installed package."""

    name: str
    version: str | None
    """None where its metadata have none."""
    origin: str | None
    """`FOLDER`, `ARCHIVE` or `REPOSITORY` where it came from no index: not which, since an address may hold secrets."""

    @property
    def is_recoverable(self) -> bool:
        """Whether another machine can install the same by name and version."""
        return self.name == OWN or (self.version is not None and self.origin not in {FOLDER, REPOSITORY})


@functools.cache
def installed() -> tuple[Package, ...]:
    """Return the packages that this process can import, by name."""
    found: dict[str, Package] = {}
    for distribution in importlib.metadata.distributions():
        about = distribution.metadata
        name = about["Name"]
        if name is not None:
            # What stands first on the path is what is imported.
            found.setdefault(name.lower(), Package(name, about["Version"], _origin(distribution)))
    return tuple(found[key] for key in sorted(found))


def environment_lock() -> str:
    """Return the lines of an environment lock: Python, platform, and every installed `name==version`, sorted."""
    header = f"# python {platform.python_version()} on {platform.system()} {platform.machine()}"
    packages = sorted((f"{one.name}=={one.version}" for one in installed() if one.version), key=str.lower)
    return "\n".join([header, *packages]) + "\n"


def environment_record(config: Config) -> dict[str, Any]:
    """Return what can change the last digits of a result, as `environment.json` holds it.

    Args:
        config: Its `trainer.num_threads` and `trainer.accelerator` are told.

    Returns:
        `python platform processor library_threads threads accelerator portable packages elsewhere`.
    """
    return {
        **machine_record(),
        "accelerator": config.trainer.accelerator,
        "threads": config.trainer.num_threads,
        "portable": is_portable(),
        "packages": {one.name: one.version for one in installed()},
        "elsewhere": {one.name: one.origin for one in installed() if one.origin and one.name != OWN},
    }


def machine_record() -> dict[str, Any]:
    """Return what this process decides, whatever is computed: `python platform processor library_threads`."""
    return {
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "platform": {"system": platform.system(), "machine": platform.machine(), "libc": " ".join(platform.libc_ver())},
        "processor": _processor(),
        "library_threads": _library_threads(),
    }


def _library_threads() -> dict[str, int]:
    """Return among how many threads libraries divide their sums where training's own number is not in force.

    Variables such as `OMP_NUM_THREADS` decide them, else the number of cores.
    """
    import numpy as np  # noqa: F401 - a library that is not loaded has no threads
    import polars as pl
    from threadpoolctl import threadpool_info

    of_blas = [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]
    return {**({BLAS: max(of_blas)} if of_blas else {}), POLARS: pl.thread_pool_size()}


def _processor() -> dict[str, Any]:
    import torch

    facts = _processor_facts()
    flags = facts.get("flags", facts.get("Features", "")).split()
    return {
        "maker": facts.get("vendor_id"),
        "model": facts.get("model name", platform.processor() or None),
        "cores": os.cpu_count(),
        "flags": sorted(flag for flag in flags if flag.startswith(VECTOR_FLAGS)),
        "torch_capability": torch.backends.cpu.get_cpu_capability(),
    }


def _processor_facts() -> Mapping[str, str]:
    """Return what Linux tells of the first processor; nothing on other systems."""
    if not PROCESSOR_FACTS.is_file():
        return {}
    first = PROCESSOR_FACTS.read_text(encoding="utf-8", errors="replace").partition("\n\n")[0]
    return dict(re.findall(r"^(\S[^\t:]*?)\s*: (.*)$", first, re.MULTILINE))


def _origin(distribution: importlib.metadata.Distribution) -> str | None:
    text = distribution.read_text(DIRECT_URL)
    if text is None:
        return None
    try:
        noted = json.loads(text)
    except ValueError:
        return FOLDER
    if "vcs_info" in noted:
        return REPOSITORY
    return FOLDER if "dir_info" in noted else ARCHIVE
