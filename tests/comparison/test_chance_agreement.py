"""Models that agree on every case compared: the same model, or too few cases to tell."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import pytest

from reprodx.comparison.chance_agreement import BY_CHANCE, without_chance_agreement
from reprodx.metrics.difference import Difference
from reprodx.comparison.result import ComparedMetric, MetricComparison, PairedDifference
from reprodx.schemas import Estimate

if TYPE_CHECKING:
    from collections.abc import Callable

    from reprodx.comparison.compared_cases import ComparedCases

    Make = Callable[..., ComparedCases]

TARGETS = [0, 0, 1, 1]
PERFECT, AS_PERFECT, TRANSFORMED = [0.1, 0.2, 0.8, 0.9], [0.2, 0.1, 0.8, 0.9], [0.01, 0.04, 0.64, 0.81]
NOTHING = Difference(Estimate(0.0, 0.0, 0.0, 4, 2, "paired"), 0.0, 1.0)


def settled(name: str, cases: ComparedCases, difference: Difference = NOTHING) -> Difference:
    pairs = (PairedDifference(1, 0, difference),)
    metric = MetricComparison(ComparedMetric(name, name, True), (), (None, None), pairs)
    return without_chance_agreement(metric, cases).pairs[0].difference


@pytest.mark.parametrize(
    ("name", "other", "is_alike"),
    [
        ("auroc", PERFECT, True),
        ("auroc", TRANSFORMED, True),
        ("average_precision", TRANSFORMED, True),
        ("auroc", AS_PERFECT, False),
        ("net_benefit", PERFECT, True),
        ("net_benefit", TRANSFORMED, False),
        ("kappa", AS_PERFECT, False),
    ],
)
def test_only_one_model_under_two_names_has_an_interval_of_no_width(
    make_compared: Make, name: str, other: list[float], is_alike: bool
) -> None:
    found = settled(name, make_compared(TARGETS, [[PERFECT], [other]]))
    assert (found == NOTHING) is is_alike
    if not is_alike:
        assert (found.estimate.value, found.estimate.ci_low, found.p_value) == (0, None, None)
        assert found.estimate.reason == BY_CHANCE


def test_other_calls_make_another_model(make_compared: Make) -> None:
    calls = [np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1])]
    assert settled("kappa", make_compared(TARGETS, [[PERFECT], [PERFECT]], called=calls)).p_value is None
    assert settled("kappa", make_compared(TARGETS, [[PERFECT], [PERFECT]], called=[calls[0]] * 2)).p_value == 1
    assert settled("kappa", make_compared(TARGETS, [[PERFECT], [PERFECT]], called=[calls[0], None])).p_value is None


def test_members_are_compared_one_by_one(make_compared: Make) -> None:
    twice = [PERFECT, TRANSFORMED]
    assert settled("brier", make_compared(TARGETS, [twice, twice])) == NOTHING
    assert settled("brier", make_compared(TARGETS, [twice, [PERFECT]])).estimate.reason == BY_CHANCE
    assert settled("brier", make_compared(TARGETS, [twice, twice[::-1]])).estimate.reason == BY_CHANCE


def test_rounding_of_the_other_class_breaks_no_tie(make_compared: Make) -> None:
    tiny = [1e-20, 2e-20, 0.8, 0.9]
    assert settled("auroc", make_compared(TARGETS, [[PERFECT], [tiny]])) == NOTHING


def test_what_has_a_width_or_no_limits_stays(make_compared: Make) -> None:
    cases = make_compared(TARGETS, [[PERFECT], [AS_PERFECT]])
    wide = dataclasses.replace(NOTHING, estimate=Estimate(0.0, -0.1, 0.1, 4, 2, "paired"))
    without = Difference(Estimate(0.0, None, None, 4, 2, "paired", "too few"), None, None)
    assert settled("auroc", cases, wide) == wide
    assert settled("auroc", cases, without) == without
