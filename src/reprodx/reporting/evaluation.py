"""All that a report of one model is made from, and the few facts that several of its sections need."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import polars as pl

from reprodx.metrics.curves import plot_data
from reprodx.metrics.scorecard import confusion_matrix, threshold_of
from reprodx.reporting.wording import counted
from reprodx.schemas import PATIENT_ID, SPLIT, TEST, TRAIN, VAL, Y_TRUE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from reprodx.artifacts.predictions import Predictions
    from reprodx.metrics.groups import GroupScore
    from reprodx.metrics.settings import ScoreSettings
    from reprodx.schemas import Estimate

SPLIT_NAMES = {TRAIN: "training", VAL: "validation", TEST: "test"}
"""The splits in words."""


@dataclass(frozen=True)
class Evaluation:
    """One model's predictions with everything that was computed from them; see `report.write_report`."""

    predictions: Predictions
    scores: Mapping[str, Mapping[str, Estimate]]
    groups: Sequence[GroupScore]
    table_one: pl.DataFrame
    manifest: Mapping[str, Any]
    config: Mapping[str, Any]
    settings: ScoreSettings

    @property
    def classes(self) -> tuple[str, ...]:
        """Class names; in a binary task the negative one first."""
        return self.predictions.classes

    @property
    def is_binary(self) -> bool:
        """Whether there are two classes, the second of them positive."""
        return len(self.classes) == 2

    @property
    def curve_classes(self) -> tuple[str, ...]:
        """The classes that curves are about: the positive one, or each of several against the rest."""
        return self.classes[1:] if self.is_binary else self.classes

    @property
    def test_scores(self) -> Mapping[str, Estimate]:
        """Metrics of the test split by name."""
        return self.scores[TEST]

    @property
    def confidence(self) -> str:
        """The level of every interval in words, such as "95% CI"."""
        return f"{100 * self.settings.confidence_level:g}%\N{NO-BREAK SPACE}CI"

    @property
    def threshold(self) -> float | None:
        """A case at or above it is called positive; None with several classes or where none was chosen."""
        return threshold_of(self.predictions)

    @cached_property
    def test(self) -> Predictions:
        """The predictions of the test split."""
        return self.predictions.of(TEST)

    @cached_property
    def plots(self) -> Mapping[str, pl.DataFrame]:
        """The tables of `metrics.curves` for the test split."""
        return plot_data(self.test, self.settings)

    @cached_property
    def confusion(self) -> NDArray[np.int64] | None:
        """Test cases by true (rows) and called class, shape (classes, classes); None without a threshold."""
        cells = confusion_matrix(self.predictions).filter(pl.col(SPLIT) == TEST)["num_cases"].to_numpy()
        return cells.reshape(len(self.classes), -1) if cells.size else None

    def of_curve_classes(self, metric: str) -> dict[str, Estimate]:
        """Return a metric of the test split by class, empty where it was not scored."""
        names = {name: metric if self.is_binary else f"{metric}_{name}" for name in self.curve_classes}
        return {name: self.test_scores[key] for name, key in names.items() if key in self.test_scores}

    def who(self, split: str) -> str:
        """Return the cases of a scored split in words, such as "184 patients, 109 positive (disease)"."""
        table = self.predictions.of(split).table
        num_cases, num_patients = table.height, table[PATIENT_ID].n_unique()
        who = counted(num_cases, "case")
        if self.manifest["has_patients"]:
            patients = counted(num_patients, "patient")
            who = patients if num_cases == num_patients else f"{who} of {patients}"
        if not self.is_binary:
            return f"{who}, {len(self.classes)} classes"
        positive = self.classes[1]
        num_positive = int((table[Y_TRUE] == positive).sum())
        return f"{who}, {num_positive} positive" + ("" if positive == "positive" else f" ({positive})")
