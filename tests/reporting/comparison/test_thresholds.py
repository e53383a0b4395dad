"""The 2x2 tables add up, of each model and of each pair."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from reprodx.comparison.result import Comparison
from reprodx.reporting.comparison.evidence import Evidence
from reprodx.reporting.comparison.thresholds import thresholds_section
from reprodx.reporting.page import Folded, Paragraph, Table
from reprodx.schemas import Task


def tables(evidence: Evidence) -> dict[str, Table]:
    found = [block.table if isinstance(block, Folded) else block for block in thresholds_section(evidence).blocks]
    return {block.key: block for block in found if isinstance(block, Table)}


def test_each_model_has_its_cells_and_rates(two: Comparison, evidence_of: Callable[..., Evidence]) -> None:
    found = tables(evidence_of(two))
    is_positive = two.cases.targets == 1
    for row, contender in zip(found["two-by-two"].rows, two.cases.contenders, strict=True):
        called = contender.members[0].probs[:, 1] >= 0.4
        cells = [np.sum(a & b) for a, b in ((called, is_positive), (~called, is_positive), (called, ~is_positive))]
        assert row[:5] == (contender.name, "0.400", *map(str, cells))
        assert sum(map(int, row[2:])) == 240
    assert found["rates"].rows[1] == ("forest", "0.800 (0.770 to 0.830)", "0.790 (0.760 to 0.820)")


def test_who_is_right_where_adds_up_with_its_test(two: Comparison, evidence_of: Callable[..., Evidence]) -> None:
    is_positive = two.cases.targets == 1
    right = [(one.members[0].called == two.cases.targets)[is_positive] for one in two.cases.contenders]
    (diseased, healthy) = tables(evidence_of(two))["paired-calls"].rows
    assert diseased[0] == "forest \N{MINUS SIGN} logistic: disease"
    assert diseased[1:3] == (str(np.sum(right[0] & right[1])), str(np.sum(right[1] & ~right[0])))
    assert sum(map(int, diseased[1:5])) == sum(map(int, healthy[1:5])) == 120
    assert diseased[5:] == ("<0.001", "<0.001")


def test_the_rule_is_told_once_where_it_is_one(
    two: Comparison, changed: Callable[..., Comparison], evidence_of: Callable[..., Evidence]
) -> None:
    told = thresholds_section(evidence_of(two)).blocks[0]
    assert isinstance(told, Paragraph)
    assert told.text.startswith("How thresholds were chosen: largest Youden index, chosen on the validation split. No")
    first, second = two.cases.contenders
    (source,) = second.members[0].sources
    fixed = {"value": 0.4, "rule": "fixed by a person", "chosen_on": "literature"}
    predictions = replace(source.predictions, metadata={**source.predictions.metadata, "threshold": fixed})
    member = replace(second.members[0], sources=(replace(source, predictions=predictions),))
    other = changed(two, contenders=(first, replace(second, members=(member,))))
    told = thresholds_section(evidence_of(other)).blocks[0]
    assert isinstance(told, Paragraph)
    assert "forest: fixed by a person, chosen on literature. No" in told.text


def test_where_a_threshold_may_have_been_chosen_on_these_cases_nothing_is_claimed(
    two: Comparison,
    compared: Callable[..., Comparison],
    evidence_of: Callable[..., Evidence],
    changed: Callable[..., Comparison],
) -> None:
    for doubtful in (compared(threshold=None), changed(two, split="val")):
        told = thresholds_section(evidence_of(doubtful)).blocks[0]
        assert isinstance(told, Paragraph)
        assert "No threshold was chosen on these cases" not in told.text
    told = thresholds_section(evidence_of(compared(threshold=None))).blocks[0]
    assert isinstance(told, Paragraph)
    assert "none of its own, see Comparability" in told.text


def test_every_member_and_label_has_its_row(
    compared: Callable[..., Comparison], evidence_of: Callable[..., Evidence]
) -> None:
    seeds = tables(evidence_of(compared(seeds=2)))
    assert [row[0] for row in seeds["two-by-two"].rows][:2] == ["logistic, seed 0", "logistic, seed 1"]
    assert "more than half of them" in seeds["paired-calls"].notes[0]
    labels = tables(evidence_of(compared(Task.MULTILABEL)))
    assert [row[:3] for row in labels["two-by-two"].rows][::2] == [
        ("logistic", "fluid", "0.500"),
        ("logistic", "drusen", "0.500"),
    ]
    classes = tables(evidence_of(compared(Task.MULTICLASS)))
    assert [row[1:3] for row in classes["two-by-two"].rows][:1] == [("mild", "\N{EN DASH}")]


def test_without_a_threshold_nothing_is_called(
    two: Comparison, changed: Callable[..., Comparison], evidence_of: Callable[..., Evidence]
) -> None:
    first, second = two.cases.contenders
    silent = [
        replace(one, members=(replace(one.members[0], called=None, thresholds=(None,)),)) for one in (first, second)
    ]
    assert tables(evidence_of(changed(two, contenders=tuple(silent)))) == {}
    half = tables(evidence_of(changed(two, contenders=(silent[0], second))))
    assert half["two-by-two"].rows[0][1:] == ("none", *["\N{EN DASH}"] * 4)
    assert half["paired-calls"].rows == ()
