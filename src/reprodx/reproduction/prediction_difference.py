"""How far the predictions of two runs lie apart, case by case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from reprodx.artifacts.predictions import read_predictions
from reprodx.metrics.chosen_threshold import THRESHOLD, THRESHOLDS
from reprodx.metrics.referable import referable_classes
from reprodx.reporting.wording import counted
from reprodx.schemas import CASE_ID, PROB_PREFIX, Task

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from reprodx.artifacts.predictions import Predictions


@dataclass(frozen=True)
class PredictionDifference:
    """What differs between two predictions files."""

    num_cases: int
    """In both."""
    largest: float
    """Difference of a probability, over cases that are in both and classes that are in both; in [0, 1]."""
    num_changed_sides: int
    """Cases that are called otherwise: on the other side of the threshold, or, without one, another likeliest class."""
    num_missing: int
    """Cases that the second lacks."""
    num_extra: int
    """Cases that the first lacks."""
    other_classes: tuple[str, ...]
    """Classes that one of them lacks."""

    @property
    def is_of_same_cases(self) -> bool:
        """Whether both are of the same cases and classes."""
        return not (self.num_missing or self.num_extra or self.other_classes)

    @property
    def in_words(self) -> str:
        """What there is besides the largest difference."""
        sides = f"{counted(self.num_changed_sides, 'case')} of {self.num_cases} changed sides"
        parts = [sides if self.num_changed_sides else f"no case of {self.num_cases} changed sides"]
        parts += [f"{counted(self.num_missing, 'case')} missing"] if self.num_missing else []
        parts += [f"{counted(self.num_extra, 'case')} new"] if self.num_extra else []
        parts += [f"other classes: {', '.join(self.other_classes)}"] if self.other_classes else []
        return "; ".join(parts)


def difference_of_predictions(first: Path, second: Path) -> PredictionDifference:
    """Compare two predictions files; each calls its cases by the thresholds that it carries itself.

    Args:
        first: The recorded one.
        second: That of the rerun.

    Returns:
        What differs.

    Raises:
        ArtifactError: If one of them is damaged.
        SchemaError: If one of them is not what it should be.
    """
    old, new = read_predictions(first), read_predictions(second)
    shared = [name for name in old.classes if name in new.classes]
    cases = (one.table.select(CASE_ID).with_row_index(name) for one, name in ((old, "old"), (new, "new")))
    rows = next(cases).join(next(cases), on=CASE_ID)
    olds, news = rows["old"].to_numpy(), rows["new"].to_numpy()
    columns = [PROB_PREFIX + name for name in shared]
    apart = np.abs(old.table.select(columns).to_numpy()[olds] - new.table.select(columns).to_numpy()[news])
    calls = _calls(old, shared)[olds], _calls(new, shared)[news]
    # Where one of them has no threshold of grades, the likeliest class is what both have.
    width = min(one.shape[1] for one in calls)
    changed = (calls[0][:, :width] != calls[1][:, :width]).any(axis=1)
    return PredictionDifference(
        num_cases=rows.height,
        largest=float(apart.max(initial=0.0)),
        num_changed_sides=int(changed.sum()),
        num_missing=old.table.height - rows.height,
        num_extra=new.table.height - rows.height,
        other_classes=tuple(sorted(set(old.classes) ^ set(new.classes))),
    )


def _calls(predictions: Predictions, classes: list[str]) -> NDArray[np.int64]:
    """Return what each case is called, shape (cases, answers): by label, by likeliest class, by threshold."""
    probs = predictions.table.select([PROB_PREFIX + name for name in classes]).to_numpy()
    metadata = predictions.metadata
    if predictions.task == Task.MULTILABEL:
        chosen = [_value(metadata.get(THRESHOLDS, {}).get(name)) for name in classes]
        return np.asarray(probs >= np.array(chosen), np.int64)
    if predictions.task == Task.BINARY:
        return np.asarray(probs[:, -1:] >= _value(metadata.get(THRESHOLD)), np.int64)
    likeliest = probs.argmax(axis=1)
    cut = _cut(predictions)
    if cut is None:
        return np.asarray(likeliest[:, np.newaxis], np.int64)
    is_referable = predictions.probs()[:, cut:].sum(axis=1) >= _value(metadata[THRESHOLD])
    return np.stack([likeliest, is_referable.astype(np.int64)], axis=1)


def _cut(predictions: Predictions) -> int | None:
    """Return the position of the first referable grade; None where no threshold is about grades."""
    positive = (predictions.metadata.get(THRESHOLD) or {}).get("positive")
    cuts = range(1, len(predictions.classes))
    return next((cut for cut in cuts if referable_classes(predictions.classes, cut)[1] == positive), None)


def _value(entry: Mapping[str, Any] | None) -> float:
    """Return a threshold; one half where none was chosen."""
    return 0.5 if entry is None or entry["value"] is None else float(entry["value"])
