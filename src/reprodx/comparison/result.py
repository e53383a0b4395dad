"""What a comparison found: the numbers that the terminal, the JSON file and the report show alike."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from reprodx.metrics.asked import Asked, Key

if TYPE_CHECKING:
    from reprodx.comparison.compared_cases import ComparedCases
    from reprodx.comparison.contrast import Contrast
    from reprodx.comparison.settings import ComparisonSettings
    from reprodx.metrics.difference import Difference
    from reprodx.metrics.metric import Metric
    from reprodx.schemas import Estimate


class Word(StrEnum):
    """A verdict on a model, as against another."""

    SUPERIOR = "superior"
    NON_INFERIOR = "non-inferior"
    INFERIOR = "inferior"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True)
class ComparedMetric:
    """A metric that models are compared by."""

    metric: Metric
    asked: Asked
    name: str
    """As in `metrics.json`, such as `auroc` or `sensitivity_referable`."""
    detail: str = ""
    """What it was taken at, such as "at probability 0.20"; empty where that needs no saying."""

    @property
    def key(self) -> Key:
        """What it is known by."""
        return Key(self.metric.name, self.asked)

    @property
    def label(self) -> str:
        """As in a table, such as "AUROC, pear against the rest"."""
        return self.metric.label_of(self.asked)

    @property
    def is_higher_better(self) -> bool | None:
        """None where neither is, such as of a calibration slope, whose ideal is 1."""
        return self.metric.is_higher_better


@dataclass(frozen=True)
class PairedDifference:
    """How far one contender is from another in a metric, on the same cases."""

    first: int
    """Position in `ComparedCases.contenders`."""
    second: int
    """Position of what is subtracted."""
    difference: Difference
    """`estimate.value` is first less second."""
    p_holm: float | None = None
    """Holm's adjusted p over the pairs of this metric: for claims."""
    p_bh: float | None = None
    """Benjamini and Hochberg's, over all metrics and pairs: for screening."""


@dataclass(frozen=True)
class MetricComparison:
    """One metric of every contender, and its differences."""

    metric: ComparedMetric
    estimates: tuple[Estimate, ...]
    """By contender; the mean over its members where it has several."""
    spreads: tuple[float | None, ...]
    """By contender: the standard deviation over its members; None with one."""
    pairs: tuple[PairedDifference, ...]
    """In the order of the pairs that were asked for."""

    @property
    def num_tests(self) -> int:
        """P values of its pairs, which Holm adjusts for one another: a single one stays as it is."""
        return sum(pair.difference.p_value is not None for pair in self.pairs)

    def claimed_p(self, pair: PairedDifference) -> float | None:
        """Return the p value that claims of a pair go by: adjusted where there are several."""
        return pair.p_holm if self.num_tests > 1 else pair.difference.p_value


@dataclass(frozen=True)
class Verdict:
    """What the primary metric says of a pair, in words and with what it would take to say more."""

    first: int
    second: int
    word: Word
    reason: str
    """One sentence with the numbers that decide."""
    minimum_detectable: float | None
    """The smallest true difference that these cases would show with the wanted power; None without a standard error."""
    patients_needed: int | None
    """To tell a difference of the margin from none with that power, whatever the difference seen; None without a
    margin, and where no number would do."""
    seeds_floor: float | None = None
    """The smallest true difference that any number of patients would show with these seeds and repetitions; None where
    they do not vary."""
    seeds_needed: bool = False
    """Whether that is above the margin, so that more seeds are needed, not more patients."""


@dataclass(frozen=True)
class FoldDifference:
    """A pair's difference over the folds of cross-validation."""

    first: int
    second: int
    metric: str
    difference: Difference
    """Corrected resampled t; `n` counts folds."""


@dataclass(frozen=True)
class GroupDifference:
    """A pair's difference in the primary metric within a site or subgroup."""

    first: int
    second: int
    column: str
    """`site` or a `group_*` column."""
    group: str
    n: int
    n_events: int | None
    estimates: tuple[Estimate, Estimate]
    """Of the first and of the second."""
    difference: Difference
    p_holm: float | None = None
    """Over all groups of the pair."""
    interaction_p: float | None = None
    """That the difference is the same in and outside this group, two-sided, Holm-adjusted; None where undefined."""


@dataclass(frozen=True)
class Selection:
    """The best of several contenders, without the luck of being the best."""

    winner: int
    """Position of the contender that was chosen."""
    num_candidates: int
    chosen_on: str
    """ "validation", or "the compared cases themselves" where there are no others to choose on."""
    validation: tuple[Estimate, ...]
    """What it was chosen by, of each contender."""
    score: Estimate
    """Of the winner: on test where it was chosen on validation; else corrected for optimism."""
    apparent: Estimate
    """Of the winner, as it looks."""
    optimism: float | None
    """By how much the winner looks better than it is, below 0 where it looks worse, whatever the metric's direction;
    None where the choice was made on other cases, so that there is no luck, and where it cannot be estimated."""


@dataclass(frozen=True)
class Ensemble:
    """What the mean probability over a contender's members would score."""

    contender: int
    num_members: int
    metrics: dict[str, Estimate]


@dataclass(frozen=True)
class Comparison:
    """Everything that was found."""

    cases: ComparedCases
    settings: ComparisonSettings
    metrics: tuple[MetricComparison, ...]
    """The primary one first."""
    overall: Contrast | None
    """That all contenders have one AUROC; None in tasks and for contenders where it is not defined."""
    verdicts: tuple[Verdict, ...]
    by_fold: tuple[FoldDifference, ...]
    groups: tuple[GroupDifference, ...]
    selection: Selection | None
    """None for two models that were named, of which neither won a search."""
    ensembles: tuple[Ensemble, ...]

    @property
    def primary(self) -> MetricComparison:
        """The metric of which verdicts are given."""
        return self.metrics[0]

    def of(self, metric: str, asked: Asked) -> MetricComparison | None:
        """Return what was found of a metric, None where that is not asked."""
        return next((one for one in self.metrics if one.metric.key == (metric, asked)), None)
