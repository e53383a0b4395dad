"""A run comes back bit by bit after the project has moved on, and nothing of the person's own is touched."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from reprodx.errors import ConfigError, ReprodxError
from reprodx.reproduction.reproduce import Request, reproduce
from tests.project import commit_all

if TYPE_CHECKING:
    from pathlib import Path

    from tests.project import Project

TABLE = "data/raw/heart_disease/heart_disease_uci.csv"


def test_a_run_of_a_dirty_tree_comes_back_in_the_same_bytes_after_the_project_moved_on(project: Project) -> None:
    project.edit("conf/model/logistic.yaml", "name: logistic", "name: own")
    (project.folder / "conf/model/own.yaml").write_bytes(project.read("conf/model/logistic.yaml"))
    project("git", "checkout", "conf/model/logistic.yaml")
    project("reprodx", "run", "model=own", "trainer=smoke")
    (project.folder / "conf/model/own.yaml").unlink()
    project.edit("src/reprodx/models/logistic.py", '"""', '"""Other. ')
    project.edit(TABLE, ",63,", ",64,")
    commit_all(project)
    project.edit("conf/trainer/smoke.yaml", "epoch_limit: 2", "epoch_limit: 1")
    before = {path: (project.folder / path).stat().st_mtime_ns for path in files(project)}
    said = project("reprodx", "reproduce", "own", "--into", "proof")
    assert "bit-identical: every stage that was recorded came out in the same bytes" in said
    assert "Settings and sources have the recorded hashes." in said
    assert f"data {TABLE}: sha256" in said
    assert "uncommitted changes: in 1 files then" in said
    after = {path: (project.folder / path).stat().st_mtime_ns for path in files(project)}
    assert {path for path in after if after[path] != before.get(path)} == set()
    statement = json.loads(project.read("proof/reproduction.json"))
    assert {one["rerun"] for one in statement["predicate"]["stages"]} == {"same bytes"}
    assert "Reproduction: bit-identical" in project.read("proof/results/report.html").decode()
    assert project("git", "worktree", "list").count("\n") == 1
    again = project.refused("reprodx", "reproduce", "own", "--into", "proof")
    assert again == "reprodx: --into proof is not empty: name a folder that is new or empty"


def files(project: Project) -> list[str]:
    """Return the person's own files; the store is written to, and git refreshes what it remembers of them."""
    names = (path.relative_to(project.folder) for path in project.folder.rglob("*") if path.is_file())
    apart = (".git", "mlflow.db", "mlruns", "proof")
    return [
        str(name)
        for name in names
        if not name.parts[0].startswith(apart) and name.parts[:2] != (".cache", "reproductions")
    ]


@pytest.mark.parametrize("tolerance", [-0.1, 1.0, float("nan")])
def test_a_tolerance_that_is_no_difference_is_refused(tolerance: float) -> None:
    with pytest.raises(ConfigError, match="--tolerance"):
        reproduce(Request("mlp", None, is_locked=False, tolerance=tolerance))


def test_nothing_is_left_where_no_run_has_the_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("reprodx.reproduction.reproduce.open_store_here", lambda: None)
    with pytest.raises(ReprodxError, match="no run is tracked here"):
        reproduce(Request("mlp", None, is_locked=False, tolerance=0.001))
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
