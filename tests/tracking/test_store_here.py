"""A command finds the store of its folder, and makes none outside of a project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reprodx.tracking.store_here import open_store_here

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest

    from tests.project import Project


def test_the_projects_own_configuration_decides(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.edit("conf/config.yaml", "tracking: mlflow", "tracking: none")
    monkeypatch.chdir(project.folder)
    assert open_store_here() is None


def test_outside_of_a_project_a_database_is_opened_and_none_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, copy_database: Callable[[Path], None]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert open_store_here() is None
    assert not list(tmp_path.iterdir())
    copy_database(tmp_path)
    assert open_store_here() is not None
