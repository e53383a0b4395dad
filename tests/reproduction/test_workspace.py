"""The code of a run comes back as it was, and leaves nothing behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reprodx.errors import ArtifactCorruptError, ConfigError
from reprodx.reproduction.workspace import FOLDER, clear_abandoned, own_folder, workspace

if TYPE_CHECKING:
    from tests.reproduction.conftest import Repository


def worktrees(repository: Repository) -> int:
    return repository("worktree", "list", "--porcelain").count("worktree ")


def test_the_commit_comes_back_with_its_changes_and_the_persons_own_stay_out(repository: Repository) -> None:
    commit = repository.commit()
    repository.write("src/model.py", b"depth = 2\n")
    repository.write("src/new.py", b"width = 3\n")
    repository("add", "--intent-to-add", "src/new.py")
    changes = repository("diff", "HEAD").encode()
    repository.write("src/model.py", b"depth = 9\n")
    with workspace(repository.folder, commit, changes) as project:
        assert (project / "src/model.py").read_bytes() == b"depth = 2\n"
        assert (project / "src/new.py").read_bytes() == b"width = 3\n"
        assert (repository.folder / "src/model.py").read_bytes() == b"depth = 9\n"
    assert worktrees(repository) == 1
    assert not list((repository.folder / FOLDER).iterdir())


def test_changes_of_lines_that_end_with_a_carriage_return_fit(repository: Repository) -> None:
    repository.write("src/model.py", b"depth = 1\r\nwidth = 1\r\n")
    commit = repository.commit()
    repository.write("src/model.py", b"depth = 2\r\nwidth = 1\r\n")
    changes = repository.folder / "changes"
    repository("diff", f"--output={changes}", "HEAD", "--", "src")
    with workspace(repository.folder, commit, changes.read_bytes()) as project:
        assert (project / "src/model.py").read_bytes() == b"depth = 2\r\nwidth = 1\r\n"


def test_what_cannot_come_back_is_said_in_a_line(repository: Repository) -> None:
    commit = repository.commit()
    with (
        pytest.raises(ConfigError, match="does not have commit 0123456701234567"[:30]),
        workspace(repository.folder, "01234567" * 5, b""),
    ):
        pass
    binary = b"diff --git a/src/x.bin b/src/x.bin\nBinary files /dev/null and b/src/x.bin differ\n"
    with pytest.raises(ArtifactCorruptError, match=r"hold src/x\.bin"), workspace(repository.folder, commit, binary):
        pass
    with (
        pytest.raises(ArtifactCorruptError, match="do not fit its commit"),
        workspace(repository.folder, commit, b"--- a/src/other.py\n+++ b/src/other.py\n@@ -1 +1 @@\n-a\n+b\n"),
    ):
        pass
    assert worktrees(repository) == 1


def test_a_patch_cannot_write_outside_of_the_worktree(repository: Repository) -> None:
    commit = repository.commit()
    escaping = b"--- /dev/null\n+++ b/../../escaped.py\n@@ -0,0 +1 @@\n+x\n"
    with pytest.raises(ArtifactCorruptError), workspace(repository.folder, commit, escaping):
        pass
    assert not list(repository.folder.rglob("escaped.py"))


def test_a_project_in_a_folder_of_its_repository_is_found_there(repository: Repository) -> None:
    repository.write("inner/src/model.py", b"depth = 5\n")
    commit = repository.commit()
    with workspace(repository.folder / "inner", commit, b"") as project:
        assert (project / "src/model.py").read_bytes() == b"depth = 5\n"


def test_what_a_killed_process_left_goes_and_what_lives_stays(repository: Repository) -> None:
    commit = repository.commit()
    home = repository.folder / FOLDER
    (home / "dead").mkdir(parents=True)
    (home / "dead.lock").touch()
    repository("worktree", "add", "--quiet", "--detach", str(home / "dead/code"), commit)
    with own_folder(repository.folder) as living:
        clear_abandoned(repository.folder)
        assert living.is_dir()
    assert not (home / "dead").exists()
    assert worktrees(repository) == 1
    assert "reproductions" not in repository("worktree", "list")
