"""What git says of a working tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reprodx.tracking.git import ask_git

if TYPE_CHECKING:
    from pathlib import Path


def test_what_git_reads_and_prints_is_text(tmp_path: Path) -> None:
    assert ask_git(tmp_path, "hash-object", "--stdin", given="") == "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391\n"


def test_another_index_leaves_the_repositorys_own_alone(tmp_path: Path) -> None:
    ask_git(tmp_path, "init", "--quiet")
    (tmp_path / "a.py").touch()
    ask_git(tmp_path, "add", "a.py", index=tmp_path / "other")
    assert ask_git(tmp_path, "ls-files", index=tmp_path / "other") == "a.py\n"
    assert ask_git(tmp_path, "ls-files") == ""


def test_where_git_refuses_nothing_is_said(tmp_path: Path) -> None:
    assert ask_git(tmp_path, "rev-parse", "HEAD") == ""
