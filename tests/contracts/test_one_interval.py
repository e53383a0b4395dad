"""`evaluate` and `compare` give the same interval for every metric: of the same model, cases and settings."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, Any

import pytest

from reprodx.comparison.compare import compare_cases
from reprodx.comparison.lineup.line_up import line_up
from reprodx.comparison.source import Source
from reprodx.metrics.asked import written_names
from reprodx.metrics.scorecard import score
from reprodx.schemas import TEST, Estimate, Task
from tests.golden import golden_predictions, golden_values
from tests.settings import comparison_settings

if TYPE_CHECKING:
    from reprodx.artifacts.predictions import Predictions
    from reprodx.comparison.result import Comparison

FROZEN = golden_values()
SETTINGS = comparison_settings(num_null_draws=100, prevalence=0.1)


def compared(first: Predictions, second: Predictions) -> Comparison:
    asked: dict[str, Any] = {
        "reference": None,
        "order": None,
        "intersect": False,
        "across_code": False,
        "positive": None,
        "threshold": None,
        "ordinal_cut": 2,
    }
    sources = [Source("first", first), Source("second", second)]
    return compare_cases(line_up(sources, split=TEST, **asked), SETTINGS, is_search=False)


def shuffled(predictions: Predictions, *, seed: int) -> Predictions:
    table = predictions.table.sample(fraction=1, shuffle=True, seed=seed)
    return dataclasses.replace(predictions, table=table)


def shown(estimate: Estimate) -> tuple[float | None, float | None, float | None]:
    return estimate.value, estimate.ci_low, estimate.ci_high


@pytest.mark.parametrize("is_clustered", [False, True], ids=["alone", "clustered"])
@pytest.mark.parametrize("task", list(Task))
def test_both_commands_give_the_same_numbers_to_the_bit(task: Task, *, is_clustered: bool) -> None:
    models = [golden_predictions(task, seed=seed, is_clustered=is_clustered) for seed in (0, 1)]
    # Net benefit is compared at the reference's thresholds, which both models have here.
    assert models[0].metadata == models[1].metadata
    found = {one.metric.key: one for one in compared(*(shuffled(one, seed=7) for one in models)).metrics}
    for place, model in enumerate(models):
        scores = score(model, SETTINGS)[TEST]
        aliases = {name for metric in found.values() for name in metric.metric.metric.aliases.values()}
        assert set(found) == {key for key in scores if key.metric not in aliases}
        names = written_names(scores)
        for key, comparison in found.items():
            assert shown(comparison.estimates[place]) == shown(scores[key]), key
            assert comparison.estimates[place].reason == scores[key].reason, key
            assert comparison.metric.name == names[key]


@pytest.mark.parametrize("task", list(Task))
def test_compared_values_are_those_that_were_frozen(task: Task) -> None:
    found = compared(golden_predictions(task), golden_predictions(task, seed=1)).metrics
    values = {
        one.metric.name: [*(two.value for two in one.estimates), one.pairs[0].difference.estimate.value]
        for one in found
    }
    assert set(FROZEN[task.value]["compare"]) <= set(values)
    for name, expected in FROZEN[task.value]["compare"].items():
        for one, other in zip(values[name], expected, strict=True):
            assert math.isclose(one, other, rel_tol=1e-8, abs_tol=1e-10), (name, values[name], expected)
