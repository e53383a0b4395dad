"""A run is opened by whatever a person calls it, and what is no experiment is refused in one line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from reprodx.artifacts.files import write_json
from reprodx.errors import ArtifactCorruptError, ArtifactMissingError, ConfigError, ReprodxError
from reprodx.hashing import sha256_of_path
from reprodx.reporting.page import Page, write_page
from reprodx.reproduction.bundle_file import ABOUT, SOURCE, write_bundle_file
from reprodx.reproduction.crate import Part, write_crate
from reprodx.reproduction.recorded_run import RecordedRun, open_recorded

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tracking.conftest import RunLogger

LEFT = {
    "config.yaml": "model: {name: mlp}\nseed: 3\n",
    "environment.txt": "# python 3.11\nnumpy==2.0\n",
    "environment.json": '{"threads": 1}',
    "hashes.json": '{"split": {"membership": "e"}}',
    "changes.diff": "diff --git a/src/a.py b/src/a.py\n",
    "metrics.json": "{}",
    "prepared/manifest.json": '{"num_cases": 4}',
}
HASHES = {"config_hash": "c" * 64, "data_hash": "d" * 64, "split_hash": "e" * 64}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return an empty folder."""
    made = tmp_path / "fetched"
    made.mkdir()
    return made


def opened(log_run: RunLogger, name: str, folder: Path) -> RecordedRun:
    return open_recorded(name, lambda: log_run.store, folder)


def test_a_run_comes_with_all_that_it_left(log_run: RunLogger, folder: Path) -> None:
    run_id = log_run(log_run.experiment, files=LEFT, git_commit="a1b2", git_dirty="true", restored="true")
    for name in (run_id, run_id[:12], log_run.experiment, f"runs:/{run_id}/model"):
        for old in sorted(folder.iterdir()):
            old.rename(folder.with_name(f"{old.name}-{name[:12].replace('/', '')}"))
        run = opened(log_run, name, folder)
        assert (run.run_id, run.name, run.experiment) == (run_id, log_run.experiment, log_run.experiment)
        assert run.config == {"model": {"name": "mlp"}, "seed": 3}
        assert (run.commit, run.dirty, run.diff) == ("a1b2", True, LEFT["changes.diff"])
        assert (run.lock, run.environment) == (LEFT["environment.txt"], {"threads": 1})
        assert (run.hashes, run.manifest) == ({"split": {"membership": "e"}}, {"num_cases": 4})
        assert run.predictions == folder / "predictions.parquet"
        assert run.metrics == folder / "metrics.json"
        assert run.is_restored


def test_an_older_run_lacks_what_was_not_noted_then(log_run: RunLogger, folder: Path) -> None:
    run = opened(log_run, log_run(files={"config.yaml": "seed: 1\n"}, git_commit="unknown"), folder)
    assert (run.commit, run.environment, run.hashes, run.manifest, run.lock) == (None, None, {}, None, None)
    assert (run.dirty, run.diff, run.metrics, run.is_restored) == (False, "", None, False)


@pytest.mark.parametrize(
    ("tags", "status", "reason"),
    [
        ({"sweep": "true", "complete": None}, "FINISHED", "parent of a sweep"),
        ({"kind": "comparison"}, "FINISHED", "is a comparison and no experiment"),
        ({"config_hash": None}, "FINISHED", "was not made by reprodx"),
        ({"complete": None}, "FAILED", "failed before it was evaluated"),
        ({"complete": None}, "RUNNING", "is unfinished"),
        ({}, "FINISHED", "has lost its artifact config.yaml"),
    ],
)
def test_what_cannot_be_made_again_says_why(
    log_run: RunLogger, folder: Path, tags: dict[str, str | None], status: str, reason: str
) -> None:
    run_id = log_run(status=status, **tags)
    with pytest.raises(ReprodxError, match=reason) as refused:
        opened(log_run, run_id, folder)
    assert str(refused.value).startswith(f"run 'mlp' ({run_id[:8]})")
    assert "\n" not in str(refused.value)


