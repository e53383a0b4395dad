"""Files of predictions, as other tools and as ours write them, and the command that compares them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from reprodx.artifacts.predictions import Predictions, write_predictions
from reprodx.cli import main
from reprodx.comparison.request import LIMITS, Request, request_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

THRESHOLD = {"value": 0.5, "rule": "largest Youden index", "chosen_on": "val"}
CLASSES = ("well", "sick")
OPTIONS: dict[str, Any] = {
    "runs": ["a.csv", "b.csv"],
    "experiment": None,
    "filter_string": None,
    "split": "test",
    "reference": None,
    "positive": None,
    "sampling": None,
    "order": None,
    "intersect": False,
    "across_code": False,
    "metric": None,
    "all_pairs": None,
    "require": None,
    "json_path": None,
    "html_path": None,
    **dict.fromkeys(LIMITS),
}
"""What the command line gives where a person gives two runs alone."""


def case_ids(num_cases: int) -> list[str]:
    return [f"case{number:05}" for number in range(num_cases)]


def write_csv(path: Path, targets: ArrayLike, probs: ArrayLike, **columns: Sequence[object]) -> Path:
    """Write what another tool must give: `case_id`, `y_true` (0 or 1) and `prob_1`; columns are added or replaced."""
    given = np.asarray(targets).astype(np.int64)
    table = {"case_id": case_ids(len(given)), "y_true": given, "prob_1": np.asarray(probs, dtype=np.float64)}
    pl.DataFrame({**table, **columns}).write_csv(path)
    return path


def write_classes(path: Path, targets: ArrayLike, probs: ArrayLike, classes: Sequence[str]) -> Path:
    """Write what another tool must give of several classes, from indices and from shape (cases, classes)."""
    given = np.asarray(probs)
    names = [classes[target] for target in np.asarray(targets)]
    columns = {f"prob_{name}": given[:, index] for index, name in enumerate(classes)}
    pl.DataFrame({"case_id": case_ids(len(given)), "y_true": names, **columns}).write_csv(path)
    return path


def write_run(
    path: Path,
    targets: ArrayLike,
    probs: ArrayLike,
    *,
    name: str = "model",
    classes: Sequence[str] = CLASSES,
    ids: Sequence[str] | None = None,
    patients: Sequence[str] | None = None,
    fold: int = 0,
    columns: dict[str, Sequence[object]] | None = None,
    **metadata: object,
) -> Path:
    """Write predictions as `reprodx evaluate` does; of two classes `probs` may be those of the second alone."""
    given, true = np.asarray(probs, dtype=np.float64), np.asarray(targets)
    given = np.column_stack([1 - given, given]) if given.ndim == 1 else given
    of_cases = list(ids or case_ids(len(given)))
    table = pl.DataFrame(
        {
            "case_id": of_cases,
            "patient_id": list(patients or of_cases),
            "split": ["test"] * len(given),
            "fold": [fold] * len(given),
            "repeat": [0] * len(given),
            "y_true": [classes[target] for target in true] if true.ndim == 1 else [""] * len(given),
            **{f"prob_{label}": given[:, index] for index, label in enumerate(classes)},
            **(columns or {}),
        }
    )
    kept = {
        "name": name,
        "classes": list(classes),
        "task": "binary" if len(classes) == 2 else "multiclass",
        "recipe_hash": f"recipe of {name}",
        "config_hash": f"config of {path.stem}",
        "seed": 0,
        "margin": 0.02,
        "num_train": 400,
        "leaky": False,
        "threshold": THRESHOLD,
        **metadata,
    }
    write_predictions(path, Predictions(table, {key: value for key, value in kept.items() if value is not None}))
    return path


def compare(*arguments: object, resamples: int = 100, exit_code: int = 0) -> dict[str, Any]:
    """Run `reprodx compare` on files, the first of which is the reference; return what it writes for programs."""
    written = Path(str(arguments[0])).parent / "numbers.json"
    command = ["compare", *map(str, arguments), "--resamples", str(resamples), "--json", str(written)]
    assert main(command) == exit_code
    numbers: dict[str, Any] = json.loads(written.read_text(encoding="utf-8"))
    return numbers


def pair(numbers: dict[str, Any], metric: str = "auroc", first: int = 0) -> dict[str, Any]:
    """Return one of the differences to the reference."""
    found: dict[str, Any] = numbers["metrics"][metric]["pairs"][first]
    return found


def requested(**options: object) -> Request:
    return request_of({**OPTIONS, **options})
