"""Small networks of known answers, prepared cases, and fitted models of each kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest

from reprodx.artifacts.predictions import Predictions
from reprodx.artifacts.prepared import PreparedCases
from reprodx.inputs import Inputs, Modality
from reprodx.training.determinism import reproducible
from reprodx.training.fitted import FitSummary, FittedModel
from reprodx.training.links import Link, probabilities
from reprodx.training.model_folder import load_scorer, save_model, write_weights
from reprodx.training.scorer import Interface
from tests.settings import evaluation

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from reprodx.config import Evaluation
    from reprodx.schemas import Task

NUM_CASES, NUM_FEATURES, NUM_STEPS, SIZE = 60, 5, 70, 32
CHANNELS = {Modality.IMAGE: ("red", "green", "blue"), Modality.SIGNAL: ("I", "II"), Modality.SERIES: ("pulse", "ph")}
NAMES = tuple(f"feature{index}" for index in range(NUM_FEATURES))
SETTINGS = evaluation(ordinal_cut=1)
SEQUENCE = {"num_features": NUM_FEATURES, "num_outputs": 1, "dropout": 0.1, "pooling": "mean"}
ARCHITECTURES: dict[str, dict[str, Any]] = {
    "logistic": {
        "_target_": "reprodx.models.logistic.Logistic",
        "text_penalty": 1.0,
        "num_features": NUM_FEATURES,
        "num_outputs": 1,
    },
    "mlp": {
        "_target_": "reprodx.models.mlp.MLP",
        **{"num_features": NUM_FEATURES, "num_outputs": 1, "hidden_sizes": [6]},
        **{"activation": "tanh", "dropout": 0.5, "batch_norm": True},
    },
    "resnet18": {
        "_target_": "reprodx.models.resnet18.ResNet18",
        **{"num_channels": 3, "num_outputs": 1, "width": 2, "stem": "small"},
    },
    "resnet1d": {
        "_target_": "reprodx.models.resnet1d.ResNet1D",
        **{"num_channels": 2, "filters": [4], "kernel_size": 3, "stride": 2, **SEQUENCE},
    },
    "lstm": {
        "_target_": "reprodx.models.lstm.LSTM",
        **{"num_channels": 2, "vocabulary_size": None, "embedding_size": 4, "stride": 1, "hidden_size": 3},
        **{"num_layers": 1, "bidirectional": True, **SEQUENCE},
    },
    "transformer": {
        "_target_": "reprodx.models.transformer.Transformer",
        **{"num_channels": 0, "vocabulary_size": 9, "patch": 1, "model_size": 4, "num_layers": 1, "num_heads": 2},
        **{"feedforward_size": 4, **SEQUENCE},
    },
}
GIVEN = {
    "logistic": Modality.TABLE,
    "mlp": Modality.TABLE,
    "boosting": Modality.TABLE,
    "resnet18": Modality.IMAGE,
    "resnet1d": Modality.SIGNAL,
    "lstm": Modality.SERIES,
    "transformer": Modality.TEXT,
}
"""What each model is given."""


def make_inputs(modality: Modality, random: np.random.Generator) -> Inputs | None:
    """Return values of `NUM_CASES` cases; None for a table."""
    if modality == Modality.TABLE:
        return None
    channels = CHANNELS.get(modality, ())
    if modality == Modality.IMAGE:
        pictures = random.integers(0, 256, size=(NUM_CASES, SIZE, SIZE, 3), dtype=np.uint8)
        return Inputs.of_rows(modality, pictures, channels=channels)
    if modality == Modality.SIGNAL:
        values = random.normal(size=(NUM_CASES, NUM_STEPS, 2)).astype(np.float32)
        return Inputs.of_rows(modality, values, channels=channels)
    lengths = random.integers(5, NUM_STEPS, size=NUM_CASES)
    if modality == Modality.TEXT:
        tokens = random.integers(1, 9, size=lengths.sum()).astype(np.int32)
        return Inputs.of_steps(modality, tokens, lengths)
    steps = random.normal(size=(lengths.sum(), 2)).astype(np.float32)
    return Inputs.of_steps(modality, steps, lengths, channels=channels)


def make_prepared(modality: Modality = Modality.TABLE, task: str = "binary", num_classes: int = 2) -> PreparedCases:
    """Return random cases, a third of them in each split; pictures have no features beside them."""
    random = np.random.default_rng(5)
    classes = [f"class{label}" for label in range(num_classes)]
    width = 0 if modality == Modality.IMAGE else NUM_FEATURES
    cases = pl.DataFrame(
        {
            "case_id": [f"case{row:02}" for row in range(NUM_CASES)],
            "patient_id": [f"case{row:02}" for row in range(NUM_CASES)],
            "site": ["here"] * NUM_CASES,
            "split": ["train", "val", "test"] * (NUM_CASES // 3),
            "y_true": [classes[label] for label in random.integers(0, num_classes, size=NUM_CASES)],
        }
    )
    features = random.normal(size=(NUM_CASES, width)).astype(np.float32)
    manifest = {"classes": classes, "task": task, "modality": modality.value}
    inputs = make_inputs(modality, random)
    return PreparedCases(cases, features, NAMES[:width], manifest, inputs=inputs)


@dataclass(frozen=True)
class Stored:
    """A model in its folder, with the cases and what it says of them."""

    folder: Path
    prepared: PreparedCases
    predictions: Predictions

    @property
    def test_rows(self) -> list[int]:
        """Rows of the test cases among all."""
        return self.prepared.rows("test").tolist()


def store(folder: Path, name: str, architecture: dict[str, Any] | None = None, **changes: Any) -> Stored:
    """Write a model with random parameters, and predict."""
    import torch

    from reprodx.training.architecture import build_network

    modality = GIVEN.get(name, Modality.TABLE)
    prepared = make_prepared(modality, **changes)
    arguments = architecture or ARCHITECTURES[name]
    scaling = {"mean": [0.25, 0.5], "std": [1.0, 2.0]} if modality == Modality.SIGNAL else None
    interface = Interface(prepared.task, modality, prepared.classes, prepared.feature_names, False, scaling)
    with reproducible(1):
        torch.manual_seed(3)
        network = build_network(arguments, modality, scaling)
        for parameter in network.parameters():
            # Away from their start, but not so far that a deep network saturates.
            parameter.data += (0.3 if name != "resnet18" else 0.02) * torch.randn_like(parameter)
        weights = network.state_dict()
    summary = FitSummary(1, 1, 1, {})
    write = lambda path: write_weights(path, best=weights, last=weights)  # noqa: E731
    link = {"ordinal": Link.CUMULATIVE, "multilabel": Link.SIGMOID}.get(prepared.task, Link.SOFTMAX)
    save_model(folder, FittedModel(summary, arguments, link, write), interface)
    return Stored(folder, prepared, predict(folder, prepared))


def predict(folder: Path, prepared: PreparedCases) -> Predictions:
    """Return what a stored model says, with a threshold at the median of a binary task."""
    task: Task = prepared.task
    with reproducible(1):
        probs = probabilities(load_scorer(folder).logits(prepared.model_inputs), task)
    columns = {f"prob_{name}": probs[:, index] for index, name in enumerate(prepared.classes)}
    metadata: dict[str, Any] = {"classes": list(prepared.classes), "task": task.value}
    if task == "binary":
        metadata["threshold"] = {"value": float(np.median(probs[:, 1])), "rule": "median", "chosen_on": "val"}
    if task == "ordinal":
        above = probs[:, SETTINGS.ordinal_cut :].sum(axis=1)
        metadata["threshold"] = {"value": float(np.median(above)), "rule": "median", "chosen_on": "val"}
    return Predictions(prepared.cases.with_columns(**columns), metadata)


def store_boosting(folder: Path) -> Stored:
    """Write boosted trees, and predict."""
    from reprodx.models.gradient_boosting import GradientBoosting

    arguments: dict[str, Any] = {
        **{"learning_rate": 0.3, "max_iterations": 5, "max_leaf_nodes": 4, "min_cases_per_leaf": 3},
        **{"l2_regularization": 0.0, "patience": None},
    }
    prepared = make_prepared()
    model = GradientBoosting(**arguments)
    with reproducible(1):
        model.fit(prepared.features, prepared.targets, prepared.features, prepared.targets, seed=0)
    architecture = {"_target_": "reprodx.models.gradient_boosting.GradientBoosting", **arguments}
    fitted = FittedModel(
        FitSummary(5, 5, 1, {}), architecture, Link.SOFTMAX, lambda path: model.save(path / "model.skops")
    )
    save_model(folder, fitted, Interface(prepared.task, Modality.TABLE, prepared.classes, NAMES, False, None))
    return Stored(folder, prepared, predict(folder, prepared))


@pytest.fixture(scope="session")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Stored]:
    """Return a function that stores a model by its name, the same one once."""
    found: dict[str, Stored] = {}

    def make(name: str, **changes: Any) -> Stored:
        key = f"{name} {sorted(changes.items())}"
        if key not in found:
            folder = tmp_path_factory.mktemp(name) / "models"
            found[key] = store_boosting(folder) if name == "boosting" else store(folder, name, **changes)
        return found[key]

    return make


@pytest.fixture(scope="session")
def settings() -> Evaluation:
    return SETTINGS
