"""A training killed mid-epoch inside `dvc repro` goes on where it was, to the same weights."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from tests.project import SECONDS, commit_all, environment

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.project import Project


def kill_when_checkpointed(project: Project) -> None:
    """Start `dvc repro` and kill it and its children, without warning, some epochs into the training."""
    process = subprocess.Popen(
        ["dvc", "repro", "train"],
        cwd=project.folder,
        env=environment(),
        start_new_session=True,
        stdout=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + SECONDS
    while not list((project.folder / ".cache/checkpoints").glob("*/resume.ckpt")):
        assert process.poll() is None, "training ended before it could be killed"
        assert time.monotonic() < deadline, "training left no checkpoint"
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@pytest.mark.pipeline
def test_killed_and_repeated_equals_uninterrupted(finished_copy: Callable[[], Project]) -> None:
    whole, broken = finished_copy(), finished_copy()
    for project in (whole, broken):
        project.edit("conf/trainer/cpu.yaml", "max_epochs: 3", "max_epochs: 400")
        project.edit("conf/model/mlp.yaml", "dropout:", "dropout: 0.25  #")
        commit_all(project)
    whole("dvc", "repro", "train")
    kill_when_checkpointed(broken)
    assert not (broken.folder / "models/model.json").exists()
    output = broken("dvc", "repro", "train")
    assert "resum" in output
    for name in ("models/best.safetensors", "models/last.safetensors", "models/model.json"):
        assert broken.read(name) == whole.read(name)
    assert not list((broken.folder / ".cache/checkpoints").glob("*/*"))
