"""Measures: every number of a generator has a row, a meaning, and a reason where it lacks something."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reprodx.reporting.generation.measures import PRIVACY, QUALITY, measured
from reprodx.reporting.page import Bullets, Table
from reprodx.schemas import TEST, VAL, Estimate

if TYPE_CHECKING:
    from collections.abc import Callable

    from reprodx.metrics.generation.scorecard import GeneratorScores
    from reprodx.reporting.generation.evaluation import GeneratorEvaluation
    from reprodx.reporting.generation.measures import Measure
    from reprodx.reporting.page import Block


def parts(blocks: list[Block]) -> tuple[Table, Bullets]:
    (table,) = [block for block in blocks if isinstance(block, Table)]
    (meanings,) = [block for block in blocks if isinstance(block, Bullets)]
    return table, meanings


@pytest.mark.parametrize("is_text", [False, True])
def test_every_score_has_one_row_and_one_meaning(evaluated: Callable[..., GeneratorEvaluation], is_text: bool) -> None:
    evaluation = evaluated(is_text=is_text)
    tables = [parts(measured(evaluation, measures, "key", "caption")) for measures in (QUALITY, PRIVACY)]
    assert sum(len(table.rows) for table, _ in tables) == len(evaluation.test.estimates)
    for table, meanings in tables:
        assert [row[0] for row in table.rows] == [meaning.partition(":")[0] for meaning in meanings.items]
        assert not [meaning for meaning in meanings.items if "{" in meaning]
    assert ("pictures" in str(tables), "texts" in str(tables)) == (not is_text, is_text)


def test_test_stands_before_validation(evaluated: Callable[..., GeneratorEvaluation]) -> None:
    table, _ = parts(measured(evaluated(), QUALITY, "key", "caption"))
    assert [column.partition(" ")[0] for column in table.columns] == ["Measure", "Test", "Validation"]
    assert table.rows[0][1:] == ("0.900 (0.850 to 0.950)", "0.910 (0.860 to 0.960)")


@pytest.mark.parametrize("measures", [QUALITY, PRIVACY])
def test_what_is_lacking_has_its_reason_below_once(
    evaluated: Callable[..., GeneratorEvaluation],
    scored: Callable[..., GeneratorScores],
    measures: tuple[Measure, ...],
) -> None:
    name = measures[0].name
    lacking = scored(is_text=False, **{name: Estimate.undefined("too few cases", n=3)})
    table, _ = parts(measured(evaluated(scores={VAL: lacking, TEST: lacking}), measures, "key", "caption"))
    assert table.rows[0][1:] == ("not estimable", "not estimable")
    assert table.notes == (f"{measures[0].label}: too few cases.",)


def test_labels_differ() -> None:
    labels = [measure.label for measure in (*QUALITY, *PRIVACY)]
    assert len(labels) == len(set(labels))
