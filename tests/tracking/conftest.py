"""A real database, a real server, and a configuration with its manifest."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from reprodx.config import Config, Evaluation, Sweep, Tracking, Trainer
from reprodx.tracking.description import RunDescription
from reprodx.tracking.store import Store, open_store
from tests.mlflow_server import MlflowServer

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
    return Tracking(name=name, uri=uri, probe_seconds=3.0, log_model=False)


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
            epoch_limit=None,
        ),
        evaluation=Evaluation(
            name="default",
            threshold={"name": "youden"},
            confidence_level=0.95,
            num_resamples=100,
            bootstrap_seed=0,
            proportion_interval="wilson",
            min_group_size=1,
            min_group_events=1,
            ordinal_cut=2,
            num_calibration_bins=2,
        ),
        tracking=tracking("https://ann:secret@example.org"),
        sweep=Sweep(name="sweep", skip_finished=False),
        seed=7,
    )


@pytest.fixture
def server(tmp_path: Path) -> Iterator[MlflowServer]:
    """Start a server; it takes about ten seconds, so one test uses it."""
    started = MlflowServer(
        tmp_path,
        "server",
        f"--backend-store-uri=sqlite:///{tmp_path}/server.db",
        f"--artifacts-destination={tmp_path}/artifacts",
    )
    yield started
    started.kill()
