"""How the last result stands to the committed one."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from reprodx.config.composition import read_params, validate
from reprodx.tracking.committed_result import comparison

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.project import Project


@pytest.fixture
def project(finished_copy: Callable[[], Project], monkeypatch: pytest.MonkeyPatch) -> Project:
    """Return a project in which `dvc repro` has run, and whose result is committed."""
    project = finished_copy()
    monkeypatch.chdir(project.folder)
    return project


def said() -> str:
    return comparison(validate(read_params(), components=()))


@pytest.mark.usefixtures("project")
def test_a_result_is_the_committed_one() -> None:
    assert said() == "the same bytes as in the repository"


def test_other_bytes_are_told_with_the_largest_difference_and_the_machine(project: Project) -> None:
    lock = project.read("dvc.lock").decode()
    other = re.sub(r"(path: results/metrics.json\n +hash: md5\n +md5: )\w+", rf"\g<1>{'0' * 32}", lock)
    assert other != lock
    Path("dvc.lock").write_text(other)
    metrics = json.loads(project.read("results/metrics.json"))
    metrics["test"]["auroc"]["value"] += 0.25
    Path("results/metrics.json").write_text(json.dumps(metrics))
    Path("results/environment.json").write_text(
        json.dumps({"portable": True, "processor": {"model": "EPYC 7763"}, "packages": {"torch": "1.0"}})
    )
    text = said()
    assert text.startswith("other bytes than in the repository: results/metrics.json; ")
    assert "the largest difference is that of test auroc: 0." in text
    assert "processor EPYC 7763 (here " in text


def test_another_code_or_setting_is_no_other_result(project: Project) -> None:
    lock = project.read("dvc.lock").decode()
    Path("dvc.lock").write_text(lock.replace("      seed: 0", "      seed: 1", 1))
    assert said().startswith("made from others than the committed result: ")


@pytest.mark.parametrize("missing", [".git", "dvc.lock"])
def test_nothing_to_compare_with_is_said(project: Project, missing: str) -> None:
    (project.folder / missing).rename(project.folder / "away")
    assert said() == "nothing is committed to compare with"
