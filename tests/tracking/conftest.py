"""A real database, a real server, and a configuration with its manifest."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from reprodx.artifacts.predictions import Predictions, write_predictions
from reprodx.config import Config, Sweep, Tracking, Trainer
from reprodx.tracking.description import RunDescription
from reprodx.tracking.store import Store, open_store
from tests.mlflow_server import MlflowServer
from tests.settings import evaluation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

MANIFEST = {
    "task": "binary",
    "modality": "table",
    "classes": ["no", "yes"],
    "data_hash": "d" * 64,
    "split_hash": "e" * 64,
    "leaky": False,
    "num_cases": 12,
    "splits": {"train": {"cases": 8}, "val": {"cases": 2}, "test": {"cases": 2}},
    "features": [{"name": "age", "column": "age", "kind": "value"}],
}


@pytest.fixture(autouse=True)
def _no_address_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)


def tracking(uri: str | None = None, *, name: str = "mlflow") -> Tracking:
    """Return the tracking section of a configuration."""
    return Tracking(name=name, uri=uri, probe_seconds=3.0, log_model=False, patient_ids="hashed")


@pytest.fixture
def section() -> Callable[..., Tracking]:
    """Return the maker of tracking sections."""
    return tracking


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Return one database for the tests that only add to it."""
    opened = open_store(tracking("sqlite:///mlflow.db"), tmp_path_factory.mktemp("home"))
    assert opened is not None
    return opened


@pytest.fixture
def copy_database(store: Store) -> Callable[[Path], None]:
    """Return what makes a copy of the database, which may be broken, in a folder."""

    def copy(folder: Path) -> None:
        source, target = store.uri.removeprefix("sqlite:///"), folder / "mlflow.db"
        with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
            old.backup(new)

    return copy


@pytest.fixture
def description(request: pytest.FixtureRequest) -> RunDescription:
    """Return the description of a run of its own for each test."""
    tags = {"reprodx.config_hash": "c", "reprodx.code_hash": "k", "reprodx.seed": "0"}
    return RunDescription(request.node.name, "mlp", request.node.name, {"model.name": "mlp", "seed": "0"}, tags)


def write_example(path: Path, *, shift: float = 0.0, **metadata: object) -> Path:
    """Write predictions of four cases, as `evaluate` does; `shift` makes them another model's."""
    table = pl.DataFrame(
        {
            "case_id": ["a", "b", "c", "d"],
            "patient_id": ["p", "p", "q", "r"],
            "split": ["val", "test", "test", "test"],
            "y_true": ["yes", "no", "yes", "no"],
            "prob_no": [0.25, 0.5 + shift, 0.1, 0.9],
            "prob_yes": [0.75, 0.5 - shift, 0.9, 0.1],
        }
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    write_predictions(path, Predictions(table, {"classes": ["no", "yes"], "task": "binary", **metadata}))
    return path


@pytest.fixture
def example() -> Callable[..., Path]:
    """Return the writer of predictions."""
    return write_example


class RunLogger:
    """Logs runs as they are after a command ended, in an experiment of one test's own."""

    def __init__(self, store: Store, experiment: str, folder: Path) -> None:
        """Log into an experiment, by way of files in a folder."""
        self.store = store
        self.experiment = experiment
        self._folder = folder

    def __call__(
        self,
        name: str = "mlp",
        *,
        files: Mapping[str, str] | None = None,
        predictions: bool = True,
        status: str = "FINISHED",
        params: Mapping[str, str] | None = None,
        **tags: str | None,
    ) -> str:
        """Log a finished run with predictions and these `reprodx.` tags, None for without; return its id."""
        known = {"config_hash": f"c-{name}", "task": "binary", "complete": "true", **tags}
        given = {f"reprodx.{key}": value for key, value in known.items() if value is not None}
        client = self.store.client
        created = client.create_run(self.store.experiment_id(self.experiment), run_name=name, tags=given)
        run_id: str = created.info.run_id
        for key, value in (params or {}).items():
            client.log_param(run_id, key, value)
        if predictions:
            client.log_artifact(run_id, str(write_example(self._folder / "predictions.parquet", name=name)))
        for path, text in (files or {}).items():
            client.log_text(run_id, text, path)
        if status != "RUNNING":
            client.set_terminated(run_id, status)
        return run_id


@pytest.fixture
def log_run(store: Store, request: pytest.FixtureRequest, tmp_path: Path) -> RunLogger:
    """Return what logs runs of one test's own experiment."""
    return RunLogger(store, request.node.name, tmp_path / "to_log")


@pytest.fixture
def manifest() -> Mapping[str, Any]:
    """Return what the tests need of a manifest."""
    return MANIFEST


@pytest.fixture
def config() -> Config:
    """Return a valid configuration."""
    return Config(
        data={"name": "clinic", "_target_": "reprodx.datasets.csv_table.CsvTable"},
        split={"name": "stratified", "_target_": "reprodx.splits.patient_stratified.PatientStratified", "seed": 1},
        model={"name": "mlp", "_target_": "reprodx.models.mlp.MLP", "hidden_sizes": [8, 4]},
        optimizer={"name": "adam", "_target_": "torch.optim.Adam", "lr": 0.001},
        scheduler={"name": "none", "_target_": None},
        augmentation={"name": "none", "_target_": None},
        trainer=Trainer(
            name="cpu",
            accelerator="cpu",
            devices=1,
            precision="32-true",
            max_epochs=2,
            batch_size=16,
            num_threads=1,
            portable=False,
            loss={"name": "ce"},
            gradient_clip_norm=None,
            l1_penalty=0.0,
            l2_penalty=0.0,
            early_stopping=None,
            select={"monitor": "val/loss"},
            minibatches_per_step="auto",
            sampling="shuffled",
            accumulate_batches=1,
            compile=False,
            samples_every=2,
            epoch_limit=None,
        ),
        evaluation=evaluation(),
        tracking=tracking("https://ann:secret@example.org"),
        sweep=Sweep(name="sweep", trials=None, report="winner", score_test=None, space=None),
        seed=7,
    )


@pytest.fixture
def server(tmp_path: Path) -> Iterator[MlflowServer]:
    """Start a server; it takes about ten seconds, so one test of a file uses it."""
    started = MlflowServer(
        tmp_path,
        "server",
        f"--backend-store-uri=sqlite:///{tmp_path}/server.db",
        f"--artifacts-destination={tmp_path}/artifacts",
    )
    yield started
    started.kill()
