"""Every benchmark still runs: those of one process on next to nothing, those that time commands by what they name."""

from __future__ import annotations

import functools
import importlib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from benchmarks import (
    comparison,
    image_prepare,
    prepare_speed,
    search_against_grid,
    start_up,
    text_baseline,
    tracking_share,
)
from benchmarks.__main__ import BENCHMARKS
from reprodx.config.composition import compose_each, validate
from reprodx.sweep.search.space import read_space
from tests.project import ROOT

if TYPE_CHECKING:
    from types import ModuleType

SMOKED = [module for module in BENCHMARKS if hasattr(module, "SMOKE")]
TIMED = [prepare_speed.PARTS, tracking_share.PARTS, tracking_share.EPOCHS, image_prepare.PARTS]
OF_COMMANDS = {"no_op_repro", "first_repro", "prepare_speed", "tracking_share", "image_prepare", "search_against_grid"}
"""Each starts several processes, seconds each: what they time is looked up, they are not run."""
ON_REAL_DATA = {"against_scikit_learn"}
"""Fits thirty models: not run."""


def _name(module: ModuleType) -> str:
    return module.__name__.rpartition(".")[2]


def test_none_is_forgotten() -> None:
    runnable = {path.stem for path in (ROOT / "benchmarks").glob("*.py") if "\nif __name__" in path.read_text()}
    known = {_name(module) for module in (*SMOKED, start_up, text_baseline)} | OF_COMMANDS | ON_REAL_DATA
    assert runnable - known == {"__main__", "bare_prepare", "bare_script", "timed_command"}
    assert {_name(module) for module in BENCHMARKS} <= known


def _measure(module: ModuleType, patch: pytest.MonkeyPatch, **constants: object) -> list[comparison.Comparison]:
    patch.setattr(comparison, "NUM_PAIRS", 1)
    if hasattr(module, "NUM_PAIRS"):
        patch.setattr(module, "NUM_PAIRS", 1)
    for name, value in constants.items():
        patch.setattr(module, name, value)
    measured: list[comparison.Comparison] = module.measure()
    return measured


@pytest.mark.parametrize("module", [*SMOKED, start_up], ids=_name)
def test_it_runs_on_next_to_nothing(module: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    found = _measure(module, monkeypatch, **getattr(module, "SMOKE", {}))
    assert found
    for one in found:
        assert len(one.ours) == len(one.bare) == 1
        assert all(timing.clock > 0 for timing in (*one.ours, *one.bare))
        assert one.row().count("|") == comparison.TABLE_HEAD.splitlines()[0].count("|")


def test_texts_are_compared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "conf").symlink_to(ROOT / "conf")
    monkeypatch.chdir(tmp_path)
    lines = [f"{'cough' if number % 2 else 'rash'} since {number} days,{number % 2}" for number in range(80)]
    Path("notes.csv").write_text("\n".join(["note,ill", *lines]) + "\n", encoding="utf-8")
    monkeypatch.setattr(text_baseline, "NUM_PAIRS", 1)
    [found] = text_baseline.measure(["data=text_table data.path=notes.csv data.text=note data.target=ill"])
    assert found.notes["ours, test"].startswith("AUROC ")


@pytest.mark.parametrize("place", sorted(place for parts in TIMED for places in parts.values() for place in places))
def test_what_is_timed_inside_a_command_is_there(place: str) -> None:
    module, _, path = place.partition(":")
    assert callable(functools.reduce(getattr, path.split("."), importlib.import_module(module)))


@pytest.mark.parametrize("swept", [search_against_grid.GRID, search_against_grid.SPACE], ids=["grid", "search"])
def test_what_is_searched_fits(swept: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    space, shared = read_space([*search_against_grid.SHARED, *search_against_grid.QUICK, *swept], None)
    corners = [[*shared, *corner] for corner in space.corners()]
    assert {validate(one, components=()).model["name"] for one in compose_each(corners)} == {"mlp"}
