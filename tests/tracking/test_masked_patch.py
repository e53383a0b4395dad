"""A patch that is recorded holds no password, and can be applied."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from reprodx.tracking.masked_patch import masked_patch
from reprodx.tracking.obstacles import _of_code
from reprodx.tracking.provenance import provenance
from tests.tracking.test_provenance import git

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "hunter2"  # noqa: S105 - made for the test
ADDRESS = f"postgresql://ann:{SECRET}/x@db/runs"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return a committed project, one of whose settings holds a password."""
    (tmp_path / "conf").mkdir()
    (tmp_path / "src/reprodx").mkdir(parents=True)
    (tmp_path / "conf/usual.yaml").write_text("uri: null\n")
    (tmp_path / "conf/old.yaml").write_text(f"uri: {ADDRESS}\n")
    (tmp_path / "src/reprodx/model.py").write_text("UNITS = 64\n")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "-A")
    git(tmp_path, "-c", "user.name=Ann", "-c", "user.email=ann@example.org", "commit", "-qm", "first")
    return tmp_path


def test_a_password_in_an_uncommitted_change_is_masked_and_told_and_the_rest_applies(repository: Path) -> None:
    (repository / "conf/usual.yaml").write_text(f"uri: {ADDRESS}\n")
    (repository / "conf/old.yaml").write_text("uri: null\n")
    (repository / "conf/new.yaml").write_text(f"name: new\npassword: {SECRET}\n")
    (repository / "src/reprodx/model.py").write_text("UNITS = 32\ntoken = UNITS\n")
    state = provenance(repository, repository / "src/reprodx")
    assert SECRET not in state.diff
    assert state.masked == ("conf/old.yaml", "conf/usual.yaml", "conf/new.yaml")
    assert any("conf/usual.yaml" in line and "password" in line for line in _of_code(state, repository))
    git(repository, "stash", "-q", "--include-untracked")
    subprocess.run(["git", "-C", str(repository), "apply"], input=state.diff.encode(), check=True)
    assert (repository / "src/reprodx/model.py").read_text() == "UNITS = 32\ntoken = UNITS\n"
    assert (repository / "conf/usual.yaml").read_text() == "uri: postgresql://***@db/runs\n"
    assert (repository / "conf/new.yaml").read_text() == 'name: new\npassword: "***"\n'


def test_a_patch_without_secrets_stays_byte_by_byte(repository: Path) -> None:
    (repository / "src/reprodx/model.py").write_bytes(b"UNITS = 64\r\nname = 'a\x0cb'\n")
    patch = git(repository, "diff")
    assert masked_patch(patch) == (patch, ())


def test_a_file_with_a_private_key_is_left_out() -> None:
    added = "@@ -0,0 +1,2 @@\n+-----BEGIN PRIVATE KEY-----\n+abc\n"
    patch = f"diff --git a/k.toml b/k.toml\n--- /dev/null\n+++ b/k.toml\n{added}"
    assert masked_patch(patch) == ("", ("k.toml",))
