"""What a metric is: everything that is said of it, computed of it and shown of it, in one object."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, StrEnum, auto
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from scipy.special import expit, logit

from reprodx.metrics.asked import View

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reprodx.metrics.asked import Asked
    from reprodx.metrics.difference import Difference
    from reprodx.metrics.scored_cases import ScoredCases
    from reprodx.metrics.settings import Intervals, ScoreSettings
    from reprodx.metrics.statistic import Statistic
    from reprodx.schemas import Estimate

Make = Callable[["ScoredCases", Any], "Statistic"]
"""How the statistic of a metric is made from what one model said of cases, and from the `ScoreSettings`."""
Counts = tuple[int, int | None]
"""The cases that a metric is computed from, and the positive ones among these."""
QUESTIONS = (View.BINARY, View.REFERABLE, View.LABEL)
"""The yes-or-no questions that every metric of two classes is taken of."""
CLASSES = (View.CLASSES, View.GRADES)
HIGHER, LOWER = "higher", "lower"
"""Which values are better."""


class Need(Enum):
    """Without what a metric is undefined, whatever else it needs."""

    CLASSES = auto()
    """A case of each class."""
    CALLS = auto()
    """That cases are called: a threshold."""


class SmallSample(Enum):
    """How few patients widen an interval."""

    NONE = auto()
    """Not at all, as published formulas of ratios have it."""
    VARIANCE = auto()
    """By n / (n - 1) in the variance."""
    T = auto()
    """By t too, with one fewer degrees of freedom than the rarest class has patients, where these are few."""


class Scale(StrEnum):
    """On which an interval is symmetric."""

    IDENTITY = "identity"
    LOG = "log"
    LOGIT = "logit"
    FISHER = "Fisher z"
    COMPLEMENT = "log of the complement"
    """Of what has no lower end and 1 as its upper one; turned so that it ascends."""

    @property
    def ends(self) -> tuple[float, float]:
        """The lowest and the highest value that a metric on it can have."""
        return _ENDS[self]

    @property
    def reach(self) -> float:
        """The largest difference that two values can have."""
        return self.ends[1] - self.ends[0]

    def to(self, value: float) -> float:
        """Return a value on the scale; infinite at the ends of its range."""
        with np.errstate(divide="ignore"):
            return float(_TO[self](value))

    def back(self, value: float) -> float:
        """Return what a value on the scale is of the metric."""
        return float(_BACK[self](value))

    def slope(self, value: float) -> float:
        """Return the derivative of the scale at a value of the metric that is inside its range."""
        return float(_SLOPE[self](value))


_ENDS: dict[Scale, tuple[float, float]] = {
    Scale.IDENTITY: (-math.inf, math.inf),
    Scale.LOG: (0.0, math.inf),
    Scale.LOGIT: (0.0, 1.0),
    Scale.FISHER: (-1.0, 1.0),
    Scale.COMPLEMENT: (-math.inf, 1.0),
}
_TO: dict[Scale, Callable[[float], float]] = {
    Scale.IDENTITY: float,
    Scale.LOG: np.log,
    Scale.LOGIT: logit,
    Scale.FISHER: np.arctanh,
    Scale.COMPLEMENT: lambda value: -np.log1p(-value),
}
_BACK: dict[Scale, Callable[[float], float]] = {
    Scale.IDENTITY: float,
    Scale.LOG: np.exp,
    Scale.LOGIT: expit,
    Scale.FISHER: np.tanh,
    Scale.COMPLEMENT: lambda value: -np.expm1(-value),
}
_SLOPE: dict[Scale, Callable[[float], float]] = {
    Scale.IDENTITY: lambda _: 1.0,
    Scale.LOG: lambda value: 1 / value,
    Scale.LOGIT: lambda value: 1 / (value * (1 - value)),
    Scale.FISHER: lambda value: 1 / (1 - value**2),
    Scale.COMPLEMENT: lambda value: 1 / (1 - value),
}


class Formula(Protocol):
    """Intervals by a formula of the metric's own."""

    def one(
        self, members: Sequence[ScoredCases], value: float, counts: Counts, variance: float | None, settings: Intervals
    ) -> Estimate | None:
        """Return the estimate of one model, or of the mean over its members, but for what these differ by.

        `variance` is that between patients, NaN where it is not estimable; None of metrics that have none.
        """

    def pair(self, first: ScoredCases, second: ScoredCases, counts: Counts, settings: Intervals) -> Difference | None:
        """Return the difference of two models of the same cases; None where the formula does not hold or has none."""
        return None


