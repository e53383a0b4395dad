"""The state of the code, in a real repository."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from reprodx.tracking.provenance import UNKNOWN, provenance

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return a committed project with a table of patients."""
    for name, text in {
        "src/model.py": "UNITS = 64\n",
        "params.yaml": "seed: 0\n",
        "data/raw/clinic.csv": "patient,age\nP-1,54\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "-A")
    git(tmp_path, "-c", "user.name=Ann", "-c", "user.email=ann@example.org", "commit", "-qm", "first")
    return tmp_path


def git(folder: Path, *arguments: str) -> str:
    return subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True, text=True).stdout


def test_a_committed_tree_is_clean(repository: Path) -> None:
    state = provenance(repository)
    assert (state.commit, state.dirty, state.diff) == (git(repository, "rev-parse", "HEAD").strip(), "false", "")


def test_what_the_stages_rewrite_is_no_change(repository: Path) -> None:
    (repository / "params.yaml").write_text("seed: 1\n")
    (repository / "dvc.lock").write_text("x\n")
    (repository / "results").mkdir()
    (repository / "results" / "metrics.json").write_text("{}")
    assert provenance(repository).dirty == "false"


def test_changed_and_new_sources_make_a_patch_that_can_be_applied(repository: Path) -> None:
    (repository / "src/model.py").write_text("UNITS = 32\n")
    (repository / "src/new.py").write_text("NEW = True\n")
    state = provenance(repository)
    assert state.dirty == "true"
    git(repository, "stash", "-q", "--include-untracked")
    (repository / "changes.diff").write_text(state.diff)
    git(repository, "apply", "changes.diff")
    assert (repository / "src/model.py").read_text() == "UNITS = 32\n"
    assert (repository / "src/new.py").read_text() == "NEW = True\n"


def test_changed_tables_count_as_dirty_and_are_not_shown(repository: Path) -> None:
    (repository / "data/raw/clinic.csv").write_text("patient,age\nP-1,55\n")
    (repository / "notes.ipynb").write_text('{"output": "P-1"}')
    state = provenance(repository)
    assert (state.dirty, state.diff) == ("true", "")


def test_a_folder_outside_git_and_one_without_commits_are_unknown(tmp_path: Path) -> None:
    assert provenance(tmp_path).commit == UNKNOWN
    git(tmp_path, "init", "-q")
    assert provenance(tmp_path).dirty == UNKNOWN


def test_a_machine_without_git_is_unknown(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert provenance(repository).commit == UNKNOWN
