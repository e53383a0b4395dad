"""Data come out of DVC's cache by the hash that a `.dvc` file names."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reprodx.reproduction.dvc_data import from_cache


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
