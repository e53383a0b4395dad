"""The files that prepare and train leave, small and made directly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import torch

from reprodx.artifacts.files import write_json
from reprodx.artifacts.locations import Locations
from reprodx.datasets.cleaning import CATEGORICAL, NUMERIC, ColumnRule
from reprodx.inputs import Modality
from reprodx.models.gradient_boosting import GradientBoosting
from reprodx.models.logistic import Logistic
from reprodx.preparation.case_transform import CaseTransform
from reprodx.preparation.transforms import TableTransform
from reprodx.schemas import Task
from reprodx.training.fitted import FitSummary, FittedModel
from reprodx.training.links import Link
from reprodx.training.model_folder import save_model, write_weights
from reprodx.training.scorer import Interface

if TYPE_CHECKING:
    from pathlib import Path

CLASSES = ("no", "yes")
RULES = {
    "age": ColumnRule(NUMERIC, low=0, high=120),
    "cholesterol": ColumnRule(NUMERIC, missing=("0",)),
    "vessels": ColumnRule(CATEGORICAL),
    "sex": ColumnRule(CATEGORICAL),
}
"""One column of each kind; the levels of `vessels` are whole numbers."""
MANIFEST = {
    "classes": list(CLASSES),
    "task": "binary",
    "modality": "table",
    "data_hash": "d" * 64,
    "split_hash": "s" * 64,
    "leaky": False,
    "num_cases": 300,
    "splits": {"train": {"num_cases": 300}},
    "features": [{"name": "age", "column": "age", "kind": "value"}],
}


def training_table() -> pl.DataFrame:
    """Return clean features of 300 cases, some of them missing."""
    generator = np.random.default_rng(0)
    cholesterol = generator.normal(240, 40, 300).round(1)
    return pl.DataFrame(
        {
            "age": generator.integers(30, 80, 300).astype(float),
            "cholesterol": [None if value > 280 else value for value in cholesterol],
            "vessels": generator.choice(["0", "1", "2"], 300),
            "sex": generator.choice(["female", "male"], 300),
        }
    )


def store_model(folder: Path, kind: str) -> Locations:
    """Write transforms, manifest and a model, "network" or "trees", below `folder`."""
    locations = Locations(folder / "prepared", folder / "models", folder / "results")
    cleaning = {name: rule.as_dict() for name, rule in RULES.items()}
    table = TableTransform.fit(training_table(), cleaning, {})
    transform = CaseTransform(Modality.TABLE, table, None, None)
    write_json(locations.prepared / "transforms.json", transform.to_json())
    write_json(locations.prepared / "manifest.json", MANIFEST)
    fitted = (_network if kind == "network" else _trees)(table)
    interface = Interface(Task.BINARY, Modality.TABLE, CLASSES, table.feature_names, takes_summary=False, scaling=None)
    save_model(locations.models, fitted, interface)
    return locations


def _network(transform: TableTransform) -> FittedModel:
    size = len(transform.feature_names)
    network = Logistic(num_features=size, num_outputs=1, text_penalty=1.0)
    weights = {"linear.weight": torch.linspace(-1, 1, size)[None], "linear.bias": torch.tensor([0.25])}
    network.load_state_dict(weights)
    architecture = {
        "_target_": "reprodx.models.logistic.Logistic",
        "text_penalty": 1.0,
        "num_features": size,
        "num_outputs": 1,
    }
    return FittedModel(
        _SUMMARY, architecture, Link.SOFTMAX, lambda folder: write_weights(folder, best=weights, last=weights)
    )


def _trees(transform: TableTransform) -> FittedModel:
    features = transform.apply(training_table())
    targets = (features[:, 0] + features[:, 1] > 0).astype(np.int64)
    trees = GradientBoosting(
        learning_rate=0.1,
        max_iterations=5,
        max_leaf_nodes=5,
        min_cases_per_leaf=5,
        l2_regularization=0.0,
        patience=None,
    )
    trees.fit(features, targets, features, targets, seed=0)
    architecture = {"_target_": "reprodx.models.gradient_boosting.GradientBoosting"}
    return FittedModel(_SUMMARY, architecture, Link.SOFTMAX, lambda folder: trees.save(folder / "model.skops"))


_SUMMARY = FitSummary(best_epoch=1, num_epochs=1, num_parameters=1, metrics={})
