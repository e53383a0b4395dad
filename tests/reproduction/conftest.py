"""A repository with a little project in it, predictions to be compared, and the store of the tracking room's tests."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import polars as pl
import pytest

from reprodx.artifacts.predictions import Predictions, write_predictions
from tests.reproduction.recorded_project import CARD, CASES, TABLE, RecordedProject
from tests.tracking.conftest import config, log_run, manifest, store

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from tests.tracking.conftest import RunLogger

__all__ = ["config", "log_run", "manifest", "store"]


class Repository:
    """A git repository in a temporary folder."""

    def __init__(self, folder: Path) -> None:
        """Create it."""
        self.folder = folder
        folder.mkdir()
        self("init", "--quiet", "--initial-branch=main")
        self("config", "user.email", "tests@example.org")
        self("config", "user.name", "tests")

    def __call__(self, *arguments: str) -> str:
        """Run git; return what it prints."""
        return subprocess.run(
            ["git", "-C", str(self.folder), *arguments], check=True, capture_output=True, text=True
        ).stdout

    def write(self, name: str, content: bytes) -> None:
        """Write a file."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def commit(self) -> str:
        """Commit all there is; return the sha."""
        self("add", "--all")
        self("commit", "--quiet", "--message", "as it stands")
        return self("rev-parse", "HEAD").strip()


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """Return a repository with one source and one table in it, not committed."""
    made = Repository(tmp_path / "repository")
    made.write("src/model.py", b"depth = 1\n")
    made.write("data/raw/table.csv", b"id,y\n1,0\n")
    return made


@pytest.fixture
def predicted(tmp_path: Path) -> Callable[..., Path]:
    """Return the writer of binary predictions of test cases, by the probability of the positive class."""

    def write(
        name: str, probs: Sequence[float], *, ids: Sequence[str] = ("a", "b", "c", "d"), threshold: float = 0.5
    ) -> Path:
        table = pl.DataFrame(
            {
                "case_id": list(ids),
                "split": ["test"] * len(probs),
                "y_true": ["no", "yes"] * (len(probs) // 2) + ["no"] * (len(probs) % 2),
                "prob_no": [1 - prob for prob in probs],
                "prob_yes": list(probs),
            }
        )
        chosen = {"value": threshold, "rule": "fixed", "chosen_on": "val"}
        metadata = {"classes": ["no", "yes"], "task": "binary", "threshold": chosen}
        write_predictions(tmp_path / name, Predictions(table, metadata))
        return tmp_path / name

    return write


@pytest.fixture
def recorded_project(tmp_path: Path, log_run: RunLogger, monkeypatch: pytest.MonkeyPatch) -> RecordedProject:
    """Return a project in which one stands, with data whose card lets nobody pass them on."""
    root = tmp_path / "project"
    root.mkdir()
    project = RecordedProject(root, log_run)
    project.git("init", "-q")
    project.write(
        **{
            "src/reprodx/model.py": "UNITS = 64\n",
            "conf/config.yaml": "seed: 0\n",
            ".gitignore": ".cache/\n",
            "notes.csv": f"{CASES[0]}\n",
            TABLE: f"id,age\n{CASES[0]},50\n",
            CARD: "# Clinic\n",
        }
    )
    monkeypatch.chdir(root)
    return project


@pytest.fixture
def fetched(tmp_path: Path) -> Path:
    """Return an empty folder, for the files of a run."""
    made = tmp_path / "fetched"
    made.mkdir()
    return made
