"""The committed result is of the code, the settings and the data that are committed with it."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import yaml

from tests.project import ROOT


def test_the_committed_result_is_not_stale() -> None:
    """`make record` mends it."""
    dvc = str(Path(sys.executable).parent / "dvc")
    found = subprocess.run([dvc, "status", "--json"], cwd=ROOT, capture_output=True, text=True, check=True, timeout=120)
    stale = [
        f"{stage}: {path} is {state}"
        for stage, changes in json.loads(found.stdout).items()
        for change in changes
        if isinstance(change, dict)
        # What the stages write is not in a fresh clone; of what they read nothing is.
        for path, state in change.get("changed deps", {}).items()
        if path not in ("conf.stamp", "data/prepared", "models")
    ]
    assert not stale, "the committed result is of other code, settings or data: run `make record`"


def test_the_committed_metrics_are_those_of_the_lock() -> None:
    lock = yaml.safe_load((ROOT / "dvc.lock").read_text(encoding="utf-8"))
    locked = {out["path"]: out["md5"] for out in lock["stages"]["evaluate"]["outs"]}
    assert _md5(ROOT / "results/metrics.json") == locked["results/metrics.json"]


def _md5(path: Path) -> str:
    return hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
