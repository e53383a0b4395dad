"""What git says of a working tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reprodx.tracking.git import ask_git, git, told

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


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


def test_hooks_do_not_run_and_variables_of_a_hook_do_not_mislead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    author = ("-c", "user.name=tests", "-c", "user.email=tests@example.org")
    for command in (("init", "--quiet"), (*author, "commit", "--quiet", "--allow-empty", "--message", "first")):
        assert git(tmp_path, *command).returncode == 0
    hook = tmp_path / ".git/hooks/post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\ntouch hooked\n", encoding="utf-8")
    hook.chmod(0o755)
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    assert git(tmp_path, "checkout", "--quiet", "--detach", "HEAD").returncode == 0
    assert not (tmp_path / "hooked").exists()


def test_why_git_failed_is_a_line(tmp_path: Path) -> None:
    ask_git(tmp_path, "init", "--quiet")
    assert told(git(tmp_path, "rev-parse", "--verify", "nothing")) == "Needed a single revision"
