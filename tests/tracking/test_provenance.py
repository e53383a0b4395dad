"""The state of the code, in a real repository."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from reprodx.tracking.provenance import UNKNOWN, Provenance, edit_tags, provenance, provenance_of_process

if TYPE_CHECKING:
    from pathlib import Path


AS_ANN = ("-c", "user.name=Ann", "-c", "user.email=ann@example.org")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return a committed project with a table of patients."""
    for name, text in {
        "src/reprodx/model.py": "UNITS = 64\n",
        "params.yaml": "seed: 0\n",
        ".gitignore": "local.py\n__pycache__/\n",
        "data/raw/clinic.csv": "patient,age\nP-1,54\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "-A")
    git(tmp_path, *AS_ANN, "commit", "-qm", "first")
    return tmp_path


def git(folder: Path, *arguments: str) -> str:
    return subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True, text=True).stdout


def state_of(repository: Path, package: Path | None = None) -> Provenance:
    return provenance(repository, package or repository / "src" / "reprodx")


def test_a_committed_tree_is_clean(repository: Path) -> None:
    state = state_of(repository)
    assert (state.commit, state.dirty, state.diff) == (git(repository, "rev-parse", "HEAD").strip(), "false", "")


def test_what_the_stages_rewrite_is_no_change(repository: Path) -> None:
    (repository / "params.yaml").write_text("seed: 1\n")
    (repository / "dvc.lock").write_text("x\n")
    (repository / "results").mkdir()
    (repository / "results" / "metrics.json").write_text("{}")
    assert state_of(repository).dirty == "false"


def test_changed_and_new_sources_make_a_patch_that_can_be_applied(repository: Path) -> None:
    (repository / "src/reprodx/model.py").write_text("UNITS = 32\n")
    (repository / "src/reprodx/new.py").write_text("NEW = True\n")
    state = state_of(repository)
    assert state.dirty == "true"
    git(repository, "stash", "-q", "--include-untracked")
    (repository / "changes.diff").write_text(state.diff)
    git(repository, "apply", "changes.diff")
    assert (repository / "src/reprodx/model.py").read_text() == "UNITS = 32\n"
    assert (repository / "src/reprodx/new.py").read_text() == "NEW = True\n"


@pytest.mark.parametrize("flag", ["--assume-unchanged", "--skip-worktree"])
def test_a_source_that_git_was_told_not_to_look_at_is_seen(repository: Path, flag: str) -> None:
    git(repository, "update-index", flag, "src/reprodx/model.py")
    (repository / "src/reprodx/model.py").write_text("UNITS = 32\n")
    state = state_of(repository)
    assert (git(repository, "status", "--porcelain"), state.dirty) == ("", "true")
    assert "+UNITS = 32" in state.diff


def test_a_source_that_git_ignores_is_seen(repository: Path) -> None:
    (repository / "src/reprodx/local.py").write_text("NEW = True\n")
    (repository / "src/reprodx/__pycache__").mkdir()
    (repository / "src/reprodx/__pycache__/local.pyc").write_bytes(b"x")
    state = state_of(repository)
    assert (git(repository, "status", "--porcelain"), state.dirty) == ("", "true")
    assert [line for line in state.diff.splitlines() if line.startswith("+++")] == ["+++ b/src/reprodx/local.py"]


def test_a_package_from_elsewhere_is_not_of_this_commit(repository: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "site-packages" / "reprodx"
    shutil.copytree(repository / "src/reprodx", elsewhere)
    (repository / ".git/info/exclude").write_text("site-packages/\n")
    assert state_of(repository, elsewhere) == state_of(repository), "the same code"
    (elsewhere / "model.py").write_text("UNITS = 1\n")
    assert state_of(repository).dirty == "false"
    other = state_of(repository, elsewhere)
    assert (other.dirty, other.is_recorded) == ("true", False)
    assert other.code_hash != state_of(repository).code_hash
    git(repository, "rm", "-rq", "--cached", "src")
    git(repository, *AS_ANN, "commit", "-qm", "a repository of analyses")
    shutil.rmtree(repository / "src")
    assert state_of(repository, elsewhere).dirty == "true", "the commit holds no such code at all"


def test_ends_of_lines_that_git_changes_are_no_change(repository: Path) -> None:
    git(repository, "config", "core.autocrlf", "true")
    (repository / "src/reprodx/model.py").unlink()
    git(repository, "checkout", "-q", "src")
    assert (repository / "src/reprodx/model.py").read_bytes() == b"UNITS = 64\r\n"
    assert state_of(repository).dirty == "false"


def test_a_hook_of_another_repository_does_not_lend_its_commit(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", str(repository / "nowhere"))
    assert state_of(repository).dirty == "false"


def test_a_process_is_of_the_code_that_it_first_saw(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = provenance_of_process(repository)
    assert edit_tags(repository) == {}
    monkeypatch.setattr("reprodx.tracking.provenance.code_hash", lambda: "edited")
    assert provenance_of_process(repository) is seen
    tags = edit_tags(repository)
    assert tags["reprodx.git_dirty"] == "true"
    assert tags["reprodx.code_hash"] not in {seen.code_hash, "edited"}, "the code of no other run"


def test_a_patch_fits_the_repository_whatever_git_is_set_to(repository: Path, tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    for name in ("src", "data", "params.yaml", ".gitignore"):
        (repository / name).rename(tmp_path / "project" / name)
    git(repository, "add", "-A")
    git(repository, *AS_ANN, "commit", "-qm", "the project is a folder of a repository")
    for setting in ("diff.noprefix", "diff.relative", "diff.mnemonicPrefix"):
        git(repository, "config", setting, "true")
    git(repository, "config", "diff.context", "0")
    sources = tmp_path / "project" / "src" / "reprodx"
    assert provenance(tmp_path / "project", sources).dirty == "false"
    (sources / "model.py").write_text("UNITS = 32\n")
    (sources / "new.py").write_text("NEW = True\n")
    state = provenance(tmp_path / "project", sources)
    git(repository, "stash", "-q", "--include-untracked")
    (tmp_path / "changes.diff").write_text(state.diff)
    git(repository, "apply", "changes.diff")
    assert provenance(tmp_path / "project", sources).code_hash == state.code_hash


def test_changed_tables_count_as_dirty_and_are_not_shown(repository: Path) -> None:
    (repository / "data/raw/clinic.csv").write_text("patient,age\nP-1,55\n")
    (repository / "notes.ipynb").write_text('{"output": "P-1"}')
    state = state_of(repository)
    assert (state.dirty, state.diff) == ("true", "")


def test_a_folder_outside_git_and_one_without_commits_are_unknown(tmp_path: Path) -> None:
    assert provenance(tmp_path).commit == UNKNOWN
    git(tmp_path, "init", "-q")
    assert provenance(tmp_path).dirty == UNKNOWN


def test_a_machine_without_git_is_unknown(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert provenance(repository).commit == UNKNOWN
