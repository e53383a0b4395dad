"""Stages are compared by their bytes, then by their numbers, and what was not recorded is never called equal."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest

from reprodx.reproduction.comparison import Equality, Left, compare_stages
from reprodx.tracking.record import METRICS, PREDICTIONS, PREPARED, STAGES, WEIGHTS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

HASHES = {stage: {f"{stage}.bin": "a"} for stage in STAGES}
SCORES = {"test": {"auroc": {"value": 0.9, "ci_low": None, "n": 40}, "slope": {"value": 20.0}}}


def left(*other: str, metrics: Any = SCORES, predictions: Path | None = None, **stages: Mapping[str, str]) -> Left:
    changed = {stage: {f"{stage}.bin": "b"} for stage in other}
    return Left({**HASHES, **changed, **stages}, predictions, metrics)


def test_the_same_bytes_are_the_same_at_every_stage() -> None:
    found = compare_stages(left(), left(), 0.001)
    assert [one.stage for one in found.stages] == list(STAGES)
    assert {one.equality for one in found.stages} == {Equality.SAME_BYTES}
    assert found.earliest is None


def test_files_that_differ_are_missing_or_are_new_are_named() -> None:
    old = left(weights={"model.json": "a", "best": "a", "gone": "a"})
    found = compare_stages(old, left(weights={"model.json": "a", "best": "b", "more": "a"}), 0.001).of(WEIGHTS)
    assert found.equality == Equality.DIFFERENT
    assert found.detail == "best, gone (missing), more (new)"


def test_what_was_not_recorded_is_not_equal() -> None:
    found = compare_stages(left(prepared={}, metrics=None), left(METRICS), 0.001)
    assert found.of(PREPARED).equality == Equality.NOT_RECORDED
    assert found.of(METRICS).equality == Equality.DIFFERENT


@pytest.mark.parametrize(
    ("scores", "largest", "equality"),
    [
        (
            {"auroc": {"value": 0.9005, "ci_low": None, "n": 40}, "slope": {"value": 20.0}},
            5e-4,
            Equality.WITHIN_TOLERANCE,
        ),
        (
            {"auroc": {"value": 0.9, "ci_low": None, "n": 40}, "slope": {"value": 20.018}},
            9e-4,
            Equality.WITHIN_TOLERANCE,
        ),
        ({"auroc": {"value": 0.902, "ci_low": None, "n": 40}, "slope": {"value": 20.0}}, 2e-3, Equality.DIFFERENT),
        ({"auroc": {"value": 0.9, "ci_low": 0.8, "n": 40}, "slope": {"value": 20.0}}, math.inf, Equality.DIFFERENT),
        ({"auroc": {"value": 0.9, "ci_low": None, "n": 40}}, math.inf, Equality.DIFFERENT),
        (
            {"auroc": {"value": math.nan, "ci_low": None, "n": 40}, "slope": {"value": 20.0}},
            math.inf,
            Equality.DIFFERENT,
        ),
        ({"auroc": {"value": 0.9, "ci_low": None, "n": 41}, "slope": {"value": 20.0}}, 1 / 40, Equality.DIFFERENT),
    ],
)
def test_metrics_are_held_against_each_other_one_by_one(
    scores: Mapping[str, Any], largest: float, equality: Equality
) -> None:
    found = compare_stages(left(), left(METRICS, metrics={"test": scores}), 0.001).of(METRICS)
    assert found.largest_difference == pytest.approx(largest)
    assert found.equality == equality


def test_predictions_are_within_tolerance_only_where_no_case_changes_sides(predicted: Callable[..., Path]) -> None:
    old = left(predictions=predicted("old", [0.1, 0.9, 0.4999, 0.7]))
    near = left(PREDICTIONS, predictions=predicted("near", [0.1004, 0.9, 0.4999, 0.7]))
    crossing = left(PREDICTIONS, predictions=predicted("crossing", [0.1, 0.9, 0.5, 0.7]))
    fewer = left(PREDICTIONS, predictions=predicted("fewer", [0.1, 0.9], ids=("a", "b")))
    found = [compare_stages(old, new, 0.001).of(PREDICTIONS) for new in (near, crossing, fewer)]
    assert [one.equality for one in found] == [Equality.WITHIN_TOLERANCE, Equality.DIFFERENT, Equality.DIFFERENT]
    assert found[0].largest_difference == pytest.approx(4e-4)
    assert "1 case of 4 changed sides" in found[1].detail
    assert "2 cases missing" in found[2].detail