@dataclass(frozen=True, eq=False)
class Metric:
    """A metric: `evaluate`, group gaps, `compare`, selection, report and model card read it and nothing else."""

    name: str
    """As in `metrics.json`, such as `brier`."""
    label: str
    """In words, such as "Brier score"."""
    place: int
    """Its place in tables: what STRATOS calls essential first, accuracy and F1 last."""
    views: Mapping[View, Make]
    """How it is computed, by what is asked."""
    better: str | float
    """`HIGHER`, `LOWER`, or the ideal of which neither more nor less is better."""
    needs: frozenset[Need] = frozenset()
    labels: Mapping[View, str] = field(default_factory=dict)
    """Its label where another one is asked."""
    hint: str = ""
    """A reading aid, such as "0 is perfect"."""
    hints: Mapping[View, str] = field(default_factory=dict)
    """Another reading aid where another thing is asked."""
    chance: float | None = None
    """What chance gives; None where that depends on the cases."""
    scale: Scale = Scale.IDENTITY
    highest: Mapping[View, float] = field(default_factory=dict)
    """Its largest value where the scale has no upper end, by what is asked."""
    method: str = "delta method"
    """How its variance is made, where every case is a patient of its own."""
    clustered_method: str = "delta method, clustered by patient"
    is_given_class: bool = False
    """Whether it conditions on the class, so that the number of the diseased plays no part in its variance."""
    is_by_rank: bool = False
    """Whether ranks alone decide it: models that rank alike are alike."""
    small_sample: SmallSample = SmallSample.T
    """How few patients widen its interval, as simulations chose it."""
    is_asked_for: Callable[[ScoreSettings], bool] = lambda _: True
    """Whether the settings state what it is taken at."""
    taken_at: Callable[[ScoreSettings], str] = lambda _: ""
    """What else must be told with it, such as "at prevalence 0.05"."""
    is_at_decision_threshold: bool = False
    """Whether it is taken at a probability that must be told."""
    no_interval: str | None = None
    """Why it has none; None where it has one."""
    few: int = 0
    """Under so many patients of the rarest class that it rests on, its interval is an approximation, which it says."""
    doubtful: int = 0
    """Under so many, where more than `few`, it says so too although no t widens it: simulations found it narrow."""
    formula: Formula | None = None
    least_variance: Callable[[float, ScoredCases], float] | None = None
    """The variance that its value has in theory, below which a margin is not judged: few cases seldom hold the ones
    that would have made it larger. Of a yes-or-no question whose cases are independent; None where none is known."""
    aliases: Mapping[View, str] = field(default_factory=dict)
    """Under which other name it is written too."""
    key_in: frozenset[View] = frozenset()
    """Where it is one of the few numbers to be seen at a glance."""
    leads_in: frozenset[View] = frozenset()
    """Where it is the first of them, which the headline tells."""
    group_in: frozenset[View] = frozenset()
    """Where it is shown of sites and subgroups."""
    table_in: frozenset[View] = frozenset()
    """Where it is a column of the table of classes or labels."""
    hub_name: str | None = None
    """What model cards of the Hugging Face hub call it, where they have a name of their own."""

    @property
    def is_higher_better(self) -> bool | None:
        """None where neither is, such as of a calibration slope."""
        return {HIGHER: True, LOWER: False}.get(str(self.better))

    def label_in(self, view: View) -> str:
        """Return what it is called where something is asked."""
        return self.labels.get(view, self.label)

    def label_of(self, asked: Asked) -> str:
        """Return what it is called with what is asked, such as "AUROC, pear against the rest"."""
        label = self.label_in(asked.view)
        if asked.view == View.REFERABLE:
            return f"{label}, {asked.view.value}"
        rest = " against the rest" if asked.view == View.CLASS else ""
        return f"{label}, {asked.about}{rest}" if asked.about else label

    def heading_in(self, view: View) -> str:
        """Return what it is called in a table that has room for its reading aid."""
        hint = self.hint_in(view)
        return f"{self.label_in(view)} ({hint})" if hint else self.label_in(view)

    def hint_in(self, view: View) -> str:
        """Return its reading aid where something is asked; empty where it has none."""
        return self.hints.get(view, self.hint)

    def merit(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return numbers that are the higher the better, whatever the metric's direction.

        Args:
            values: Of the metric, any shape.

        Returns:
            The same shape; where neither more nor less is better, the negative distance from the ideal.
        """
        if isinstance(self.better, float):
            return -np.abs(values - self.better)
        return values if self.better == HIGHER else -values

    def statistic(self, cases: ScoredCases, view: View, settings: Intervals) -> Statistic:
        """Return the metric of what one model said.

        Args:
            cases: Of one split or subgroup.
            view: What is asked; one of `views`.
            settings: What the metric is taken at.

        Returns:
            Undefined, with the reason, where all cases leave it so.
        """
        from reprodx.metrics.statistic import Statistic
        from reprodx.metrics.undefined import NO_CASE

        reason = NO_CASE if not cases.num_cases else None
        if Need.CLASSES in self.needs:
            reason = reason or cases.missing
        if Need.CALLS in self.needs and cases.calls is None:
            reason = reason or cases.not_called
        if reason:
            return Statistic.undefined(reason, n=cases.num_cases, n_events=cases.n_events)
        return self.views[view](cases, settings)