def test_predictions_that_are_lost_are_missed_except_of_a_generator(log_run: RunLogger, folder: Path) -> None:
    run_id = log_run(files=LEFT, predictions=False)
    with pytest.raises(ArtifactMissingError, match=r"has lost its artifact predictions\.parquet"):
        opened(log_run, run_id, folder)
    run = opened(log_run, log_run(files=LEFT, predictions=False, task="generation"), folder)
    assert run.is_generator
    assert run.predictions is None


def test_a_damaged_file_is_named_by_its_run(log_run: RunLogger, folder: Path) -> None:
    run_id = log_run(files={**LEFT, "hashes.json": "{"})
    with pytest.raises(ArtifactCorruptError, match=r"run 'mlp' .*: hashes\.json is not valid JSON") as refused:
        opened(log_run, run_id, folder)
    assert str(folder) not in str(refused.value)


def test_a_record_of_another_form_is_damaged(log_run: RunLogger, folder: Path) -> None:
    run_id = log_run(files={**LEFT, "hashes.json": '{"raw": ["table.csv"]}'})
    with pytest.raises(ArtifactCorruptError, match=r"hashes\.json is not as a run writes it"):
        opened(log_run, run_id, folder)


def test_a_name_of_several_runs_asks_for_an_id(log_run: RunLogger, folder: Path) -> None:
    ids = [log_run(log_run.experiment, recipe_hash="r", config_hash=f"c{seed}") for seed in range(2)]
    with pytest.raises(ConfigError, match=f"2 runs are called .*{ids[0]}"):
        opened(log_run, log_run.experiment, folder)


def test_without_a_store_a_name_is_of_nothing(folder: Path) -> None:
    with pytest.raises(ConfigError, match="no run is tracked here"):
        open_recorded("mlp", None, folder)


@pytest.fixture
def report(tmp_path: Path) -> Path:
    """Return the report of an experiment."""
    path = tmp_path / "report.html"
    config = {"model": {"name": "mlp"}, "data": {"name": "clinic"}, "seed": 3}
    write_page(path, Page("t", "h", [], [], json.dumps({"config": config, **HASHES})))
    return path


def test_a_report_leads_to_the_run_that_left_its_bytes(log_run: RunLogger, report: Path, folder: Path) -> None:
    hashes = {**HASHES, "config_hash": log_run.experiment}
    report.write_text(report.read_text().replace("c" * 64, log_run.experiment))
    noted = {"report": {"report.html": sha256_of_path(report)}}
    own = log_run(files={**LEFT, "hashes.json": json.dumps(noted)}, **hashes)
    log_run(files={**LEFT, "hashes.json": '{"report": {"report.html": "0"}}'}, **hashes)
    assert opened(log_run, str(report), folder).run_id == own


def test_a_report_of_one_of_several_older_runs_asks_for_an_id(log_run: RunLogger, report: Path, folder: Path) -> None:
    hashes = {**HASHES, "config_hash": log_run.experiment}
    report.write_text(report.read_text().replace("c" * 64, log_run.experiment))
    older = {"config.yaml": LEFT["config.yaml"]}
    first = log_run(files=older, **hashes)
    assert opened(log_run, str(report), folder).run_id == first
    log_run(files=older, **hashes)
    with pytest.raises(ConfigError, match="may be of each of 2 runs"):
        opened(log_run, str(report), folder)


def test_a_report_that_no_store_knows_tells_its_experiment_itself(
    log_run: RunLogger, report: Path, folder: Path
) -> None:
    for store in (None, log_run.store):
        run = open_recorded(str(report), store, folder)
        assert (run.run_id, run.commit, run.predictions) == (None, None, None)
        assert (run.name, run.experiment, run.config["seed"]) == ("mlp", "clinic", 3)
        assert run.tags["reprodx.config_hash"] == "c" * 64
        assert run.hashes["split"] == {"membership": "e" * 64}


def test_a_bundle_brings_code_and_where_it_may_data(folder: Path, tmp_path: Path) -> None:
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
    run = open_recorded(str(tmp_path / "mlp.zip"), None, folder)
    assert (run.run_id, run.name, run.commit, run.config["seed"]) == ("a1", "mlp", "c", 3)
    assert run.source_archive == folder / SOURCE
    assert (run.data_folder, run.is_numbered) == (None, True)
    assert run.manifest == {"num_cases": 4}
