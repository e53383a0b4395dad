"""What one stage left for another and no longer fits, and a disk that is full."""

from __future__ import annotations

import resource
import subprocess
from typing import TYPE_CHECKING

import pytest

from reprodx.cli import main
from reprodx.pipeline import components_of
from tests.project import environment

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.project import Project

SMALL = 4096
"""Bytes that a file may have where the disk is as good as full."""


@pytest.fixture
def project(finished_copy: Callable[[], Project], monkeypatch: pytest.MonkeyPatch) -> Project:
    project = finished_copy()
    monkeypatch.chdir(project.folder)
    return project


def complaint(capsys: pytest.CaptureFixture[str]) -> str:
    (line,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("reprodx: ")]
    return line


def test_prepared_cases_of_other_settings_are_refused(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate"]) == 0
    project.edit("params.yaml", "test: 0.2", "test: 0.3")
    assert main(["train"]) == 2
    assert "dvc repro" in complaint(capsys)


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("models/best.safetensors", "models/best.safetensors"),
        ("models/model.json", "models/model.json"),
        ("data/prepared/features.parquet", "features.parquet"),
        ("data/prepared/manifest.json", "manifest.json"),
    ],
)
@pytest.mark.parametrize("damage", [b"damaged", None], ids=["damaged", "absent"])
def test_damaged_and_absent_files_are_named(
    project: Project, capsys: pytest.CaptureFixture[str], file: str, words: str, damage: bytes | None
) -> None:
    path = project.folder / file
    path.unlink()
    if damage is not None:
        path.write_bytes(damage)
    assert main(["evaluate"]) == 2
    assert words in complaint(capsys)


def test_a_full_disk_is_one_line_and_leaves_nothing_half_written(project: Project) -> None:
    before = sorted(path for path in project.folder.rglob("*") if path.is_file())
    done = subprocess.run(
        ["reprodx", "prepare", "split.seed=5"],
        cwd=project.folder,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (SMALL, SMALL)),
    )
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert "the disk is full" in done.stderr
    left = [path for path in project.folder.rglob("*") if path.is_file() and path not in before]
    assert [path.suffix for path in left] in ([], [".lock"])


def test_prepare_uses_no_component_that_imports_torch() -> None:
    assert set(components_of("prepare")) == {"data", "split"}
    assert "model" in components_of("train")
