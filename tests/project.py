"""A project of one's own to break, with the commands a user would type in it."""

from __future__ import annotations

import io
import logging
import os
import shutil
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from reprodx.cli import main

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).parents[1]
PARTS = ("conf", "src", "data/raw", ".dvc/config", ".dvc/.gitignore", ".dvcignore", ".gitignore", "dvc.yaml")
"""What makes a folder a project, apart from what the stages write."""
SECONDS = 300
"""How long one command may take before a test calls it hung."""


@dataclass(frozen=True)
class Project:
    """A project in a temporary folder, with the commands a user would type in it."""

    folder: Path

    def __call__(self, *command: str, exit_code: int = 0, env: Mapping[str, str] | None = None) -> str:
        """Run a command as if the project were installed in the virtual environment; return all that it prints."""
        done = subprocess.run(
            command,
            cwd=self.folder,
            env={**environment(), "PYTHONPATH": str(self.folder / "src"), **(env or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert done.returncode == exit_code, f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}"
        return done.stdout

    def here(self, *arguments: str, exit_code: int = 0) -> str:
        """Run a command of reprodx in this process, which has its libraries loaded; return what it and its log say."""
        said = io.StringIO()
        log = logging.StreamHandler(said)
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(said), redirect_stderr(said):
            patch.chdir(self.folder)
            patch.setattr(sys, "argv", sys.argv)
            for name in os.environ.keys() - environment().keys():
                patch.delenv(name)
            patch.setattr(logging.root, "level", logging.INFO)
            patch.setattr(logging.root, "handlers", [log])
            found = main(arguments)
        assert found == exit_code, f"{' '.join(arguments)} ended with {found}:\n{said.getvalue()}"
        return said.getvalue()

    def refused(self, *command: str, exit_code: int = 2) -> str:
        """Run a command that must be refused in one line without a traceback; return that line."""
        return self._complaint(self(*command, exit_code=exit_code))

    def refused_here(self, *arguments: str, exit_code: int = 2) -> str:
        """Run a command in this process that must be refused in one line; return that line."""
        return self._complaint(self.here(*arguments, exit_code=exit_code))

    def _complaint(self, text: str) -> str:
        complaints = [line for line in text.splitlines() if line.startswith("reprodx: ")]
        assert len(complaints) == 1, text
        assert "Traceback" not in text
        assert str(self.folder) not in complaints[0]
        return complaints[0]

    def edit(self, name: str, old: str, new: str) -> None:
        """Replace text that must be there."""
        path = self.folder / name
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{name} does not hold {old!r}"
        path.write_text(text.replace(old, new), encoding="utf-8")

    def read(self, name: str) -> bytes:
        """Return a file's bytes."""
        return (self.folder / name).read_bytes()

    def outputs(self) -> list[Path]:
        """Return the folders of runs with overrides, oldest first."""
        return sorted((self.folder / "outputs").glob("*"), key=lambda folder: folder.stat().st_mtime_ns)


def environment() -> dict[str, str]:
    """Return the environment of a user who has activated the virtual environment and set nothing else."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("MLFLOW_", "DVC_", "HYDRA_"))}
    return {**kept, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}


def make_project(folder: Path) -> Project:
    """Copy the project's parts into a git repository of its own, with training and judging short enough for tests."""
    for part in PARTS:
        source, target = ROOT / part, folder / part
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("*.egg-info"))
        else:
            shutil.copy(source, target)
    project = Project(folder)
    project.edit("conf/trainer/cpu.yaml", "max_epochs: ", "max_epochs: 3  # ")
    # Each command would be started anew, and take longer.
    project.edit("conf/trainer/cpu.yaml", "portable: true", "portable: false")
    for setting, value in (("num_resamples", 200), ("num_null_draws", 100), ("num_attributed", 1)):
        project.edit("conf/evaluation/default.yaml", f"{setting}: ", f"{setting}: {value}  # ")
    project("git", "init", "--quiet", "--initial-branch=main")
    project("git", "config", "user.email", "tests@example.org")
    project("git", "config", "user.name", "tests")
    commit_all(project)
    return project


def commit_all(project: Project) -> None:
    """Commit the project as it stands."""
    project("git", "add", "--all")
    project("git", "commit", "--quiet", "--allow-empty", "--message", "as it stands")
