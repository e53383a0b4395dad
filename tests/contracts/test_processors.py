"""The same bytes on processors of both makers: emulated ones beside this machine's own.

What is computed, and how it is hashed, is in `tests/computed_bytes.py`; each processor computes it in a process of its
own, begun with the variables of a portable training, so that no command starts it anew.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from reprodx.portability import obstacle, portable_environment
from tests.project import ROOT, environment

if TYPE_CHECKING:
    from pathlib import Path

EMULATED = ("Haswell", "EPYC")
"""Intel's first with AVX2, and AMD's: between them lies what a library may choose its code by."""
SECONDS = 1500
"""At most for one processor, on a busy machine."""

pytestmark = pytest.mark.emulated


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    """Return what each processor computed, as hashes by name."""
    assert shutil.which("qemu-x86_64"), "install qemu-user: without it nobody knows whether processors agree"
    folder = tmp_path_factory.mktemp("processors")
    processors = ("own", *EMULATED)
    with ThreadPoolExecutor(os.cpu_count()) as workers:
        return dict(zip(processors, workers.map(lambda one: computed(folder / one, one), processors), strict=True))


def computed(folder: Path, processor: str) -> dict[str, str]:
    for part in ("conf", "data/raw", "dvc.yaml"):
        target = folder / part
        target.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if (ROOT / part).is_dir() else shutil.copy)(ROOT / part, target)
    emulator = [] if processor == "own" else ["qemu-x86_64", "-cpu", processor]
    table = folder / "table.json"
    done = subprocess.run(
        [*emulator, sys.executable, "-m", "tests.computed_bytes", str(folder), str(table)],
        cwd=ROOT,
        env=portable_environment(environment()),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=SECONDS,
    )
    assert done.returncode == 0, f"{processor}: {done.stdout[-3000:]}"
    found: dict[str, str] = json.loads(table.read_text(encoding="utf-8"))
    return found


def test_every_processor_computes_the_same_bytes(tables: dict[str, dict[str, str]]) -> None:
    own = tables["own"]
    assert own["portable"] == str(obstacle() is None)
    parts = {name.partition(" ")[0] for name in own}
    assert {"run", "prepared", "network", "optimizer", "augmentation", "fitted"} <= parts
    for processor in EMULATED:
        assert tables[processor].keys() == own.keys()
        assert not [name for name, digest in own.items() if tables[processor][name] != digest], processor
