"""What a run left and what its rerun made, stage by stage: bytes first, then how far the numbers lie apart."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from reprodx.artifacts.predictions import read_predictions
from reprodx.errors import first_of
from reprodx.reproduction.prediction_difference import difference_of_predictions
from reprodx.tracking.record import METRICS, PREDICTIONS, PREPARED, RAW, REPORT, SPLIT, STAGES, WEIGHTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from reprodx.reproduction.prediction_difference import PredictionDifference

JUDGED = tuple(stage for stage in STAGES if stage != REPORT)
"""The stages that a verdict is about; the report tells of the run's surroundings too, such as earlier openings."""


class Equality(StrEnum):
    """How what a stage made agrees."""

    SAME_BYTES = "same bytes"
    WITHIN_TOLERANCE = "within tolerance"
    DIFFERENT = "different"
    NOT_RECORDED = "not recorded"


@dataclass(frozen=True)
class StageComparison:
    """One stage of a run against that of its rerun."""

    stage: str
    equality: Equality
    largest_difference: float | None
    """Of its numbers; None where it has none that were compared."""
    detail: str
    """Which files differ, or what was not recorded."""


@dataclass(frozen=True)
class Left:
    """What a run, or its rerun, left behind to be compared."""

    hashes: Mapping[str, Mapping[str, str]]
    """sha256 by stage and by name."""
    predictions: Path | None
    """The file; None of a generator, and where it was not kept."""
    metrics: Mapping[str, Mapping[str, Mapping[str, Any]]] | None
    """By split, metric and field; None where they were not kept."""


@dataclass(frozen=True)
class Comparison:
    """All stages of a run against those of its rerun."""

    stages: tuple[StageComparison, ...]
    """In the order in which they are made."""
    predictions: PredictionDifference | None
    """None where either side kept none."""
    tolerance: float

    def of(self, stage: str) -> StageComparison:
        """Return what was found of a stage."""
        return next(one for one in self.stages if one.stage == stage)

    @property
    def earliest(self) -> StageComparison | None:
        """The first judged stage whose bytes differ; None where none does."""
        differing = (Equality.DIFFERENT, Equality.WITHIN_TOLERANCE)
        return next((one for one in self.stages if one.stage in JUDGED and one.equality in differing), None)


def compare_stages(recorded: Left, rerun: Left, tolerance: float) -> Comparison:
    """Compare a run with its rerun.

    Args:
        recorded: What the run left.
        rerun: What the rerun left.
        tolerance: The largest difference of a probability, and of a metric as a share of its size where that is above
            1, that still counts as equal.

    Returns:
        Every stage of `STAGES`.
    """
    between = None
    if recorded.predictions is not None and rerun.predictions is not None:
        between = difference_of_predictions(recorded.predictions, rerun.predictions)
    found = {
        RAW: _by_bytes(RAW, recorded, rerun),
        SPLIT: _by_bytes(SPLIT, recorded, rerun),
        PREPARED: _by_bytes(PREPARED, recorded, rerun),
        WEIGHTS: _by_bytes(WEIGHTS, recorded, rerun),
        PREDICTIONS: _of_predictions(recorded, rerun, between, tolerance),
        METRICS: _of_metrics(recorded, rerun, tolerance),
        REPORT: _by_bytes(REPORT, recorded, rerun),
    }
    return Comparison(tuple(found[stage] for stage in STAGES), between, tolerance)


def _by_bytes(stage: str, recorded: Left, rerun: Left) -> StageComparison:
    old, new = recorded.hashes.get(stage, {}), rerun.hashes.get(stage, {})
    if not old:
        return StageComparison(stage, Equality.NOT_RECORDED, None, "no hash of it was recorded")
    differing = [name for name, digest in old.items() if name in new and new[name] != digest]
    missing = [f"{name} (missing)" for name in old if name not in new]
    more = [f"{name} (new)" for name in new if name not in old]
    if not (found := [*differing, *missing, *more]):
        return StageComparison(stage, Equality.SAME_BYTES, 0.0, "")
    return StageComparison(stage, Equality.DIFFERENT, None, first_of(found))


def _of_predictions(
    recorded: Left, rerun: Left, between: PredictionDifference | None, tolerance: float
) -> StageComparison:
    by_bytes = _by_bytes(PREDICTIONS, recorded, rerun)
    if recorded.predictions is None or rerun.predictions is None or between is None:
        return by_bytes
    if by_bytes.equality == Equality.SAME_BYTES:
        # The hash says nothing of a file that numbers the cases: what a reader of the bundle sees must be the same too.
        one, other = (read_predictions(path).table for path in (recorded.predictions, rerun.predictions))
        if one.equals(other):
            return by_bytes
        return StageComparison(PREDICTIONS, Equality.DIFFERENT, between.largest, "the file is not what the run wrote")
    is_close = between.largest <= tolerance and between.is_of_same_cases and not between.num_changed_sides
    equality = Equality.WITHIN_TOLERANCE if is_close else Equality.DIFFERENT
    return StageComparison(PREDICTIONS, equality, between.largest, between.in_words)


def _of_metrics(recorded: Left, rerun: Left, tolerance: float) -> StageComparison:
    by_bytes = _by_bytes(METRICS, recorded, rerun)
    if by_bytes.equality == Equality.SAME_BYTES or recorded.metrics is None or rerun.metrics is None:
        return by_bytes
    old, new = dict(_numbers(recorded.metrics)), dict(_numbers(rerun.metrics))
    apart = {name: _distance(old.get(name), new.get(name)) for name in sorted(old.keys() | new.keys())}
    largest = max(apart.values(), default=0.0)
    beyond = sorted((name for name in apart if apart[name] > tolerance), key=lambda name: -apart[name])
    if beyond:
        return StageComparison(METRICS, Equality.DIFFERENT, largest, first_of(beyond))
    detail = "" if largest else "the same numbers in other bytes"
    return StageComparison(METRICS, Equality.WITHIN_TOLERANCE, largest, detail)


def _numbers(metrics: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> Iterator[tuple[str, float | None]]:
    for split, block in metrics.items():
        for metric, entry in block.items():
            for field, value in entry.items():
                if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
                    yield f"{split}/{metric} {field}", value


def _distance(old: float | None, new: float | None) -> float:
    """Return how far two numbers lie apart, in shares of the first where that is above 1."""
    if old is None or new is None or not (math.isfinite(old) and math.isfinite(new)):
        return 0.0 if old == new else math.inf
    return abs(old - new) / max(1.0, abs(old))
