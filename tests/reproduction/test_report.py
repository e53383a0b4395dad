"""The report of a recorded run is made from its files, and added to it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from reprodx.cli import main
from reprodx.config.composition import compose, validate
from reprodx.pipeline import run_command
from reprodx.schemas import Extent
from reprodx.tracking.store import open_store
from tests.project import ROOT

if TYPE_CHECKING:
    import pytest

QUICK = ("evaluation.num_resamples=100", "evaluation.num_null_draws=100", "evaluation.num_attributed=1")


def test_a_trial_is_reported_by_its_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "conf").symlink_to(ROOT / "conf")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    config = validate(compose(["data=breast_cancer", "model=logistic", "trainer=smoke", *QUICK]))
    run_command("run", config, extent=Extent.VALIDATION)
    store = open_store(config.tracking, tmp_path)
    assert store is not None
    (run,) = store.client.search_runs([store.experiment_id(config.data["name"])])

    assert main(["report", run.info.run_id]) == 0
    (path,) = Path("outputs").glob("*/results/report.html")
    stored = store.client.get_run(run.info.run_id)
    assert stored.data.tags["reprodx.reported"] == "true"
    assert "report.html" in {file.path for file in store.client.list_artifacts(run.info.run_id)}
    at_once = path.read_bytes()

    shutil.rmtree("outputs")
    assert main(["report", run.info.run_id]) == 2
    assert f"reprodx reproduce {run.info.run_id}" in capsys.readouterr().err
    run_command("run", config)
    assert path.read_bytes() == at_once
