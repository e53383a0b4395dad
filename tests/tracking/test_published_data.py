"""Git keeps no patients by accident, and who made it keep some is told."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from reprodx.doctor import examine
from reprodx.tracking.published_data import published_data
from tests.tracking.test_provenance import AS_ANN, git

PATIENTS = (
    "data/raw/mine/table.csv",
    "data/raw/table.parquet",
    "data/raw/mine/images/eye1.jpg",
    "data/raw/mine/r1.dat",
    "data/raw/mine.zip",
)
PUBLIC = (
    *("data/raw/mine/table.csv.dvc", "data/raw/mine/.gitignore", "data/raw/mine/card.md", "data/raw/mine.dvc"),
    *("data/raw/heart_disease/heart_disease_uci.csv", "data/raw/heart_disease/card.md"),
)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a project with a user's patients in it, as git leaves one to the user."""
    shutil.copy(".gitignore", tmp_path)
    for name in (*PATIENTS, *PUBLIC):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    git(tmp_path, "init", "-q")
    return tmp_path


def test_adding_everything_adds_what_ships_and_what_dvc_notes_and_no_patient(project: Path) -> None:
    git(project, "add", ".")
    assert set(git(project, "ls-files").split()) == {".gitignore", *PUBLIC}
    assert published_data(project) == []


def test_the_doctor_tells_of_patients_that_git_tracks(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "analysis").mkdir()
    for name in ("scan.NII.gz", "notes.ipynb", "figure.png", "archive.tar.gz"):
        (project / "analysis" / name).touch()
    git(project, "add", "--force", ".")
    git(project, *AS_ANN, "commit", "-qm", "everything")
    assert published_data(project) == sorted([*PATIENTS, "analysis/notes.ipynb", "analysis/scan.NII.gz"])
    examine()
    (line,) = (line for line in capsys.readouterr().out.splitlines() if "patients in git" in line)
    assert "7 files" in line
    assert "git rm --cached" in line


def test_the_repository_itself_tracks_what_ships_alone() -> None:
    assert published_data(Path()) == []
