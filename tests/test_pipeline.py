"""What one stage left for another and no longer fits, and a disk that is full."""

from __future__ import annotations

import resource
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from reprodx import pipeline
from reprodx.artifacts.files import write_json
from reprodx.artifacts.locations import Locations
from reprodx.cli import main
from reprodx.config.composition import compose, validate
from reprodx.errors import ConfigError
from reprodx.pipeline import components_of
from reprodx.schemas import Task
from reprodx.tracking.run import Run
from tests.project import ROOT, environment

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

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


def test_a_run_that_was_stopped_after_training_goes_on_at_the_evaluation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "conf").symlink_to(ROOT / "conf")
    monkeypatch.chdir(tmp_path)
    command = ["run", "data=breast_cancer", "model=logistic", "trainer=smoke", "tracking=none"]

    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(pipeline, "_evaluate", stop)
        assert main(command) == 130
    trained = {path.name: path.read_bytes() for path in tmp_path.glob("outputs/*/models/*")}
    assert trained
    with monkeypatch.context() as patch:
        patch.setattr("reprodx.stages.train.train", stop)
        patch.setattr(pipeline, "_evaluate", lambda _, locations, __: write_json(locations.metrics, {}))
        patch.setattr(pipeline, "complete", lambda *_: None)
        patch.setattr(pipeline, "objective", lambda *_: None)
        patch.setattr("reprodx.tracking.results.log_results", lambda *_: None)
        assert main(command) == 0
        assert {path.name: path.read_bytes() for path in tmp_path.glob("outputs/*/models/*")} == trained
        assert not list((tmp_path / ".cache/checkpoints").iterdir())
        # Judged once, it has ended, unless its results are gone or it is asked for again.
        assert main(command) == 0
        assert main([*command, "--again"]) == 130
        shutil.rmtree(tmp_path / "outputs")
        assert main(command) == 130


@pytest.mark.parametrize(
    ("task", "is_refused"), [(Task.MULTICLASS, True), (Task.MULTILABEL, True), (Task.BINARY, False)]
)
def test_a_prevalence_of_several_classes_is_refused(task: Task, is_refused: bool) -> None:
    config = validate(compose(["evaluation.prevalence=0.1"]), components=())
    if is_refused:
        with pytest.raises(ConfigError, match=r"evaluation\.prevalence is about one positive class"):
            pipeline._check_prevalence(config, task)
    else:
        pipeline._check_prevalence(config, task)


@pytest.mark.parametrize(
    ("edited", "of_other_code", "words"),
    [
        (True, False, "the source was edited while the run went on"),
        (False, True, "the model was trained by other code"),
        (False, False, ""),
    ],
)
def test_a_run_that_several_codes_had_a_part_in_says_so(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    edited: bool,
    of_other_code: bool,
    words: str,
) -> None:
    run, tags = Run(), dict[str, str]()
    monkeypatch.setattr(run, "set_tags", tags.update)
    monkeypatch.setattr(pipeline, "edit_tags", lambda root: {"reprodx.git_dirty": "true"} if edited else {})
    monkeypatch.setattr(pipeline, "is_of_other_code", lambda models: of_other_code)
    pipeline._note_mixed_code(run, Locations(tmp_path, tmp_path, tmp_path))
    assert tags.get("reprodx.git_dirty") == ("true" if words else None)
    assert words in caplog.text
    assert bool(caplog.text) is bool(words)
