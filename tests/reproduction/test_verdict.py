"""The verdict is no better than what was compared."""

from __future__ import annotations

import pytest

from reprodx.reproduction.comparison import Comparison, Equality, StageComparison
from reprodx.reproduction.verdict import Word, judge
from reprodx.tracking.record import METRICS, PREDICTIONS, PREPARED, RAW, REPORT, SPLIT, STAGES, WEIGHTS

SAME, NEAR, OTHER, UNKNOWN = Equality


def comparison(**stages: Equality) -> Comparison:
    found = (StageComparison(stage, stages.get(stage, SAME), None, "") for stage in STAGES)
    return Comparison(tuple(found), None, 0.001)


@pytest.mark.parametrize(
    ("stages", "word"),
    [
        ({}, Word.BIT_IDENTICAL),
        ({REPORT: OTHER}, Word.BIT_IDENTICAL),
        ({WEIGHTS: UNKNOWN, RAW: UNKNOWN}, Word.BIT_IDENTICAL),
        ({PREDICTIONS: UNKNOWN, METRICS: UNKNOWN}, Word.DRIFTED),
        ({PREPARED: OTHER}, Word.EQUAL),
        ({WEIGHTS: OTHER, PREDICTIONS: NEAR, METRICS: NEAR}, Word.EQUAL),
        ({WEIGHTS: OTHER, PREDICTIONS: OTHER, METRICS: NEAR}, Word.DRIFTED),
        ({METRICS: OTHER}, Word.DRIFTED),
        ({SPLIT: OTHER}, Word.DRIFTED),
        ({RAW: OTHER}, Word.DRIFTED),
        ({WEIGHTS: OTHER, PREDICTIONS: UNKNOWN}, Word.DRIFTED),
    ],
)
def test_each_combination_has_its_word(stages: dict[str, Equality], word: Word) -> None:
    assert judge(comparison(**stages), {}).word == word


def test_the_reason_names_the_first_stage_its_cause_and_what_was_not_compared() -> None:
    reason = judge(comparison(raw=UNKNOWN, weights=OTHER, predictions=OTHER), {WEIGHTS: "package torch"}).reason
    assert "the first stage that differs is weights (package torch)" in reason
    assert "not recorded and so not compared: raw" in reason
    assert "tolerance 0.001" in reason
