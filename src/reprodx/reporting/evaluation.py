"""All that a report of one model is made from, and the few facts that several of its sections need."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import polars as pl

from reprodx.metrics.asked import Asked, Key, View, main_view, written_names
from reprodx.metrics.catalogue import key_metrics, metric_of, metrics_in
from reprodx.metrics.curves import plot_data
from reprodx.metrics.questions import Question, questions
from reprodx.metrics.scorecard import confusion_matrix
from reprodx.reporting.wording import counted
from reprodx.schemas import PATIENT_ID, SPLIT, TEST, TRAIN, VAL, Task

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from reprodx.artifacts.duplicates import Duplicates
    from reprodx.artifacts.explanations import Explanations
    from reprodx.artifacts.openings import Ledger
    from reprodx.artifacts.predictions import Predictions
    from reprodx.metrics.groups import GroupScore
    from reprodx.metrics.metric import Metric
    from reprodx.metrics.settings import ScoreSettings
    from reprodx.schemas import Estimate

SPLIT_NAMES = {TRAIN: "training", VAL: "validation", TEST: "test"}
"""The splits in words."""
KINDS = {Task.MULTICLASS: ("class", "classes"), Task.ORDINAL: ("grade",), Task.MULTILABEL: ("label",)}
"""What a task has several of, in words."""
MAX_CURVES = 10
"""Of a figure: more lines cannot be told apart."""


@dataclass(frozen=True)
class Evaluation:
    """One model's predictions with everything that was computed from them."""

    predictions: Predictions
    """Of the validation and test splits."""
    scores: Mapping[str, Mapping[Key, Estimate]]
    """Metrics by split, and by name and what they ask."""
    groups: Sequence[GroupScore]
    """Performance on the test split by subgroup."""
    table_one: pl.DataFrame
    """`variable level unit train val test smd_val smd_test`, as preparation wrote it."""
    manifest: Mapping[str, Any]
    """Of the prepared cases."""
    config: Mapping[str, Any]
    """The sections that decide the result."""
    settings: ScoreSettings
    """How the scores were made."""
    card: str | None = None
    """Where the data come from and what is known to be wrong with them, in Markdown; None where nobody kept it."""
    explanations: Explanations | None = None
    """What the answers for the worst failures rest on; None where there is no model to ask."""
    duplicates: Duplicates | None = None
    """Prepared cases with the same inputs; None where nobody listed them."""
    ledger: Ledger | None = None
    """What was noted of the test split up to and with this experiment's first look; None where nobody noted it."""
    overrides: Sequence[str] | None = None
    """What `reprodx run` takes to compose `config` from `conf/` as it is shipped; None where unknown."""

    @property
    def classes(self) -> tuple[str, ...]:
        """Class or label names; in a binary task the negative one first, in an ordinal one in their order."""
        return self.predictions.classes

    @property
    def task(self) -> Task:
        """What is predicted."""
        return self.predictions.task

    @property
    def task_name(self) -> str:
        """What is predicted, in a word."""
        return self.task.value

    @property
    def metadata(self) -> Mapping[str, Any]:
        """Of the predictions: hashes and seed among others."""
        return self.predictions.metadata

    @property
    def bootstrap_seed(self) -> int:
        """Of intervals."""
        return self.settings.bootstrap_seed

    @property
    def is_binary(self) -> bool:
        """Whether there are two classes, the second of them positive."""
        return self.task == Task.BINARY

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """What curves and thresholds are about: positive or not, each class against the rest, each label, referable."""
        return tuple(questions(self.test, self.settings.ordinal_cut))

    @property
    def question(self) -> Question | None:
        """The only one of `questions`; None where there are several."""
        return self.questions[0] if len(self.questions) == 1 else None

    @property
    def test_scores(self) -> Mapping[Key, Estimate]:
        """Metrics of the test split by name and what they ask."""
        return self.scores[TEST]

    @property
    def asked(self) -> Asked:
        """What the numbers that lead ask: all classes or labels together, or the only question."""
        return Asked(main_view(self.task))

    def of(self, metric: str, asked: Asked | None = None) -> Estimate | None:
        """Return a metric of the test split; `asked` is by default what leads. None where it was not scored."""
        return self.test_scores.get(Key(metric, asked or self.asked))

    @property
    def written(self) -> dict[str, dict[str, Estimate]]:
        """Metrics by split and by the name under which they are written."""
        names = written_names(key for block in self.scores.values() for key in block)
        return {split: {names[key]: one for key, one in block.items()} for split, block in self.scores.items()}

    def label(self, metric: str) -> str:
        """Return what a metric is called where it asks what leads."""
        return metric_of(metric).label_in(self.asked.view)

    @property
    def lead(self) -> Metric:
        """The metric that the headline tells."""
        return next(one for one in metrics_in(self.asked.view) if self.asked.view in one.leads_in)

    @property
    def key_numbers(self) -> list[tuple[Metric, Asked, Estimate]]:
        """The few numbers of the test split that sum the result up."""
        shown = [self.asked, *(one.asked for one in self.questions if one.asked.view == View.REFERABLE)]
        return [
            (metric, asked, found)
            for asked in shown
            for metric in key_metrics(asked.view)
            if (found := self.of(metric.name, asked))
        ]

    @property
    def confidence(self) -> str:
        """The level of every interval in words, such as "95% CI"."""
        return f"{100 * self.settings.confidence_level:g}%\N{NO-BREAK SPACE}CI"

    @property
    def threshold(self) -> float | None:
        """A case at or above it is called positive; None with several questions or where none was chosen."""
        return self.question.threshold.value if self.question else None

    @cached_property
    def test(self) -> Predictions:
        """The predictions of the test split."""
        return self.predictions.of(TEST)

    @cached_property
    def curves(self) -> Mapping[str, pl.DataFrame]:
        """The tables of `metrics.curves` for the test split."""
        return plot_data(self.test, self.settings)

    @property
    def plots(self) -> Mapping[str, pl.DataFrame]:
        """The same, of the `MAX_CURVES` most frequent classes."""
        shown = [question.name for question in self.drawn_questions]
        return {name: table.filter(pl.col("class").is_in(shown)) for name, table in self.curves.items()}

    @property
    def drawn_questions(self) -> tuple[Question, ...]:
        """The questions that curves are drawn of: those with the most positive cases, in their order."""
        by_frequency = sorted(self.questions, key=lambda one: -int(one.cases.is_positive.sum()))
        return tuple(one for one in self.questions if any(one is kept for kept in by_frequency[:MAX_CURVES]))

    @cached_property
    def confusion(self) -> NDArray[np.int64] | None:
        """Test cases by true (rows) and called class, shape (classes, classes); None with labels or no threshold."""
        if self.task == Task.MULTILABEL:
            return None
        cells = confusion_matrix(self.predictions).filter(pl.col(SPLIT) == TEST)["num_cases"].to_numpy()
        return cells.reshape(len(self.classes), -1) if cells.size else None

    def of_curves(self, metric: str) -> dict[str, Estimate]:
        """Return a metric of the test split by the name of each drawn question, empty where it was not scored."""
        found = {question.name: self.of(metric, question.asked) for question in self.drawn_questions}
        return {name: one for name, one in found.items() if one}

    def who(self, split: str) -> str:
        """Return the cases of a scored split in words, such as "184 patients, 109 positive (disease)"."""
        table = self.predictions.of(split).table
        num_cases, num_patients = table.height, table[PATIENT_ID].n_unique()
        who = counted(num_cases, "case")
        if self.manifest["has_patients"]:
            patients = counted(num_patients, "patient")
            who = patients if num_cases == num_patients else f"{who} of {patients}"
        if not self.is_binary:
            return f"{who}, {counted(len(self.classes), *KINDS[self.task])}"
        positive = self.classes[1]
        num_positive = int(self.predictions.of(split).targets().sum())
        return f"{who}, {num_positive} positive" + ("" if positive == "positive" else f" ({positive})")
