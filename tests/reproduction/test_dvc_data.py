"""Data come out of DVC's cache by the hash that a `.dvc` file names."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from reprodx.reproduction.dvc_data import from_cache, from_remote

if TYPE_CHECKING:
    from collections.abc import Sequence


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a project whose cache holds a table, and a folder of two files."""
    monkeypatch.setattr("reprodx.reproduction.dvc_data._caches", lambda root: iter([root / ".dvc/cache"]))
    objects = tmp_path / ".dvc/cache/files/md5"
    listing = json.dumps([{"md5": "aa1", "relpath": "one.txt"}, {"md5": "bb2", "relpath": "in/two.txt"}])
    for md5, content in (("aa1", "one"), ("bb2", "two"), ("cc3.dir", listing), ("dd4", "table")):
        (objects / md5[:2]).mkdir(parents=True, exist_ok=True)
        (objects / md5[:2] / md5[2:]).write_text(content, encoding="utf-8")
    (tmp_path / "data/raw").mkdir(parents=True)
    for name, md5 in (("folder", "cc3.dir"), ("table.csv", "dd4"), ("lost.csv", "ee5")):
        note = f"outs:\n- md5: {md5}\n  path: {name}\n"
        (tmp_path / f"data/raw/{name}.dvc").write_text(note, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("path", "files"),
    [
        ("data/raw/table.csv", {"": "table"}),
        ("data/raw/folder", {"one.txt": "one", "in/two.txt": "two"}),
        ("data/raw/folder/in", {"two.txt": "two"}),
        ("data/raw/folder/one.txt", {"": "one"}),
    ],
)
def test_files_folders_and_parts_of_folders_come_back(project: Path, path: str, files: dict[str, str]) -> None:
    target = project / "workspace" / path
    assert from_cache(project, project, Path(path), target)
    assert {name: (target / name).read_text(encoding="utf-8") for name in files} == files


@pytest.mark.parametrize("path", ["data/raw/lost.csv", "data/raw/unknown.csv", "data/raw/folder/three.txt"])
def test_what_the_cache_has_not_leaves_nothing(project: Path, path: str) -> None:
    target = project / "workspace" / path
    assert not from_cache(project, project, Path(path), target)
    assert not target.exists()


def test_dvc_is_asked_for_what_a_note_names_alone(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commands: list[Sequence[str]] = []

    def run(command: Sequence[str], **_: object) -> subprocess.CompletedProcess[bytes]:
        commands.append(command)
        return subprocess.CompletedProcess(command, 1)

    monkeypatch.setattr("subprocess.run", run)
    target = project / "workspace/table.csv"
    assert not from_remote(project / "workspace", project, "c", Path("data/raw/unknown.csv"), target)
    assert commands == []
    assert not from_remote(project, project, "c", Path("data/raw/lost.csv"), target)
    assert [command[-2:] for command in commands] == [["--rev", "c"], [str(project), "data/raw/lost.csv"]]
