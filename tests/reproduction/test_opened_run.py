"""A run is opened by whatever a person calls it: a name, a report, a bundle."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from reprodx.artifacts.files import write_json
from reprodx.errors import ConfigError
from reprodx.hashing import sha256_of_path
from reprodx.reporting.page import Page, write_page
from reprodx.reproduction.bundle_file import ABOUT, SOURCE, write_bundle_file
from reprodx.reproduction.crate import Part, write_crate
from reprodx.reproduction.opened_run import open_recorded
from tests.reproduction.recorded_project import LEFT

if TYPE_CHECKING:
    from pathlib import Path

    from reprodx.reproduction.recorded_run import RecordedRun
    from tests.tracking.conftest import RunLogger

HASHES = {"config_hash": "c" * 64, "data_hash": "d" * 64, "split_hash": "e" * 64}


def opened(log_run: RunLogger, name: str, fetched: Path) -> RecordedRun:
    return open_recorded(name, lambda: log_run.store, fetched)


def test_a_name_of_several_runs_asks_for_an_id(log_run: RunLogger, fetched: Path) -> None:
    ids = [log_run(log_run.experiment, recipe_hash="r", config_hash=f"c{seed}") for seed in range(2)]
    with pytest.raises(ConfigError, match=f"2 runs are called .*{ids[0]}"):
        opened(log_run, log_run.experiment, fetched)


def test_without_a_store_a_name_is_of_nothing(fetched: Path) -> None:
    with pytest.raises(ConfigError, match="no run is tracked here"):
        open_recorded("mlp", None, fetched)


@pytest.fixture
def report(tmp_path: Path) -> Path:
    """Return the report of an experiment."""
    path = tmp_path / "report.html"
    config = {"model": {"name": "mlp"}, "data": {"name": "clinic"}, "seed": 3}
    write_page(path, Page("t", "h", [], [], json.dumps({"config": config, **HASHES})))
    return path


def test_a_report_leads_to_the_run_that_left_its_bytes(log_run: RunLogger, report: Path, fetched: Path) -> None:
    hashes = {**HASHES, "config_hash": log_run.experiment}
    report.write_text(report.read_text().replace("c" * 64, log_run.experiment))
    noted = {"report": {"report.html": sha256_of_path(report)}}
    own = log_run(files={**LEFT, "hashes.json": json.dumps(noted)}, **hashes)
    log_run(files={**LEFT, "hashes.json": '{"report": {"report.html": "0"}}'}, **hashes)
    assert opened(log_run, str(report), fetched).run_id == own


def test_a_report_of_one_of_several_older_runs_asks_for_an_id(log_run: RunLogger, report: Path, fetched: Path) -> None:
    hashes = {**HASHES, "config_hash": log_run.experiment}
    report.write_text(report.read_text().replace("c" * 64, log_run.experiment))
    older = {"config.yaml": LEFT["config.yaml"]}
    first = log_run(files=older, **hashes)
    assert opened(log_run, str(report), fetched).run_id == first
    log_run(files=older, **hashes)
    with pytest.raises(ConfigError, match="may be of each of 2 runs"):
        opened(log_run, str(report), fetched)


def test_a_report_that_no_store_knows_tells_its_experiment_itself(
    log_run: RunLogger, report: Path, fetched: Path
) -> None:
    for store in (None, log_run.store):
        run = open_recorded(str(report), store, fetched)
        assert (run.run_id, run.commit, run.predictions) == (None, None, None)
        assert (run.name, run.experiment, run.config["seed"]) == ("mlp", "clinic", 3)
        assert run.tags["reprodx.config_hash"] == "c" * 64
        assert run.hashes["split"] == {"membership": "e" * 64}


def test_a_bundle_brings_code_and_where_it_may_data(fetched: Path, tmp_path: Path) -> None:
    content = tmp_path / "content"
    for name, text in {**LEFT, SOURCE: "tar", "predictions.parquet": "numbers"}.items():
        (content / name).parent.mkdir(parents=True, exist_ok=True)
        (content / name).write_text(text)
    said = {
        "run_id": "a1",
        "name": "mlp",
        "experiment": "clinic",
        "ended_at": None,
        "tags": {"reprodx.git_commit": "c"},
    }
    write_json(content / ABOUT, {"format": 1, **said, "has_data": False, "is_numbered": True})
    names = sorted(path.relative_to(content).as_posix() for path in content.rglob("*") if path.is_file())
    parts = [Part(name, name, is_input=False) for name in names]
    write_crate(content, name="mlp", description="a run", ended_at="2026-01-02", parts=parts)
    write_bundle_file(content, tmp_path / "mlp.zip")
    run = open_recorded(str(tmp_path / "mlp.zip"), None, fetched)
    assert (run.run_id, run.name, run.commit, run.config["seed"]) == ("a1", "mlp", "c", 3)
    assert run.source_archive == fetched / SOURCE
    assert (run.data_folder, run.is_numbered) == (None, True)
    assert run.manifest == {"num_cases": 4}
