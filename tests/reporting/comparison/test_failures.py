"""Failures stand by their id, the most confident first, and no other value of a patient is shown."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from reprodx.comparison.result import Comparison
from reprodx.reporting.comparison.evidence import Evidence
from reprodx.reporting.comparison.failures import collected_answers, failures_section
from reprodx.reporting.page import Folded, Paragraph, Table
from reprodx.schemas import Task


def test_shared_failures_are_those_that_all_call_wrong(two: Comparison, evidence_of: Callable[..., Evidence]) -> None:
    targets = two.cases.targets
    is_wrong = np.stack([one.members[0].called != targets for one in two.cases.contenders])
    places = np.flatnonzero(is_wrong.all(axis=0))
    probs = np.mean([one.members[0].probs[np.arange(240), targets] for one in two.cases.contenders], axis=0)
    expected = two.cases.table["case_id"].gather(places[np.argsort(probs[places])]).to_list()
    (table,) = [block for block in failures_section(evidence_of(two)).blocks if isinstance(block, Table)]
    assert [row[0] for row in table.rows] == expected[:10]
    assert table.rows[0][2] == f"{probs[places].min():.3f}"
    assert table.columns == ("Case", "True class", "Mean probability of it", "Least", "Most")


def test_failures_of_one_alone_are_folded_by_model(two: Comparison, evidence_of: Callable[..., Evidence]) -> None:
    answers = collected_answers(evidence_of(two))
    alone = np.flatnonzero(answers.is_wrong[1] & ~answers.is_wrong[0])
    folded = [block for block in failures_section(evidence_of(two)).blocks if isinstance(block, Folded)]
    assert folded[1].label == f"forest alone gets {alone.size} cases wrong"
    assert {row[0] for row in folded[1].table.rows} <= {answers.case_ids[place] for place in alone}
    assert len(folded[1].table.rows) == 5


def test_models_without_error_have_no_list(
    two: Comparison, changed: Callable[..., Comparison], evidence_of: Callable[..., Evidence]
) -> None:
    perfect = tuple(
        replace(one, members=(replace(one.members[0], called=two.cases.targets),)) for one in two.cases.contenders
    )
    blocks = failures_section(evidence_of(changed(two, contenders=perfect))).blocks
    assert blocks[1:] == [Paragraph("All models get no case wrong.")]


def test_without_a_threshold_the_more_probable_answer_counts(
    two: Comparison, changed: Callable[..., Comparison], evidence_of: Callable[..., Evidence]
) -> None:
    silent = tuple(replace(one, members=(replace(one.members[0], called=None),)) for one in two.cases.contenders)
    answers = collected_answers(evidence_of(changed(two, contenders=silent)))
    np.testing.assert_array_equal(answers.is_wrong, answers.probs_of_truth < 0.5)


def test_every_task_collects_an_answer_for_each_case_or_label(
    compared: Callable[..., Comparison], evidence_of: Callable[..., Evidence]
) -> None:
    sizes = {Task.MULTICLASS: 240, Task.ORDINAL: 240, Task.MULTILABEL: 480}
    for task, size in sizes.items():
        answers = collected_answers(evidence_of(compared(task, seeds=2)))
        assert answers.is_wrong.shape == answers.probs_of_truth.shape == (2, size)
        assert len(answers.case_ids) == len(answers.truths) == size
    labelled = collected_answers(evidence_of(compared(Task.MULTILABEL)))
    assert labelled.truths[:2] == ["no fluid", "fluid"]
