"""What killed processes left goes with the next command, and nothing else does."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from reprodx.artifacts.files import temporary_prefix
from reprodx.leftovers import cleared


@pytest.fixture
def dead() -> int:
    """Return the id of a process that is gone."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def prefix_of(process: int, name: str = "x") -> str:
    return temporary_prefix(Path(name)).replace(f"-{os.getpid()}.", f"-{process}.")


@pytest.mark.parametrize("has_caches", [True, False])
def test_only_what_dead_processes_of_a_project_left_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dead: int, has_caches: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    places = ["tmp", ".", "data", "results/plots", "outputs/a/results", "data/raw"]
    for place in [*places, ".cache/prepared/h"] if has_caches else places:
        for process in (dead, os.getpid()):
            folder = tmp_path / place / f"{prefix_of(process)}ab"
            folder.mkdir(parents=True)
            (folder / "half").touch()
    with cleared():
        pass
    left = {path.parent.relative_to(tmp_path).as_posix() for path in tmp_path.rglob(f"{prefix_of(dead)}*")}
    assert left == ({"data/raw"} if has_caches else {*places} - {"tmp"})
    kept = {path.parent.relative_to(tmp_path).as_posix() for path in tmp_path.rglob(f"{prefix_of(os.getpid())}*")}
    assert kept == {*places, ".cache/prepared/h"} - (set() if has_caches else {".cache/prepared/h"})


def test_temporary_files_of_a_command_lie_in_one_folder_that_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with cleared():
        made = Path(tempfile.mkdtemp())
        assert made.parent.name.startswith(prefix_of(os.getpid(), "reprodx"))
    assert not list(tmp_path.iterdir())
    assert tempfile.gettempdir() == str(tmp_path)
