"""The code of a run comes from history or from an archive, which cannot write outside of its folder."""

from __future__ import annotations

import io
import tarfile
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from reprodx.errors import ArtifactCorruptError, ReproductionError
from reprodx.reproduction.code_source import code_of
from reprodx.reproduction.recorded_run import RecordedRun

if TYPE_CHECKING:
    from pathlib import Path

    from tests.reproduction.conftest import Repository


@pytest.fixture
def run(tmp_path: Path) -> RecordedRun:
    """Return a run that says nothing of its code."""
    (tmp_path / "fetched").mkdir()
    return RecordedRun(None, "mlp", "x", {}, {}, None, False, "", None, None, {}, None, tmp_path / "fetched")


def archive(path: Path, name: str) -> Path:
    with tarfile.open(path, "w:gz") as made:
        member = tarfile.TarInfo(name)
        member.size = 1
        made.addfile(member, io.BytesIO(b"x"))
    return path


def test_changes_are_read_as_bytes(run: RecordedRun, repository: Repository) -> None:
    repository.write("src/model.py", b"a\r\nb\r\n")
    commit = repository.commit()
    repository.write("src/model.py", b"a\r\nc\r\n")
    repository("diff", f"--output={run.folder / 'changes.diff'}", "HEAD", "--", "src")
    with code_of(replace(run, commit=commit), repository.folder) as project:
        assert (project / "src/model.py").read_bytes() == b"a\r\nc\r\n"


def test_an_archive_is_unpacked_where_no_repository_is(run: RecordedRun, tmp_path: Path) -> None:
    packed = replace(run, source_archive=archive(tmp_path / "source.tar.gz", "src/model.py"))
    with code_of(packed, tmp_path) as project:
        assert (project / "src/model.py").read_bytes() == b"x"
    assert not project.exists()


@pytest.mark.parametrize("name", ["../escaped", "inside/../../escaped"])
def test_an_archive_stays_in_its_folder(run: RecordedRun, tmp_path: Path, name: str) -> None:
    packed = replace(run, source_archive=archive(tmp_path / "source.tar.gz", name))
    with pytest.raises(ArtifactCorruptError, match="damaged"), code_of(packed, tmp_path):
        pass
    assert not list(tmp_path.rglob("escaped"))


def test_a_run_without_a_commit_cannot_be_made_again(run: RecordedRun, tmp_path: Path) -> None:
    with pytest.raises(ReproductionError, match="does not say of which commit"), code_of(run, tmp_path):
        pass
