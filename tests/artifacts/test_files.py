"""Whole files or none."""

from __future__ import annotations

import errno
import os
import platform
import stat
import subprocess
from typing import TYPE_CHECKING

import pytest

from reprodx.artifacts.files import read_json, replacing_file, replacing_folder, write_json, write_text
from reprodx.errors import ArtifactCorruptError, ArtifactMissingError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class InterruptedWriteError(Exception):
    pass


def write_half(path: Path) -> None:
    with replacing_file(path) as temporary:
        temporary.write_text("half")
        raise InterruptedWriteError


def write_half_a_folder(folder: Path) -> None:
    with replacing_folder(folder) as temporary:
        (temporary / "cases").write_text("half")
        raise InterruptedWriteError


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "metrics.json"
    write_text(path, "old")
    with pytest.raises(InterruptedWriteError):
        write_half(path)
    assert path.read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["metrics.json"]


def test_a_failed_folder_leaves_the_old_folder_and_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / "prepared"
    with replacing_folder(folder) as temporary:
        (temporary / "cases").write_text("old")
    with pytest.raises(InterruptedWriteError):
        write_half_a_folder(folder)
    assert (folder / "cases").read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["prepared"]


def test_a_new_folder_replaces_all_of_the_old_one(tmp_path: Path) -> None:
    folder = tmp_path / "prepared"
    for name in ("old", "new"):
        with replacing_folder(folder) as temporary:
            (temporary / name).touch()
    assert [file.name for file in folder.iterdir()] == ["new"]


def test_what_a_killed_process_left_is_removed_by_the_next_and_nobody_else_s(tmp_path: Path) -> None:
    killed = subprocess.Popen(["true"])
    killed.wait()
    mine = {process: f".prepared.{platform.node()}-{process}.x1" for process in (killed.pid, os.getpid())}
    for name in (*mine.values(), ".prepared.elsewhere-1.x1", ".prepared", "prepared.lock"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "cases").touch()
    (tmp_path / f".metrics.json.{platform.node()}-{killed.pid}.x2").touch()
    write_text(tmp_path / "other.json", "{}")
    left = {mine[os.getpid()], ".prepared.elsewhere-1.x1", ".prepared", "prepared.lock", "other.json"}
    assert {path.name for path in tmp_path.iterdir()} == left


def test_a_disk_that_refuses_to_sync_a_file_is_heard_and_one_that_cannot_sync_folders_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fsync(refused: bool) -> Callable[[int], None]:
        def refuse(descriptor: int) -> None:
            if stat.S_ISDIR(os.fstat(descriptor).st_mode) == refused:
                raise OSError(errno.EIO, os.strerror(errno.EIO))

        return refuse

    monkeypatch.setattr(os, "fsync", fsync(refused=True))
    write_text(tmp_path / "metrics.json", "old")
    monkeypatch.setattr(os, "fsync", fsync(refused=False))
    with pytest.raises(OSError, match="Input/output"):
        write_text(tmp_path / "metrics.json", "new")
    assert (tmp_path / "metrics.json").read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["metrics.json"]


def test_json_has_no_word_for_nan(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON"):
        write_json(tmp_path / "metrics.json", {"auroc": float("nan")})
    assert not (tmp_path / "metrics.json").exists()
    write_json(tmp_path / "metrics.json", {"auroc": 0.5})
    assert read_json(tmp_path / "metrics.json", made_by="evaluate") == {"auroc": 0.5}


def test_missing_and_broken_json_say_which_stage_makes_it(tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    with pytest.raises(ArtifactMissingError, match="reprodx prepare"):
        read_json(path, made_by="prepare")
    path.write_text('{"half": ')
    with pytest.raises(ArtifactCorruptError, match="reprodx prepare"):
        read_json(path, made_by="prepare")
