"""Predictions of the four tasks whose metrics were frozen before each became one object: values must not move."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from scipy.special import expit, softmax

from reprodx.artifacts.predictions import Predictions
from reprodx.schemas import Task

FILE = Path(__file__).with_name("golden_values.json")
CLASSES = {
    Task.BINARY: ("well", "sick"),
    Task.MULTICLASS: ("apple", "pear", "plum"),
    Task.ORDINAL: ("none", "mild", "moderate", "severe"),
    Task.MULTILABEL: ("fluid", "drusen", "scar"),
}
CHOSEN = {"rule": "largest Youden index", "chosen_on": "val"}
NUM_CASES = 240


def golden_values() -> dict[str, dict[str, dict[str, float | None]]]:
    """Return the frozen values by task, split and name."""
    values: dict[str, dict[str, dict[str, float | None]]] = json.loads(FILE.read_text(encoding="utf-8"))
    return values


def golden_predictions(task: Task, *, seed: int = 0, is_clustered: bool = False) -> Predictions:
    """Return validation and test cases of a task, with ties and thresholds; of several cases a patient if clustered."""
    rng, classes = np.random.default_rng([seed, list(Task).index(task)]), CLASSES[task]
    y_rng = np.random.default_rng([99, list(Task).index(task)])
    columns: dict[str, Any]
    metadata: dict[str, Any] = {"classes": list(classes), "task": task.value, "seed": 0}
    if task == Task.MULTILABEL:
        truth = (y_rng.random((NUM_CASES, 3)) < (0.5, 0.3, 0.15)).astype(np.int64)
        probs = np.round(expit(rng.normal(size=truth.shape) + 1.6 * truth - 1.1), 2)
        columns = {f"y_true_{name}": truth[:, index] for index, name in enumerate(classes)}
        names = ["+".join(np.array(classes)[row == 1]) or "none" for row in truth]
        metadata["thresholds"] = {name: {"value": 0.3 + 0.1 * at, **CHOSEN} for at, name in enumerate(classes)}
    else:
        shares = np.array({2: (0.7, 0.3), 3: (0.6, 0.3, 0.1), 4: (0.45, 0.25, 0.2, 0.1)}[len(classes)])
        truth = y_rng.choice(len(classes), NUM_CASES, p=shares)
        distance = -np.abs(np.subtract.outer(truth, np.arange(len(classes))))
        probs = softmax(np.round(rng.normal(size=distance.shape) + 1.3 * distance + np.log(shares), 1), axis=1)
        columns, names = {}, list(np.array(classes)[truth])
        if task != Task.MULTICLASS:
            about = {"positive": "moderate or above"} if task == Task.ORDINAL else {}
            metadata["threshold"] = {"value": 0.35, **CHOSEN, **about}
    table = pl.DataFrame(
        {
            "case_id": [f"case{number:03}" for number in range(NUM_CASES)],
            "patient_id": [f"p{number // 3 if is_clustered else number:03}" for number in range(NUM_CASES)],
            "split": ["val" if number < 60 else "test" for number in range(NUM_CASES)],
            "y_true": names,
            **columns,
            **{f"prob_{name}": probs[:, index] for index, name in enumerate(classes)},
        }
    )
    return Predictions(table, metadata)
