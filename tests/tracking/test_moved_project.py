"""A project that was moved or copied finds its files."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from reprodx.tracking.moved_project import location_of
from reprodx.tracking.store import open_store

if TYPE_CHECKING:
    from collections.abc import Callable

    from reprodx.config import Tracking
    from reprodx.tracking.store import Store


@pytest.fixture
def old(copy_database: Callable[[Path], None], section: Callable[..., Tracking], tmp_path: Path) -> tuple[Path, str]:
    """Return a project with a run, and the run's id."""
    (tmp_path / "old").mkdir()
    copy_database(tmp_path / "old")
    store = open_store(section(), tmp_path / "old")
    assert store is not None
    run_id = store.create_run("my clinic", "mlp", {})
    store.client.log_text(run_id, "scores", "metrics.json")
    return tmp_path / "old", run_id


def reopened(folder: Path, section: Callable[..., Tracking]) -> Store:
    store = open_store(section(), folder)
    assert store is not None
    return store


def test_a_copy_reads_and_writes_its_own_files(old: tuple[Path, str], section: Callable[..., Tracking]) -> None:
    (folder, run_id), copy = old, old[0].with_name("copy")
    shutil.copytree(folder, copy)
    store = reopened(copy, section)
    (copy / "mlruns" / "my clinic" / run_id / "artifacts" / "metrics.json").write_text("other")
    (copy / "fetched").mkdir()
    fetched = store.client.download_artifacts(run_id, "metrics.json", str(copy / "fetched"))
    assert Path(fetched).read_text() == "other"
    later = store.create_run("my clinic", "lstm", {})
    store.client.log_text(later, "new", "metrics.json")
    assert (copy / "mlruns" / "my clinic" / later).is_dir()
    assert not (folder / "mlruns" / "my clinic" / later).exists()
    # The original is as it was.
    assert str(folder) in reopened(folder, section).client.get_run(run_id).info.artifact_uri


def test_a_moved_project_finds_its_files_and_says_so_once(
    old: tuple[Path, str], section: Callable[..., Tracking], caplog: pytest.LogCaptureFixture
) -> None:
    folder, run_id = old
    moved = folder.rename(folder.with_name("new"))
    with caplog.at_level("INFO", "reprodx"):
        for _ in range(2):
            store = reopened(moved, section)
    assert [file.path for file in store.client.list_artifacts(run_id)] == ["metrics.json"]
    assert caplog.text.count("this project was moved or copied") == 1


def test_a_link_to_the_project_is_no_move(old: tuple[Path, str], section: Callable[..., Tracking]) -> None:
    folder, run_id = old
    link = folder.with_name("link")
    link.symlink_to(folder)
    uri = f"sqlite:///{link}/mlflow.db"
    store = open_store(section(uri), link)
    assert store is not None
    assert str(folder) in store.client.get_run(run_id).info.artifact_uri


def test_an_experiment_that_is_no_folders_name_has_one(tmp_path: Path) -> None:
    assert location_of("a/b 1", tmp_path).name == "a%2Fb 1"
