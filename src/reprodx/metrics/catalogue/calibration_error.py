"""How far smoothed or binned outcomes lie from the predicted probabilities, and how far if these were right.

These distances are above zero for a perfect model too, the more so the fewer the cases, and a bootstrap adds to that:
so they come without an interval, which would leave out the truth. Beside each stands what a perfect model would have.

Source: Austin & Steyerberg, Stat Med 2019;38:4051 (ICI, E50, E90); Harrell, Regression Modeling Strategies (the
maximum); Nguyen & O'Connor, EMNLP 2015, and Naeini et al, AAAI 2015 (ECE, bins of equal mass).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np

from reprodx.metrics.calibration_error import NO_INTERVAL, TOO_EQUAL, binned_distance, smoothed_rates
from reprodx.metrics.metric import LOWER, QUESTIONS, Counts, Formula, Metric, Need
from reprodx.metrics.null_calibration import null_calibration
from reprodx.metrics.statistic import Statistic

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from reprodx.metrics.metric import Make
    from reprodx.metrics.scored_cases import ScoredCases
    from reprodx.metrics.settings import ScoreSettings
    from reprodx.schemas import Estimate

    Summary = Callable[[NDArray[np.float64]], float]

OF_CHANCE = "interval not estimable: what a perfectly calibrated model has is no property of the models"


class Repeated:
    """A number that is computed anew from cases repeated as often as they weigh: slow, and right for any number."""

    def __init__(self, cases: ScoredCases, number: Callable[[ScoredCases], float]) -> None:
        """Keep the cases.

        Args:
            cases: Of a yes-or-no question.
            number: NaN where undefined.
        """
        self.num_cases = cases.num_cases
        self._cases, self._number = cases, number

    def __call__(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the numbers, shape (resamples,), of whole weights, shape (resamples, cases)."""
        every = np.arange(self.num_cases)
        return np.array(
            [
                self._number(self._cases if (row == 1).all() else self._cases.select(np.repeat(every, row.astype(int))))
                for row in weights
            ]
        )

    def influence(self) -> NDArray[np.float64]:
        """Return nothing: such a number has no interval."""
        return np.zeros(self.num_cases)


_DISTANCES: WeakKeyDictionary[ScoredCases, NDArray[np.float64] | None] = WeakKeyDictionary()
_NULLS: WeakKeyDictionary[ScoredCases, tuple[ScoreSettings, dict[str, Estimate]]] = WeakKeyDictionary()


def _distances(cases: ScoredCases) -> NDArray[np.float64] | None:
    """Return the distance of the calibration curve from each probability; the four summaries share it."""
    if cases not in _DISTANCES:
        smooth = None if cases.missing else smoothed_rates(cases.is_positive, cases.positive_probs)
        _DISTANCES[cases] = None if smooth is None else np.abs(smooth - cases.positive_probs)
    return _DISTANCES[cases]


def _summary(summary: Summary) -> Make:
    def number(cases: ScoredCases) -> float:
        distances = _distances(cases)
        return np.nan if distances is None else float(summary(distances))

    def make(cases: ScoredCases, _: ScoreSettings) -> Statistic:
        if _distances(cases) is None:
            return Statistic.undefined(TOO_EQUAL, n=cases.num_cases, n_events=cases.n_events)
        return Statistic.mean_of([Repeated(cases, number)], n=cases.num_cases, n_events=cases.n_events)

    return make


def _binned(cases: ScoredCases, settings: ScoreSettings) -> Statistic:
    def number(some: ScoredCases) -> float:
        return binned_distance(some.is_positive, some.positive_probs, settings.num_calibration_bins)

    return Statistic.mean_of([Repeated(cases, number)], n=cases.num_cases, n_events=cases.n_events)


def _null(cases: ScoredCases, settings: ScoreSettings) -> dict[str, Estimate]:
    known = _NULLS.get(cases)
    if known is None or known[0] != settings:
        found = null_calibration(cases.is_positive, cases.positive_probs, settings, patients=cases.patients)
        known = _NULLS[cases] = settings, found
    return known[1]


@dataclass(frozen=True)
class Null(Formula):
    """What a perfectly calibrated model with these probabilities has: the mean of draws, and their range."""

    name: str

    def statistic(self, cases: ScoredCases, settings: ScoreSettings) -> Statistic:
        """Return the mean of the draws, which depends on the outcomes in no way."""
        found = _null(cases, settings)[self.name]
        if found.value is None:
            return Statistic.undefined(str(found.reason), n=found.n, n_events=found.n_events)

        def number(some: ScoredCases) -> float:
            value = _null(some, settings)[self.name].value
            return np.nan if value is None else value

        return Statistic.mean_of([Repeated(cases, number)], n=found.n, n_events=found.n_events)

    def one(
        self, members: Sequence[ScoredCases], _: float, __: Counts, ___: float | None, settings: Any
    ) -> Estimate | None:
        """Return the mean with the range as limits; None where several runs are averaged."""
        return _null(members[0], settings)[self.name] if len(members) == 1 else None


def _metric(name: str, label: str, place: int, make: Make, method: str, **said: Any) -> Metric:
    return Metric(
        name=name,
        label=label,
        place=place,
        views=dict.fromkeys(QUESTIONS, make),
        better=LOWER,
        method=method,
        clustered_method=method,
        no_interval=NO_INTERVAL,
        **said,
    )


def _null_metric(name: str, label: str, place: int) -> Metric:
    null = Null(name)
    words = f"{label} of a perfectly calibrated model, mean and range"
    return Metric(
        name=name,
        label=words,
        place=place,
        views=dict.fromkeys(QUESTIONS, null.statistic),
        better=LOWER,
        formula=null,
        no_interval=OF_CHANCE,
    )


OF_CURVES = frozenset({Need.CLASSES})
METRICS = (
    _metric("ici", "Mean calibration error, ICI", 50, _summary(np.mean), "lowess", needs=OF_CURVES),
    _metric("e50", "Median calibration error, E50", 51, _summary(np.median), "lowess", needs=OF_CURVES),
    _metric(
        "e90", "90th percentile of calibration error, E90", 52, _summary(lambda distances: np.quantile(distances, 0.9)),
        "lowess", needs=OF_CURVES,
    ),
    _metric("emax", "Largest calibration error, Emax", 53, _summary(np.max), "lowess", needs=OF_CURVES),
    _null_metric("ici_null", "ICI", 54),
    _metric("ece", "Binned calibration error, ECE", 55, _binned, "bins of equal mass"),
    _null_metric("ece_null", "ECE", 56),
)  # fmt: skip
