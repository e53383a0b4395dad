"""The source of a run is code and settings, the same bytes for the same sources."""

from __future__ import annotations

import tarfile
from typing import TYPE_CHECKING

import pytest

from reprodx.errors import ConfigError
from reprodx.reproduction.source_archive import write_source_archive

if TYPE_CHECKING:
    from pathlib import Path

    from tests.reproduction.recorded_project import RecordedProject


def test_no_table_and_no_picture_is_source(recorded_project: RecordedProject, tmp_path: Path) -> None:
    root = recorded_project.root
    recorded_project.write(**{"data/raw/read.py": "", "results/metrics.json": "{}", "params.yaml": "", "LICENSE": "L"})
    (root / "src/new.py").write_text("NEW = 1\n")
    (tmp_path / "secret.py").write_text("SECRET = 1\n")
    (root / "src/link.py").symlink_to(tmp_path / "secret.py")
    (root / "src/run.sh").write_text("#!/bin/sh\n")
    (root / "src/run.sh").chmod(0o755)
    write_source_archive(root, tmp_path / "a.tar")
    with tarfile.open(tmp_path / "a.tar") as archive:
        entries = {one.name: one for one in archive}
    assert set(entries) == {
        ".gitignore",
        "LICENSE",
        "conf/config.yaml",
        "src/new.py",
        "src/reprodx/model.py",
        "src/run.sh",
    }
    assert (entries["src/run.sh"].mode, entries["src/new.py"].mode) == (0o755, 0o644)
    assert {(one.mtime, one.uid, one.uname) for one in entries.values()} == {(0, 0, "")}


def test_the_same_sources_make_the_same_bytes(recorded_project: RecordedProject, tmp_path: Path) -> None:
    for name in ("a.tar", "b.tar"):
        (recorded_project.root / "src/reprodx/model.py").touch()
        write_source_archive(recorded_project.root, tmp_path / name)
    assert (tmp_path / "a.tar").read_bytes() == (tmp_path / "b.tar").read_bytes()


def test_a_password_in_the_sources_is_masked(
    recorded_project: RecordedProject, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    recorded_project.write(**{"conf/tracking.yaml": "uri: http://ann:hunter2@é.org/\n", "src/a.py": "token = token\n"})
    write_source_archive(recorded_project.root, tmp_path / "a.tar")
    content = (tmp_path / "a.tar").read_bytes()
    assert b"hunter2" not in content
    assert "uri: http://***@é.org/\n".encode() in content
    assert b"token = token\n" in content
    assert "conf/tracking.yaml" in caplog.text


def test_a_folder_outside_of_git_has_no_sources(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no source"):
        write_source_archive(tmp_path, tmp_path / "a.tar")
