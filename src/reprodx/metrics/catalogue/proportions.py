"""Shares of cases that are called right: sensitivity, specificity, predictive values, accuracy.

Source: Newcombe, Stat Med 1998;17:857, methods 3 and 5, of one proportion, and 2635, method 10, of two of the same
cases; McNemar, Psychometrika 1947;12:153; Korn & Graubard, Surv Methodol 1998;24:193, for what clustered cases are
worth.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from reprodx.metrics.asked import View
from reprodx.metrics.difference import Difference
from reprodx.metrics.mcnemar import mcnemar
from reprodx.metrics.metric import CLASSES, HIGHER, QUESTIONS, Counts, Formula, Metric, Need, Scale
from reprodx.metrics.newcombe import paired_interval
from reprodx.metrics.statistic import Statistic
from reprodx.metrics.undefined import TOO_FEW_CLUSTERS
from reprodx.metrics.wilson import proportion, wilson_limits, worth
from reprodx.schemas import Estimate

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from reprodx.metrics.scored_cases import ScoredCases
    from reprodx.metrics.settings import Intervals, ScoreSettings

    Rows = Callable[[ScoredCases], NDArray[np.bool_]]

METHOD = "exact McNemar, Newcombe paired interval, z"


@dataclass(frozen=True)
class Share(Formula):
    """A share of the cases: the formulas that hold where every case is a patient of its own."""

    hits: Rows
    """Of the cases, those that are counted, shape (cases,); a part of `of`."""
    of: Rows
    """Among which, shape (cases,)."""
    empty: str
    """Why it is undefined where there are none of these."""
    is_of_all_models: bool = True
    """Whether `of` is the same in every model, so that two models can be compared case by case."""

    def statistic(self, cases: ScoredCases, _: ScoreSettings) -> Statistic:
        """Return the share by case weights; `n` is the denominator, `n_events` the positive cases in it."""
        of = self.of(cases)
        n_events = None if cases.n_events is None else int((of & cases.is_positive).sum())
        if not of.any():
            return Statistic.undefined(self.empty, n=0, n_events=n_events)
        # All models of a task share the column of ones, and with it its sum.
        whole = cases.ones if of.all() else of.astype(float)
        return Statistic.share(self.hits(cases).astype(float), whole, n=int(of.sum()), n_events=n_events)

    def one(
        self, members: Sequence[ScoredCases], value: float, counts: Counts, variance: float | None, settings: Intervals
    ) -> Estimate | None:
        """Return the share with the interval of a proportion; of clustered cases that of as many as they are worth."""
        cases, level = members[0], settings.confidence_level
        if len(members) == 1 and cases.patients is None:
            return proportion(
                int(self.hits(cases).sum()),
                counts[0],
                n_events=counts[1],
                confidence_level=level,
                interval=settings.proportion_interval,
            )
        of = np.any([self.of(one) for one in members], axis=0)
        patients = None if cases.patients is None else cases.patients[of]
        method = "Wilson of the effective number of cases" + ", clustered by patient" * (patients is not None)
        if patients is not None and np.unique(patients).size < 2:
            return Estimate(value, None, None, *counts, method, TOO_FEW_CLUSTERS)
        independent = value * (1 - value) / counts[0]
        effect = variance / independent if variance and variance > 0 and independent else 1.0
        known = worth(value, counts[0], effect, patients, confidence_level=level)
        return Estimate(value, *wilson_limits(value, known.cases, known.quantile), *counts, method + known.doubt)

    def pair(self, first: ScoredCases, second: ScoredCases, counts: Counts, settings: Intervals) -> Difference | None:
        """Return the difference by McNemar and Newcombe; None where patients have several cases, or bases differ."""
        if first.patients is not None or not self.is_of_all_models:
            return None
        of = self.of(first)
        one, other = self.hits(first)[of], self.hits(second)[of]
        table = np.bincount(2 * ~one + ~other, minlength=4).tolist()
        both, first_alone, second_alone, neither = table
        test = mcnemar(first_alone, second_alone)
        low, high = paired_interval(
            (both, first_alone, second_alone, neither), confidence_level=settings.confidence_level
        )
        found = Estimate((first_alone - second_alone) / of.sum().item(), low, high, *counts, METHOD)
        return Difference(found, test.z, test.exact_p, test.mid_p, (first_alone, second_alone))


def _is_right(cases: ScoredCases) -> NDArray[np.bool_]:
    return np.asarray(cases.targets == cases.calls)


def _is_near(cases: ScoredCases) -> NDArray[np.bool_]:
    assert cases.calls is not None, "its absence is a reason"
    return np.asarray(np.abs(cases.targets - cases.calls) <= 1)


def _everyone(cases: ScoredCases) -> NDArray[np.bool_]:
    return np.ones(cases.num_cases, dtype=np.bool_)


def _true(value: int) -> Rows:
    return lambda cases: np.asarray(cases.targets == value)


def _called(value: int) -> Rows:
    return lambda cases: np.asarray(cases.calls == value)


def _both(one: Rows, other: Rows) -> Rows:
    return lambda cases: np.asarray(one(cases) & other(cases))


OF_SENSITIVITY = Share(_both(_true(1), _called(1)), _true(1), "no positive case")
OF_SPECIFICITY = Share(_both(_true(0), _called(0)), _true(0), "no negative case")
OF_PPV = Share(_both(_true(1), _called(1)), _called(1), "no case is predicted positive", is_of_all_models=False)
OF_NPV = Share(_both(_true(0), _called(0)), _called(0), "no case is predicted negative", is_of_all_models=False)
OF_ACCURACY = Share(_is_right, _everyone, "no case")
OF_WITHIN_1 = Share(_is_near, _everyone, "no case")
OF_QUESTIONS = (*QUESTIONS, View.CLASS)


def _metric(name: str, label: str, place: int, share: Share, views: tuple[View, ...], **said: Any) -> Metric:
    return Metric(
        name=name,
        label=label,
        place=place,
        views=dict.fromkeys(views, share.statistic),
        better=HIGHER,
        needs=frozenset({Need.CALLS}),
        scale=Scale.LOGIT,
        formula=share,
        few=20,
        **said,
    )


AT_A_GLANCE = frozenset({View.BINARY, View.REFERABLE})
AS_COLUMN = frozenset({View.CLASS, View.LABEL})
ACCURACY = _metric(
    "accuracy", "Accuracy", 180, OF_ACCURACY, (*QUESTIONS, *CLASSES), hint="share called right",
    key_in=frozenset({View.CLASSES}), group_in=frozenset(CLASSES),
)  # fmt: skip
METRICS = (
    _metric(
        "sensitivity", "Sensitivity", 100, OF_SENSITIVITY, OF_QUESTIONS, is_given_class=True,
        key_in=AT_A_GLANCE, group_in=frozenset({View.BINARY}), table_in=AS_COLUMN, hub_name="recall",
    ),
    _metric(
        "specificity", "Specificity", 101, OF_SPECIFICITY, OF_QUESTIONS, is_given_class=True,
        key_in=AT_A_GLANCE, group_in=frozenset({View.BINARY}), table_in=AS_COLUMN,
    ),
    _metric("ppv", "Positive predictive value", 102, OF_PPV, OF_QUESTIONS, table_in=AS_COLUMN),
    _metric("npv", "Negative predictive value", 103, OF_NPV, OF_QUESTIONS, table_in=AS_COLUMN),
    ACCURACY,
    _metric(
        "within_1", "Within one grade", 6, OF_WITHIN_1, (View.GRADES,), hint="share of cases",
        key_in=frozenset({View.GRADES}), group_in=frozenset({View.GRADES}),
    ),
)  # fmt: skip
