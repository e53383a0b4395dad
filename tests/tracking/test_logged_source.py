"""What a run left is fetched whole, and a run without predictions says why it has none."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING

import pytest

from reprodx.errors import ArtifactCorruptError, ArtifactMissingError, IncomparableError, SchemaError
from reprodx.tracking.logged_source import read_source

if TYPE_CHECKING:
    from pathlib import Path

    from reprodx.comparison.source import Source
    from tests.tracking.conftest import RunLogger

EXPLAINING = {
    "config.yaml": "model: {name: mlp, lr: 1e-3}\nhome: ${oc.env:HOME}\n",
    "explanations.json": '{"failures": []}',
    "prepared/manifest.json": '{"num_cases": 4}',
    "prepared/table_one.csv": "variable,train\nage,50 (9)\n",
}


def read(log_run: RunLogger, run_id: str) -> Source:
    return read_source(log_run.store, log_run.store.client.get_run(run_id), log_run.experiment)


def test_predictions_come_with_what_explains_them(
    log_run: RunLogger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    run_id = log_run(files=EXPLAINING, params={"seed": "7"}, seed="7", code_hash="c0de")
    before = set(tmp_path.iterdir())
    source = read(log_run, run_id)
    assert (source.label, source.code_hash) == ("mlp", "c0de")
    assert source.predictions.table.height == 4
    run = source.run
    assert run is not None
    assert (run.run_id, run.name, run.experiment) == (run_id, "mlp", log_run.experiment)
    assert (run.tags["reprodx.seed"], run.params) == ("7", {"seed": "7"})
    assert run.config == {"model": {"name": "mlp", "lr": 0.001}, "home": "${oc.env:HOME}"}
    assert (run.manifest, run.explanations) == ({"num_cases": 4}, {"failures": []})
    assert run.table_one is not None
    assert run.table_one.rows() == [("age", "50 (9)")]
    assert set(tmp_path.iterdir()) == before


def test_predictions_alone_are_enough(log_run: RunLogger) -> None:
    run = read(log_run, log_run(config_hash=None, complete=None)).run
    assert run is not None
    assert (run.config, run.manifest, run.table_one, run.explanations) == ({}, None, None, None)
    assert run.code_hash is None


@pytest.mark.parametrize(
    ("status", "tags", "reason"),
    [
        ("FINISHED", {"sweep": "true", "complete": None}, "parent of a sweep .*mlflow.parentRunId` = '{run_id}'"),
        ("FINISHED", {"kind": "comparison", "complete": None}, "is a comparison"),
        ("FAILED", {"complete": None}, "failed before it was evaluated"),
        ("KILLED", {"complete": None}, "was killed before it was evaluated"),
        ("RUNNING", {"complete": None}, "is unfinished"),
        ("FINISHED", {"complete": None}, "was trained and not evaluated"),
        ("FINISHED", {}, "has lost its artifact"),
        ("FINISHED", {"patient_ids": "none"}, "give the file, such as outputs/c-mlp/results"),
        ("FINISHED", {"complete": None, "config_hash": None}, "has no artifact predictions.parquet"),
    ],
)
def test_a_run_without_predictions_says_why(
    log_run: RunLogger, status: str, tags: dict[str, str | None], reason: str
) -> None:
    run_id = log_run(predictions=False, status=status, **tags)
    with pytest.raises(ArtifactMissingError, match=reason.format(run_id=run_id)) as refused:
        read(log_run, run_id)
    assert str(refused.value).startswith(f"run 'mlp' ({run_id[:8]})")
    assert "\n" not in str(refused.value)


def test_a_generator_is_not_compared(log_run: RunLogger) -> None:
    with pytest.raises(IncomparableError, match="generator") as refused:
        read(log_run, log_run(task="generation"))
    assert refused.value.exit_code == 3
    assert read(log_run, log_run(task="binary")).predictions.task == "binary"


@pytest.mark.parametrize(
    ("name", "content", "error"),
    [
        ("predictions.parquet", "no parquet", ArtifactCorruptError),
        ("config.yaml", "a: [", ArtifactCorruptError),
        ("explanations.json", "{", ArtifactCorruptError),
        ("prepared/manifest.json", "", ArtifactCorruptError),
        ("prepared/table_one.csv", "", ArtifactCorruptError),
    ],
)
def test_a_damaged_artifact_is_named_by_its_run(
    log_run: RunLogger, name: str, content: str, error: type[Exception]
) -> None:
    run_id = log_run(files={name: content})
    with pytest.raises(error, match=f"run 'mlp' .{run_id[:8]}.: {name}") as refused:
        read(log_run, run_id)
    assert tempfile.gettempdir() not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_predictions_of_another_shape_are_named_by_their_run(log_run: RunLogger, tmp_path: Path) -> None:
    import polars as pl

    run_id = log_run(predictions=False)
    pl.DataFrame({"case": ["a"]}).write_parquet(tmp_path / "predictions.parquet")
    log_run.store.client.log_artifact(run_id, str(tmp_path / "predictions.parquet"))
    with pytest.raises(SchemaError, match=r"run 'mlp' .*predictions.parquet has no column 'case_id'"):
        read(log_run, run_id)
