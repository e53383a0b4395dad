"""The stages run in the workspace, knowing nothing of the person's own settings."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import yaml

from reprodx.errors import ReproductionError
from reprodx.reproduction.rerun import Rerun

if TYPE_CHECKING:
    from pathlib import Path

MAIN = """
import os, pathlib, sys
stage = sys.argv[1]
seen = sorted(name for name in os.environ if name.startswith(("MLFLOW_", "DVC_", "ADAPTED")))
with pathlib.Path("called").open("a") as called:
    called.write(f"{stage} {' '.join(seen)}\\n")
if stage == "compose":
    params = ("data: {path: a}", "seed: 0", "tracking: {name: mlflow, uri: null}", "sweep: {name: s}")
    pathlib.Path("params.yaml").write_text("\\n".join(params))
if stage == "train":
    sys.stderr.write("epoch 1\\nreprodx: the loss is not a number\\n")
    sys.exit(2)
"""
"""Stands for the code of a commit: whatever its version, it has these commands."""


@pytest.fixture
def rerun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Rerun:
    """Return the rerun of a commit whose training fails."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://localhost:1")
    monkeypatch.setenv("DVC_EXP_NAME", "x")
    package = tmp_path / "code/src/reprodx"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "__main__.py").write_text(MAIN, encoding="utf-8")
    return Rerun(tmp_path / "code", sys.executable, lambda environ: {**environ, "ADAPTED": "1"})


def test_the_recorded_settings_take_the_form_of_the_commits_own(rerun: Rerun) -> None:
    rerun.configure({"data": {"path": "/elsewhere/b", "name": "clinic"}, "seed": 3}, {"data.path": "data/raw/b"})
    params = yaml.safe_load((rerun.project / "params.yaml").read_text(encoding="utf-8"))
    assert params == {
        "data": {"path": "data/raw/b", "name": "clinic"},
        "seed": 3,
        "sweep": {"name": "s"},
        "tracking": {"name": "none", "uri": None},
    }


def test_a_stage_that_fails_says_why_and_what_surrounds_the_person_stays_out(rerun: Rerun) -> None:
    with pytest.raises(ReproductionError, match=r"^train failed in the rerun: the loss is not a number$"):
        rerun.run()
    assert (rerun.project / "called").read_text(encoding="utf-8") == "prepare ADAPTED\ntrain ADAPTED\n"
    assert "epoch 1" in rerun.log.read_text(encoding="utf-8")


def test_code_that_cannot_be_asked_who_it_is_says_nothing(rerun: Rerun) -> None:
    assert rerun.identity() == {}


def test_a_test_split_that_was_left_closed_stays_so(rerun: Rerun) -> None:
    pipeline = "def run_stage_of_dvc(stage, extent): open('called', 'a').write(f'{stage} {extent}')"
    schemas = "class Extent: VALIDATION = 'on validation'"
    for name, text in (("pipeline", pipeline), ("schemas", schemas)):
        (rerun.project / f"src/reprodx/{name}.py").write_text(text, encoding="utf-8")
    (rerun.project / "src/reprodx/__main__.py").write_text("", encoding="utf-8")
    replace(rerun, is_closed=True).run()
    assert (rerun.project / "called").read_text(encoding="utf-8") == "evaluate on validation"
