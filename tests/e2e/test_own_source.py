"""Wherever DVC or a person takes a project, its own source runs, with one virtual environment for all.

The projects here hold a package of one line in the place of ours, which writes which code it is: what the environment
has installed is other code for each of them.
"""

from __future__ import annotations

import hashlib
import time
from typing import TYPE_CHECKING

import pytest

from tests.project import ROOT, Project, commit_all

if TYPE_CHECKING:
    from pathlib import Path

CLI = "from pathlib import Path\n\ndef main():\n    Path('result.txt').write_text('first')\n"
FILES = {
    "src/reprodx/__init__.py": "",
    "src/reprodx/cli.py": CLI,
    "dvc.yaml": "stages: {train: {cmd: reprodx train, deps: [src], outs: [result.txt]}}\n",
    ".gitignore": "__pycache__/\n/result.txt\n",
    ".dvcignore": "__pycache__/\n",
}
INSTALLED = {"PYTHONPATH": str(ROOT / "src")}
"""As if this project were what the environment has installed."""
SECONDS = 120


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Return a committed project that has not run; each test edits it and leaves it as it was committed."""
    project = Project(tmp_path_factory.mktemp("original") / "project")
    for name, text in FILES.items():
        (project.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (project.folder / name).write_text(text)
    for command in ("git init --quiet", "git config user.email a@example.org", "git config user.name a"):
        project(*command.split())
    project("dvc", "init", "--quiet")
    project("dvc", "config", "core.analytics", "false")
    commit_all(project)
    return project


def dvc(project: Project, *arguments: str) -> str:
    return project("dvc", *arguments, env=INSTALLED)


def result_of_repro(project: Project) -> str:
    dvc(project, "repro", "--quiet")
    return project.read("result.txt").decode()


def is_result(text: str, lock: str) -> bool:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest() in lock


def edit(project: Project, word: str) -> None:
    (project.folder / "src/reprodx/cli.py").write_text(CLI.replace("first", word))


@pytest.mark.pipeline
def test_a_queued_experiment_runs_as_it_was_queued_and_later_edits_get_no_result_of_it(original: Project) -> None:
    dvc(original, "exp", "run", "--queue", "--name", "queued")
    edit(original, "edited")
    original("bash", "-c", "dvc queue start --jobs 1 > queue.log 2>&1", env=INSTALLED)
    until = time.monotonic() + SECONDS
    while "queued" not in original("git", "for-each-ref", "refs/exps"):
        assert time.monotonic() < until, original("dvc", "queue", "logs", "queued")
        time.sleep(0.5)
    (reference,) = original("git", "for-each-ref", "--format=%(refname)", "refs/exps/**/queued").split()
    lock = original("git", "show", f"{reference}:dvc.lock")
    assert is_result("first", lock)
    # The cache of runs holds the queued result for the queued code, and none for the edited one.
    assert result_of_repro(original) == "edited"
    edit(original, "first")
    assert "is cached - skipping run" in dvc(original, "repro")
    assert original.read("result.txt") == b"first"


@pytest.mark.pipeline
def test_a_temporary_workspace_runs_the_copy_that_it_was_given(original: Project) -> None:
    edit(original, "in a copy")
    dvc(original, "exp", "run", "--temp", "--name", "copied")
    (reference,) = original("git", "for-each-ref", "--format=%(refname)", "refs/exps/**/copied").split()
    assert is_result("in a copy", original("git", "show", f"{reference}:dvc.lock"))
    edit(original, "first")
    assert result_of_repro(original) == "first"


def test_a_worktree_and_a_second_clone_run_their_own_source(original: Project, tmp_path: Path) -> None:
    for name, command in {"worktree": ("git", "worktree", "add", "--detach"), "clone": ("git", "clone", ".")}.items():
        other = Project(tmp_path / f"a {name}")
        original(*command, str(other.folder))
        edit(other, name)
        assert result_of_repro(other) == name
    assert result_of_repro(original) == "first"
