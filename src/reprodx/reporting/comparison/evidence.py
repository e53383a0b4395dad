"""All that the report of a comparison is made from, and the few facts that several of its sections need."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from reprodx.comparison.request import margin_change
from reprodx.comparison.result import Word
from reprodx.metrics.asked import Asked, main_view
from reprodx.reporting.comparison.questions import ComparedQuestion, compared_questions
from reprodx.reporting.drawing import SERIES
from reprodx.reporting.evaluation import KINDS
from reprodx.reporting.wording import count, counted, interval, number
from reprodx.schemas import Task

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from reprodx.artifacts.openings import Ledger
    from reprodx.comparison.compared_cases import Member
    from reprodx.comparison.result import Comparison, MetricComparison, PairedDifference, Verdict
    from reprodx.comparison.source import Source
    from reprodx.schemas import Estimate

MAX_DRAWN = len(SERIES)
"""Contenders in a figure of curves: more lines cannot be told apart."""
SMALLEST_P = 0.001
"""Smaller ones are not told apart."""


@dataclass(frozen=True)
class Evidence:
    """A comparison, how often its cases were looked at, and how to repeat it; see `report.write_comparison_report`."""

    comparison: Comparison
    ledger: Ledger | None
    how_to_repeat: Sequence[str]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Of the contenders, the reference first."""
        return tuple(contender.name for contender in self.comparison.cases.contenders)

    @property
    def reference(self) -> str:
        """What the others are compared with."""
        return self.names[0]

    @property
    def confidence(self) -> str:
        """The level of every interval in words, such as "95% CI"."""
        return f"{100 * self.comparison.settings.confidence_level:g}%\N{NO-BREAK SPACE}CI"

    @property
    def has_several_tests(self) -> bool:
        """Whether a metric has several p values, so that Holm adjusts them."""
        return any(one.num_tests > 1 for one in self.comparison.metrics)

    @cached_property
    def questions(self) -> tuple[ComparedQuestion, ...]:
        """What curves and thresholds are about: positive or not, each class against the rest, each label, referable."""
        return compared_questions(self.comparison.cases, self.comparison.settings.ordinal_cut)

    @property
    def question(self) -> ComparedQuestion | None:
        """The only one of `questions`; None where there are several."""
        return self.questions[0] if len(self.questions) == 1 else None

    @property
    def asked(self) -> Asked:
        """What the only question is, or else what leads: all classes or labels together."""
        return self.question.asked if self.question else Asked(main_view(self.comparison.cases.task))

    @cached_property
    def ranking(self) -> tuple[int, ...]:
        """Positions of the contenders, the best by the primary metric first, those without a value last."""
        primary = self.comparison.primary
        values = np.array([np.nan if one.value is None else one.value for one in primary.estimates])
        # NaN is sorted last.
        return tuple(np.argsort(-primary.metric.metric.merit(values), kind="stable").tolist())

    @cached_property
    def lead(self) -> Verdict | None:
        """The verdict on the pair that the report is about: the winner, or the best contender, with the reference."""
        verdicts = [verdict for verdict in self.comparison.verdicts if verdict.second == 0]
        chosen = self.comparison.selection
        if chosen and (found := [verdict for verdict in verdicts if verdict.first == chosen.winner]):
            return found[0]
        ranks = {position: rank for rank, position in enumerate(self.ranking)}
        return min(verdicts, key=lambda one: (one.word != Word.SUPERIOR, ranks[one.first]), default=None)

    @property
    def drawn(self) -> tuple[int, ...]:
        """Positions of the contenders in figures: the reference, the one the report is about, then the best."""
        leading = [] if self.lead is None else [self.lead.first]
        return tuple(dict.fromkeys([0, *leading, *self.ranking]))[:MAX_DRAWN]

    @property
    def what_is_drawn(self) -> str:
        """Which contenders figures leave out, in words; nothing where they leave out none."""
        if len(self.drawn) == len(self.names):
            return ""
        return (
            f"Drawn are {len(self.drawn)} of {len(self.names)} models: the reference, the model that the verdict is "
            "about, and the best others. The tables have all of them."
        )

    @property
    def who(self) -> str:
        """Return the cases in words, such as "184 patients, 109 positive (disease)"."""
        cases = self.comparison.cases
        who = counted(cases.table.height, "case")
        if cases.has_patients:
            num_patients = cases.table.height if cases.patients is None else int(cases.patients.max()) + 1
            patients = counted(num_patients, "patient")
            who = patients if cases.patients is None else f"{who} of {patients}"
        if self.question is None:
            return f"{who}, {counted(len(cases.classes), *KINDS[cases.task])}"
        num_positive = count(int(self.question.is_positive.sum()))
        if cases.task == Task.ORDINAL:
            return f"{who}, {num_positive} of them {self.question.positive}"
        name = self.question.positive
        return f"{who}, {num_positive} positive" + ("" if name == "positive" else f" ({name})")

    @property
    def sources(self) -> Iterator[tuple[str, Member, Source, float | None]]:
        """Every run or file with its contender's name, its member and its threshold."""
        for contender in self.comparison.cases.contenders:
            for member in contender.members:
                for source, threshold in zip(member.sources, member.thresholds, strict=True):
                    yield contender.name, member, source, threshold

    @property
    def margin_change(self) -> str:
        """That the margin is another than at the first look at the test split, as a sentence; else nothing."""
        return margin_change(self.comparison.settings, self.ledger)

    @property
    def num_others(self) -> int:
        """Experiments that were scored on the test split and are not among those compared."""
        metadata = [source.predictions.metadata for *_, source, _ in self.sources]
        compared = {(one.get("config_hash"), one.get("data_hash") or "") for one in metadata}
        return 0 if self.ledger is None else sum(one.experiment not in compared for one in self.ledger.entries)

    def pair(self, first: int, second: int) -> str:
        """Return the names of a pair in the order of their difference."""
        return f"{self.names[first]} \N{MINUS SIGN} {self.names[second]}"

    def difference(self, metric: MetricComparison, first: int, second: int) -> PairedDifference | None:
        """Return a pair's difference in a metric, None where it was not compared."""
        return next((pair for pair in metric.pairs if (pair.first, pair.second) == (first, second)), None)

    def limits(self, estimate: Estimate) -> str:
        """Return the limits with their level, or why there are none."""
        return str(estimate.reason) if estimate.ci_low is None else f"{self.confidence} {interval(estimate)}"


