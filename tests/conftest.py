"""What every room's tests share."""

from __future__ import annotations

import shutil
import signal
from typing import TYPE_CHECKING

import hypothesis
import pytest
from filelock import FileLock

from tests.project import Project, commit_all, make_project

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from selenium import webdriver

# A busy machine is slow, not wrong; half of the usual examples keep all tests under ten minutes.
hypothesis.settings.register_profile("unhurried", deadline=None, max_examples=50)
hypothesis.settings.load_profile("unhurried")


@pytest.fixture(scope="session", autouse=True)
def _heeded_interrupts() -> None:
    """Heed Ctrl-C as in a terminal: what runs in the background may have been started to ignore it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Return a fresh project in which nothing has run."""
    return make_project(tmp_path / "project")


@pytest.fixture(scope="session")
def finished_project(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Project:
    """Return a project in which `dvc repro` has run and everything is committed; copy it before changing it.

    It is made once for all workers, whose folders lie side by side.
    """
    shared = tmp_path_factory.getbasetemp()
    folder = (shared if worker_id == "master" else shared.parent) / "finished"
    is_whole = folder.with_suffix(".whole")
    with FileLock(f"{folder}.lock"):
        if not is_whole.exists():
            project = make_project(folder)
            project("dvc", "repro")
            commit_all(project)
            is_whole.touch()
    return Project(folder)


@pytest.fixture
def finished_copy(finished_project: Project, tmp_path: Path) -> Callable[[], Project]:
    """Return a function that gives copies of the finished project."""

    def copy() -> Project:
        number = len(list(tmp_path.iterdir()))
        return Project(shutil.copytree(finished_project.folder, tmp_path / f"copy{number}", symlinks=True))

    return copy


@pytest.fixture(scope="module")
def browser() -> Iterator[webdriver.Chrome]:
    """Return Chromium without a window, its console and network watched."""
    from tests.browser import open_chromium

    with open_chromium() as chrome:
        yield chrome
