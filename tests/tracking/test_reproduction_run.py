"""A reproduction is a run that is found from the old one and taken for an experiment by nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reprodx.errors import ConfigError
from reprodx.tracking.compared_runs import tracked_openings
from reprodx.tracking.named_runs import NamedRuns
from reprodx.tracking.reproduction_run import log_reproduction

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tracking.conftest import RunLogger


def reproduced(log_run: RunLogger, run_id: str, file: Path) -> str | None:
    return log_reproduction(
        log_run.store,
        run_id=run_id,
        name="mlp",
        experiment=log_run.experiment,
        verdict="bit-identical",
        reason="every stage",
        metrics={"reproduction/metric_difference": 0.0},
        files=[file],
    )


def test_both_runs_say_what_came_out(log_run: RunLogger, tmp_path: Path) -> None:
    run_id = log_run("mlp", split_hash="e" * 8)
    (tmp_path / "reproduction.json").write_text("{}", encoding="utf-8")
    own_id = reproduced(log_run, run_id, tmp_path / "reproduction.json")
    old, own = (log_run.store.client.get_run(one) for one in (run_id, own_id))
    assert old.data.tags["reprodx.reproduced"] == "bit-identical"
    assert old.data.tags["reprodx.reproduced_by"] == own_id
    assert old.data.tags["reprodx.reproduced_at"].endswith("+00:00")
    assert (own.data.tags["reprodx.kind"], own.data.tags["reprodx.reproduces"]) == ("reproduction", run_id)
    assert own.info.status == "FINISHED"
    assert [file.path for file in log_run.store.client.list_artifacts(own_id)] == ["reproduction.json"]


def test_no_search_takes_it_for_an_experiment(log_run: RunLogger, tmp_path: Path) -> None:
    run_id = log_run("mlp", split_hash="f" * 8)
    own_id = reproduced(log_run, run_id, tmp_path / "absent")
    runs = NamedRuns(log_run.store, log_run.experiment)
    assert [run.info.run_id for run in runs.finished()] == [run_id]
    assert [run.info.run_id for run in runs.of("mlp")] == [run_id]
    assert [opening.run_id for opening in tracked_openings(log_run.store, "f" * 8)] == [run_id]
    (stored,) = runs.of(str(own_id))
    with pytest.raises(Exception, match="is a reproduction and predicts nothing itself") as raised:
        runs.source(stored)
    assert not isinstance(raised.value, ConfigError)


def test_a_run_of_another_store_is_not_looked_for(
    log_run: RunLogger, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    assert reproduced(log_run, "0" * 32, tmp_path / "absent") is not None
    assert "failed" not in caplog.text
