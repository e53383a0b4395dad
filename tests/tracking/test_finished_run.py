"""Which configuration need not be run again."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from reprodx.artifacts.locations import Locations
from reprodx.schemas import Extent
from reprodx.tracking.finished_run import FinishedRun
from reprodx.tracking.runs import start_run

if TYPE_CHECKING:
    from pathlib import Path

    from reprodx.tracking.description import RunDescription
    from reprodx.tracking.store import Store

IDENTITY = {f"reprodx.{of}_hash": of for of in ("config", "data", "split", "code")}


@pytest.fixture
def locations(tmp_path: Path) -> Locations:
    found = Locations(*(tmp_path / name for name in ("prepared", "models", "results")))
    found.results.mkdir()
    found.models.mkdir()
    (found.models / "model.json").write_text("{}")
    found.metrics.write_text("{}")
    return found


@pytest.mark.parametrize("change", [None, "code", "data", "metrics", "absent", "model", "models"])
def test_it_is_here_while_code_data_model_and_results_are_the_same(
    tmp_path: Path, locations: Locations, change: str
) -> None:
    finished = FinishedRun(tmp_path, IDENTITY, locations)
    assert not finished.is_here()
    finished.note()
    if change == "metrics":
        locations.metrics.write_text("{ }")
    elif change == "absent":
        locations.metrics.unlink()
    elif change == "model":
        (locations.models / "model.json").write_text("{ }")
    elif change == "models":
        shutil.rmtree(locations.models)
    now = {**IDENTITY, f"reprodx.{change}_hash": "later"} if change in {"code", "data"} else IDENTITY
    assert FinishedRun(tmp_path, now, locations).is_here() == (change is None)


def test_the_store_knows_it_and_of_which_sweep(
    store: Store, description: RunDescription, tmp_path: Path, locations: Locations
) -> None:
    finished = FinishedRun(tmp_path, IDENTITY, locations)
    with start_run(store, replace(description, tags=IDENTITY, parent_run_id="p")) as run:
        assert finished.tracked_in(store, description.experiment) is None
        run.set_tags({"reprodx.complete": "true"})
    assert finished.tracked_in(store, description.experiment) == run.run_id
    assert finished.tracked_in(store, description.experiment, "p") == run.run_id
    assert finished.tracked_in(store, description.experiment, "q") is None


def test_how_far_it_was_judged_is_told_by_the_files_here_and_by_the_store(
    store: Store, description: RunDescription, tmp_path: Path, locations: Locations
) -> None:
    finished = FinishedRun(tmp_path, IDENTITY, locations)
    assert finished.extent(None, description.experiment) is Extent.VALIDATION
    locations.metrics.write_text('{"val": {}, "test": {}}')
    with start_run(store, replace(description, tags={**IDENTITY, "reprodx.complete": "true"})) as run:
        for path in (locations.report, locations.model_card):
            path.touch()
        assert finished.extent(None, description.experiment) is Extent.SCORED
        locations.plots.mkdir()
        assert finished.extent(None, description.experiment) is Extent.REPORTED
        assert finished.extent(store, description.experiment) is Extent.SCORED
        run.set_tags({"reprodx.reported": "true"})
    assert finished.extent(store, description.experiment) is Extent.REPORTED
