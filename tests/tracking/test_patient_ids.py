"""What may leave the machine: nothing that names a case or patient, and all that two runs are compared by."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from reprodx.artifacts.files import write_json, write_parquet, write_text
from reprodx.artifacts.locations import Locations
from reprodx.artifacts.predictions import Predictions, read_predictions, write_predictions
from reprodx.tracking.description import CONFIG_FILE
from reprodx.tracking.logged_files import fetch, read_logged_json
from reprodx.tracking.names import PATIENT_IDS, PATIENT_KEY
from reprodx.tracking.patient_ids import described, key_of, uploadable
from reprodx.tracking.patient_key import own_key
from reprodx.tracking.results import log_results
from reprodx.tracking.runs import start_run
from reprodx.tracking.sealed_settings import opened

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from reprodx.config import Config
    from reprodx.tracking.description import RunDescription
    from reprodx.tracking.store import Store

CASES = ["V-9001", "V-9002", "V-9003"]
PATIENTS = ["P-4711", "P-4711", "P-0815"]
NAMES = {*CASES, *PATIENTS}


@pytest.fixture
def server(store: Store) -> Store:
    """Return a store that keeps things here and is addressed as one that does not."""
    return replace(store, uri="http://127.0.0.1:9")


@pytest.fixture
def asked(config: Config) -> Config:
    """Return a configuration that names cases."""
    acknowledge = {"features": [], "duplicates": ["V-9002"], "patients": False}
    return replace(config, data={**config.data, "acknowledge": acknowledge}, split={**config.split, "out": ["P-0815"]})


@pytest.fixture
def locations(tmp_path: Path, manifest: Mapping[str, Any], monkeypatch: pytest.MonkeyPatch) -> Locations:
    """Return finished results, in which patients are named wherever they may be."""
    monkeypatch.chdir(tmp_path)
    found = Locations(tmp_path / "prepared", tmp_path / "models", tmp_path / "results")
    ids = pl.DataFrame({"case_id": CASES, "patient_id": PATIENTS})
    acknowledged = {"features": [], "duplicates": ["V-9002"], "patients": 0}
    of_texts = {"modality": "text", "summary": ["smith"], "acknowledged": acknowledged}
    write_json(found.prepared / "manifest.json", {**manifest, **of_texts})
    write_parquet(found.prepared / "cases.parquet", ids)
    write_text(found.prepared / "card.md", "Without V-9001.")
    write_text(found.prepared / "table_one.csv", "variable,level\n")
    write_json(found.metrics, {"test": {"auroc": {"value": 0.9, "ci_low": 0.8, "ci_high": None, "n": 3}}})
    values = {
        "y_true": ["a", "b", "a"],
        "prob_a": [0.5, 0.25, 1.0],
        "prob_b": [0.5, 0.75, 0.0],
        "time": [1.0, 2.0, 3.0],
    }
    table = ids.with_columns(split=pl.lit("test"), **{name: pl.Series(column) for name, column in values.items()})
    write_predictions(found.predictions, Predictions(table, {"classes": ["a", "b"], "task": "binary"}))
    write_json(
        found.explanations,
        {"failures": [{"case_id": "V-9001", "kind": "x"}], "attributions": [{"case_id": "V-9001", "features": []}]},
    )
    write_text(found.report, '<section id="failures"><td>V-9001</td></section>\n<p>but for V-9003</p>')
    write_text(found.model_card, "# mlp")
    return found


def files_of(store: Store, run_id: str, folder: Path) -> dict[str, bytes]:
    """Return all artifacts of a run."""
    folder.mkdir()
    fetch(store, store.client.get_run(run_id), {file.path for file in store.client.list_artifacts(run_id)}, folder)
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def logged(store: Store, description: RunDescription, config: Config, locations: Locations) -> str:
    own = described(description, config, store, locations.prepared)
    with start_run(store, own) as run:
        log_results(run, config, locations)
    return str(run.run_id)


@pytest.fixture
def telling(description: RunDescription) -> RunDescription:
    """Return a description in which cases are named."""
    texts = {"changes.diff": "+  out: [P-0815]\n", CONFIG_FILE: "split: {out: [P-0815]}"}
    params = {"split.out": '["P-0815"]'}
    return replace(description, params=params, texts=texts, tags={**description.tags, "reprodx.obstacles": "V-9001"})


def test_nothing_on_a_server_names_a_case_or_patient(
    server: Store, telling: RunDescription, asked: Config, locations: Locations, tmp_path: Path
) -> None:
    run_id = logged(server, telling, asked, locations)
    files, run = files_of(server, run_id, tmp_path / "fetched"), server.client.get_run(run_id)
    said = [*files.values(), json.dumps([run.data.params, run.data.tags]).encode()]
    assert not [name for name in NAMES if any(name.encode() in one for one in said)]
    assert run.data.tags[PATIENT_IDS] == "hashed"
    assert run.data.tags[PATIENT_KEY] == own_key().fingerprint
    assert {"predictions.parquet", "explanations.json", "report.html", "prepared/manifest.json"} < files.keys()
    assert b"smith" not in files["prepared/manifest.json"]
    assert json.loads(files["explanations.json"])["attributions"] == []


def test_predictions_join_by_their_hashes_and_lose_their_times(
    server: Store, asked: Config, locations: Locations
) -> None:
    with uploadable(locations.predictions, asked, server, locations.prepared) as path:
        assert path is not None
        found = read_predictions(path)
    key = own_key()
    assert key_of(found) == key.fingerprint
    assert found.table["case_id"].to_list() == [key.hash_of(name) for name in CASES]
    assert found.table["patient_id"].to_list() == [key.hash_of(name) for name in PATIENTS]
    assert "time" not in found.table.columns
    raw = read_predictions(locations.predictions)
    assert found.probs().tolist() == raw.probs().tolist()
    assert key_of(raw) is None


def test_what_was_logged_is_told_by_its_own_hash_beside_that_of_the_file_here(
    server: Store, telling: RunDescription, asked: Config, locations: Locations, tmp_path: Path
) -> None:
    from reprodx.hashing import sha256_of_path

    run_id = logged(server, telling, asked, locations)
    files_of(server, run_id, tmp_path / "fetched")
    hashes = read_logged_json(tmp_path / "fetched/hashes.json")
    assert hashes["predictions"]["predictions.parquet"] == sha256_of_path(locations.predictions)
    for name, digest in hashes["shared"].items():
        assert digest == sha256_of_path(tmp_path / "fetched" / name)
    assert server.client.get_run(run_id).data.tags["reprodx.predictions_sha256"] == sha256_of_path(
        locations.predictions
    )


def test_settings_can_be_read_again_where_the_key_is(
    server: Store, telling: RunDescription, asked: Config, locations: Locations
) -> None:
    own = described(telling, asked, server, locations.prepared)
    params, _ = opened(dict(own.params), own_key())
    assert json.loads(params["split.out"]) == ["P-0815"]
    assert opened(own.texts["changes.diff"], own_key())[0] == telling.texts["changes.diff"]
    assert described(telling, asked, server, locations.prepared) == own


@pytest.mark.parametrize("mode", ["as_is", "local"])
def test_a_local_store_or_who_asks_for_it_keeps_ids(
    store: Store, server: Store, telling: RunDescription, asked: Config, locations: Locations, mode: str
) -> None:
    as_is = replace(asked, tracking=replace(asked.tracking, patient_ids="as_is"))
    config, kept_in = (as_is, server) if mode == "as_is" else (asked, store)
    assert described(telling, config, kept_in, locations.prepared) is telling
    for path in (locations.predictions, locations.report, locations.explanations):
        with uploadable(path, config, kept_in, locations.prepared) as same:
            assert same == path
    assert not (locations.results.parent / ".cache").exists()


def test_none_keeps_all_that_is_of_single_cases(
    server: Store, telling: RunDescription, asked: Config, locations: Locations, tmp_path: Path
) -> None:
    config = replace(asked, tracking=replace(asked.tracking, patient_ids="none"))
    run_id = logged(server, telling, config, locations)
    files = files_of(server, run_id, tmp_path / "fetched")
    assert not {"predictions.parquet", "explanations.json"} & files.keys()
    assert {"metrics.json", "report.html"} < files.keys()
    assert not [name for name in NAMES if any(name.encode() in one for one in files.values())]
    assert server.client.get_run(run_id).data.tags[PATIENT_IDS] == "none"


def test_a_database_whose_artifacts_lie_elsewhere_is_a_server_too(
    store: Store, asked: Config, request: pytest.FixtureRequest
) -> None:
    name = request.node.name
    assert store.stays_here("another")
    store.client.create_experiment(name, artifact_location="s3://bucket/runs")
    assert not store.stays_here(name)