def p_value(value: float | None) -> str:
    """Return a p value for reading.

    >>> p_value(0.04321), p_value(0.00002), p_value(None)
    ('0.043', '<0.001', '–')
    """
    return f"<{SMALLEST_P:g}" if value is not None and value < SMALLEST_P else number(value)


def p_equals(value: float) -> str:
    """Return a p value as it stands after the letter p.

    >>> p_equals(0.04321), p_equals(0.00002)
    ('= 0.043', '< 0.001')
    """
    return f"< {SMALLEST_P:g}" if value < SMALLEST_P else f"= {number(value)}"


def signed(value: float | None) -> str:
    """Return a difference with its sign.

    >>> signed(0.0123), signed(-0.5), signed(0.0), signed(None)
    ('+0.012', '−0.500', '0.000', '–')
    """
    text = number(value)
    return f"+{text}" if value is not None and value > 0 and text.strip("0.") else text


def signed_interval(estimate: Estimate) -> str:
    """Return the limits of a difference.

    >>> from reprodx.schemas import Estimate
    >>> signed_interval(Estimate(0.1, -0.1, 0.3, 9, 4, "Wald"))
    '−0.100 to +0.300'
    """
    if estimate.ci_low is None or estimate.ci_high is None:
        return "no interval"
    return f"{signed(estimate.ci_low)} to {signed(estimate.ci_high)}"


def difference_cell(estimate: Estimate) -> str:
    """Return what a cell says of a difference.

    >>> from reprodx.schemas import Estimate
    >>> difference_cell(Estimate(0.1, -0.1, 0.3, 9, 4, "Wald"))
    '+0.100 (−0.100 to +0.300)'
    >>> difference_cell(Estimate.undefined("one class only", n=3))
    'not estimable'
    """
    if estimate.value is None:
        return "not estimable"
    return f"{signed(estimate.value)} ({signed_interval(estimate)})"
