"""Predictions are held against each other case by case."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from reprodx.artifacts.predictions import Predictions, write_predictions
from reprodx.reproduction.prediction_difference import difference_of_predictions

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_the_largest_difference_is_over_cases_joined_by_their_id(predicted: Callable[..., Path]) -> None:
    first = predicted("one", [0.1, 0.9, 0.3, 0.7])
    second = predicted("two", [0.7, 0.3, 0.9, 0.1 + 1e-6], ids=("d", "c", "b", "a"))
    found = difference_of_predictions(first, second)
    assert found.largest == pytest.approx(1e-6)
    assert found.num_cases == 4
    assert found.num_changed_sides == 0
    assert found.is_of_same_cases


def test_a_case_changes_sides_by_its_probability_or_by_the_threshold(predicted: Callable[..., Path]) -> None:
    first = predicted("one", [0.1, 0.9, 0.4999999, 0.7])
    assert difference_of_predictions(first, predicted("two", [0.1, 0.9, 0.5, 0.7])).num_changed_sides == 1
    moved = difference_of_predictions(first, predicted("three", [0.1, 0.9, 0.4999999, 0.7], threshold=0.8))
    assert moved.largest == 0.0
    assert moved.num_changed_sides == 1


def test_missing_and_new_cases_are_counted_and_not_named(predicted: Callable[..., Path]) -> None:
    found = difference_of_predictions(
        predicted("one", [0.1, 0.9, 0.3], ids=("a", "b", "secret")),
        predicted("two", [0.1, 0.9, 0.3, 0.7], ids=("a", "b", "x", "y")),
    )
    assert (found.num_cases, found.num_missing, found.num_extra) == (2, 1, 2)
    assert found.in_words == "no case of 2 changed sides; 1 case missing; 2 cases new"


GRADES = {"classes": ["none", "mild", "severe"], "task": "ordinal"}


def graded(path: Path, probs: list[float], *, threshold: float = 0.5) -> Path:
    names = [f"prob_{name}" for name in GRADES["classes"]]
    table = pl.DataFrame(
        {"case_id": ["a"], "split": ["test"], "y_true": ["mild"], **dict(zip(names, [[p] for p in probs], strict=True))}
    )
    chosen = {"value": threshold, "rule": "fixed", "chosen_on": "val", "positive": "severe"}
    write_predictions(path, Predictions(table, {**GRADES, "threshold": chosen}))
    return path


def test_grades_change_sides_by_the_likeliest_or_by_what_is_referable(tmp_path: Path) -> None:
    first = graded(tmp_path / "one", [0.4, 0.35, 0.25], threshold=0.26)
    likeliest = graded(tmp_path / "two", [0.37, 0.38, 0.25], threshold=0.26)
    referable = graded(tmp_path / "three", [0.4, 0.33, 0.27], threshold=0.26)
    neither = graded(tmp_path / "four", [0.41, 0.34, 0.25], threshold=0.26)
    changed = [difference_of_predictions(first, other).num_changed_sides for other in (likeliest, referable, neither)]
    assert changed == [1, 1, 0]


def test_labels_change_sides_each_by_its_own_threshold(tmp_path: Path) -> None:
    def labelled(name: str, probs: tuple[float, float]) -> Path:
        table = pl.DataFrame(
            {"case_id": ["a"], "split": ["test"], "y_true_x": [1], "y_true_y": [0]}
            | {f"prob_{label}": [prob] for label, prob in zip("xy", probs, strict=True)}
        )
        entry = {"rule": "fixed", "chosen_on": "val"}
        thresholds = {"x": {**entry, "value": 0.9}, "y": {**entry, "value": None, "reason": "one class"}}
        metadata = {"classes": ["x", "y"], "task": "multilabel", "thresholds": thresholds}
        write_predictions(tmp_path / name, Predictions(table, metadata))
        return tmp_path / name

    first = labelled("one", (0.89, 0.2))
    assert difference_of_predictions(first, labelled("two", (0.91, 0.2))).num_changed_sides == 1
    assert difference_of_predictions(first, labelled("three", (0.6, 0.3))).num_changed_sides == 0
