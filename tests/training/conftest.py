"""Small prepared cases and configurations."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest

from reprodx.artifacts.prepared import PreparedCases
from reprodx.config import Config, Sweep, Tracking, Trainer
from tests.settings import evaluation

if TYPE_CHECKING:
    from pathlib import Path

    from reprodx.training.fitted import FitSummary

TRAINER = {
    "name": "cpu",
    "accelerator": "cpu",
    "devices": 1,
    "precision": "32-true",
    "max_epochs": 4,
    "epoch_limit": None,
    "batch_size": 16,
    "num_threads": 1,
    "portable": False,
    "loss": {"name": "ce", "_target_": "reprodx.training.losses.CrossEntropy", "class_weights": None},
    "gradient_clip_norm": None,
    "l1_penalty": 0.0,
    "l2_penalty": 0.0,
    "early_stopping": None,
    "select": {"_target_": "reprodx.training.best_epoch.BestEpoch", "monitor": "val/loss", "mode": "min"},
    "minibatches_per_step": "auto",
    "sampling": "shuffled",
    "accumulate_batches": 1,
    "compile": False,
    "samples_every": 2,
}
COMPONENTS = {
    "model": {
        "name": "mlp",
        "_target_": "reprodx.models.mlp.MLP",
        "hidden_sizes": [8],
        "activation": "relu",
        "dropout": 0.2,
        "batch_norm": True,
    },
    "optimizer": {"name": "adam", "_target_": "torch.optim.Adam", "lr": 0.01},
    "scheduler": {"name": "none", "_target_": None},
    "augmentation": {"name": "none", "_target_": None},
}
MLP = COMPONENTS["model"]
LOGISTIC = {"name": "logistic", "_target_": "reprodx.models.logistic.Logistic", "text_penalty": 1.0}
BOOSTING = {
    "name": "boosting",
    "_target_": "reprodx.models.gradient_boosting.GradientBoosting",
    "learning_rate": 0.1,
    "max_iterations": 12,
    "max_leaf_nodes": 5,
    "min_cases_per_leaf": 5,
    "l2_regularization": 0.0,
    "patience": 3,
}


def make_config(seed: int = 0, **changes: Any) -> Config:
    """Return a small configuration; `model`, `optimizer`, ... replace a section, other keys are the trainer's.

    A model may be given by its name.
    """
    named = {"mlp": MLP, "logistic": LOGISTIC, "boosting": BOOSTING}
    model = changes.get("model", "mlp")
    changes["model"] = named[model] if isinstance(model, str) else model
    sections = {key: changes.pop(key, node) for key, node in COMPONENTS.items()}
    return Config(
        data={},
        split={},
        **sections,
        trainer=Trainer(**{**TRAINER, **changes}),
        evaluation=evaluation(),
        tracking=Tracking(name="none", uri=None, probe_seconds=1.0, log_model=False, patient_ids="hashed"),
        sweep=Sweep(name="none", trials=None, report="winner", score_test=None, space=None),
        seed=seed,
    )


def make_prepared(num_train: int = 83, num_val: int = 40, num_test: int = 30, num_classes: int = 2) -> PreparedCases:
    """Return standardised cases whose first two features tell the class with noise."""
    random = np.random.default_rng(7)
    num = num_train + num_val + num_test
    features = random.normal(size=(num, 4)).astype(np.float32)
    signal = features[:, 0] + features[:, 1] + random.normal(scale=0.8, size=num)
    targets = np.digitize(signal, np.quantile(signal, np.linspace(0, 1, num_classes + 1)[1:-1]))
    classes = [f"class{label}" for label in range(num_classes)]
    split = ["train"] * num_train + ["val"] * num_val + ["test"] * num_test
    cases = pl.DataFrame(
        {
            "case_id": [str(row) for row in range(num)],
            "split": split,
            "y_true": [classes[label] for label in targets],
        }
    )
    shuffled = random.permutation(num)
    manifest = {"classes": classes, "task": "binary" if num_classes == 2 else "multiclass", "modality": "table"}
    return PreparedCases(cases[shuffled], features[shuffled], ("a", "b", "c", "d"), manifest)


@dataclass(frozen=True)
class Fitted:
    """What one call of `fit` left."""

    summary: FitSummary
    files: dict[str, bytes]
    """The folder of the model."""
    epochs: list[tuple[int, dict[str, float]]]
    """What the callback was given."""
    folder: Path


@pytest.fixture(name="make_config", scope="session")
def _make_config():
    return make_config


@pytest.fixture(name="make_prepared", scope="session")
def _make_prepared():
    return make_prepared


@pytest.fixture(scope="session")
def prepared() -> PreparedCases:
    """Two classes."""
    return make_prepared()


@pytest.fixture
def fit_model(tmp_path):
    """Return a function that fits into the same folders each time."""
    from reprodx.training.fit import fit

    def run(prepared: PreparedCases, config: Config, on_epoch=lambda epoch, metrics: None) -> Fitted:
        epochs: list[tuple[int, dict[str, float]]] = []

        def remember(epoch, metrics):
            epochs.append((epoch, dict(metrics)))
            on_epoch(epoch, metrics)

        folder = tmp_path / "models"
        summary = fit(
            prepared,
            config,
            models_folder=folder,
            checkpoint_folder=tmp_path / "checkpoint",
            on_epoch=remember,
            on_samples=lambda epoch, samples, classes: None,
        )
        # As the stage does, when the end of the training is noted.
        shutil.rmtree(tmp_path / "checkpoint", ignore_errors=True)
        return Fitted(summary, {file.name: file.read_bytes() for file in folder.iterdir()}, epochs, folder)

    return run
