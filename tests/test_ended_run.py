"""What an ended run lacks is made later, to the bytes of one that had it at once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from reprodx import ended_run
from reprodx.artifacts.locations import Locations, own_locations
from reprodx.artifacts.openings import LEDGER
from reprodx.artifacts.predictions import read_predictions, scored_splits
from reprodx.config.composition import compose, validate
from reprodx.config.identity import config_hash
from reprodx.ended_run import objective, report_of
from reprodx.pipeline import run_command
from reprodx.schemas import VAL, Extent
from reprodx.stages.prepare import find_or_prepare
from reprodx.tracking.store import open_store
from tests.project import ROOT

if TYPE_CHECKING:
    from reprodx.config import Config

QUICK = ("evaluation.num_resamples=100", "evaluation.num_null_draws=100", "evaluation.num_attributed=1")
OVERRIDES = ("data=breast_cancer", "model=logistic", "trainer=smoke", *QUICK)


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    (tmp_path / "conf").symlink_to(ROOT / "conf")
    monkeypatch.chdir(tmp_path)
    return validate(compose([*OVERRIDES, "tracking=none"]))


@pytest.fixture
def locations(config: Config) -> Locations:
    return own_locations(config_hash(config), find_or_prepare(config))


def test_what_a_trial_left_is_completed_later_to_the_same_bytes(config: Config, locations: Locations) -> None:
    assert report_of(config) is None
    best = run_command("run", config)
    at_once = _files(locations)
    assert Path("report.html") in at_once
    Path(LEDGER).unlink()
    Path(LEDGER).with_name(f".{LEDGER.name}").unlink()

    # A report of an earlier run would be of other scores.
    assert run_command("run", config, again=True, extent=Extent.VALIDATION) == best == objective(locations)
    assert set(_files(locations)) == {Path("metrics.json"), Path("predictions.parquet")}
    assert scored_splits(read_predictions(locations.predictions)) == (VAL,)
    assert not Path(LEDGER).exists()

    run_command("run", config, extent=Extent.SCORED)
    assert {path: at_once[path] for path in _files(locations)} == _files(locations)
    assert len(Path(LEDGER).read_text().splitlines()) == 2
    run_command("run", config, extent=Extent.VALIDATION)
    assert Path("report.html") not in _files(locations)

    run_command("run", config)
    assert _files(locations) == at_once
    assert len(Path(LEDGER).read_text().splitlines()) == 2


def test_a_run_that_is_killed_while_its_test_split_is_opened_is_gone_on_with(
    config: Config, locations: Locations, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    uri = f"sqlite:///{tmp_path}/runs.db"
    tracked = validate(compose([*OVERRIDES, "tracking=mlflow", f"tracking.uri={uri}", "tracking.log_model=false"]))
    run_command("run", tracked, extent=Extent.VALIDATION)
    client = open_store(tracked.tracking, tmp_path).client
    (experiment,) = (one for one in client.search_experiments() if one.name == tracked.data["name"])

    def runs() -> list[dict[str, str]]:
        found = client.search_runs([experiment.experiment_id])
        return [{"status": run.info.status, **run.data.tags} for run in found]

    (closed,) = runs()
    tags = "status", "reprodx.test_split", "reprodx.complete"
    assert [closed[tag] for tag in tags] == ["FINISHED", "closed", "true"]

    class Killed(BaseException):
        """Stands for the signal."""

    def be_killed(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("reprodx.stages.evaluate.record_opening", be_killed)
        with pytest.raises(Killed):
            report_of(tracked)
    (killed,) = runs()
    assert killed["status"] == "KILLED"
    assert "reprodx.complete" not in killed
    monkeypatch.setattr("reprodx.stages.train.fit", be_killed)
    run_command("run", tracked)
    (ended,) = runs()
    assert [ended[tag] for tag in tags] == ["FINISHED", "opened", "true"]
    assert ended["reprodx.reported"] == "true"
    assert locations.report.exists()
    assert ended_run.report_of(tracked) == locations.report


def _files(locations: Locations) -> dict[Path, bytes]:
    results = locations.results
    return {path.relative_to(results): path.read_bytes() for path in results.rglob("*") if path.is_file()}
