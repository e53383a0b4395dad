"""Git is called without the hooks of a repository."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reprodx.reproduction.git import git, told

if TYPE_CHECKING:
    import pytest

    from tests.reproduction.conftest import Repository


def test_hooks_do_not_run_and_variables_of_a_hook_do_not_mislead(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = repository.commit()
    hook = repository.folder / ".git/hooks/post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\ntouch hooked\n", encoding="utf-8")
    hook.chmod(0o755)
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    assert git(repository.folder, "checkout", "--quiet", "--detach", commit).returncode == 0
    assert not (repository.folder / "hooked").exists()


def test_why_git_failed_is_a_line(repository: Repository) -> None:
    failed = git(repository.folder, "rev-parse", "--verify", "nothing")
    assert told(failed) == "Needed a single revision"
