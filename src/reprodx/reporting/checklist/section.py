"""The checklist as a section of a report: every item of every guideline, counted by status."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reprodx.inputs import Modality
from reprodx.reporting.checklist import data_answers, model_answers, result_answers
from reprodx.reporting.checklist.answer import Answer, Answers, Status, answer_of
from reprodx.reporting.checklist.guideline import Guideline, Item, guidelines, questions
from reprodx.reporting.page import Block, Checklist, ChecklistRow, Link, Paragraph, Section
from reprodx.reporting.wording import count

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from reprodx.reporting.evaluation import Evaluation

KEY = "checklist"
"""Of the section."""
RUN_ANSWERS: Answers[Evaluation] = {**data_answers.ANSWERS, **model_answers.ANSWERS, **result_answers.ANSWERS}
"""What a run says, by topic."""
RUN_PLACES = {
    "participants": "Participants",
    "metrics": "Metrics",
    "discrimination": "Discrimination",
    "calibration": "Calibration",
    "decisions": "Decisions",
    "subgroups": "Sites and subgroups",
    "failures": "Failures",
    "reliability": "When not to trust it",
    "limits": "Limits",
    "provenance": "Provenance",
}
"""Headings of a run's report that answers lead to, by key."""
EXPLAINED = (
    "Items of reporting guidelines in our own words, and what this report says to each. FILLED means that it says it "
    "at the place linked, not that the study is sound or that the guideline is met; NEEDS HUMAN is followed by what a "
    "person has to say. The papers have the full wording."
)


def checklist_section(evaluation: Evaluation) -> Section:
    """Return what the guidelines ask and where a run's report answers it."""
    is_synthetic = bool(evaluation.manifest.get("is_synthetic"))

    def answered(topic: str) -> Answer:
        return answer_of(topic, evaluation, RUN_ANSWERS, is_synthetic=is_synthetic)

    return section_of(answered, RUN_PLACES, data_answers.modality(evaluation))


def section_of(answered: Callable[[str], Answer], places: Mapping[str, str], modality: str | None) -> Section:
    """Return every item of every guideline with its answer.

    Args:
        answered: From an item's topic to what the report says of it.
        places: Headings of the report that answers lead to, by key.
        modality: What cases are judged by; None where that is not known or mixed.

    Returns:
        The counts by status, then a list for each guideline.
    """
    lists = [_checklist(guideline, answered, places, modality) for guideline in guidelines()]
    rows = [row for one in lists for row in one.rows]
    blocks: list[Block] = [Paragraph(f"{_counts(rows)}."), Paragraph(EXPLAINED), *lists]
    return Section(KEY, "Checklist", blocks)


def _checklist(
    guideline: Guideline, answered: Callable[[str], Answer], places: Mapping[str, str], modality: str | None
) -> Checklist:
    rows = tuple(_row(item, answered(item.topic), places) for item in guideline.items)
    notes = [f"Source: {guideline.citation}. For studies of {guideline.about}."]
    if guideline.name.startswith("CLAIM") and modality not in (None, Modality.IMAGE.value):
        notes.append(f"These cases are judged by a {modality}; what the guideline asks beyond images is answered too.")
    return Checklist(f"{KEY}-{guideline.key}", f"{guideline.name}: {_counts(rows)}", guideline.name, rows, tuple(notes))


def _row(item: Item, answer: Answer, places: Mapping[str, str]) -> ChecklistRow:
    links = tuple(Link(key, places[key]) for key in answer.places)
    question = questions()[item.topic] if answer.status == Status.NEEDS_HUMAN else ""
    # A reason is part of a sentence; what is filled is sentences.
    is_reason = answer.status == Status.NOT_APPLICABLE
    text = f"{answer.text[0].upper()}{answer.text[1:]}." if is_reason else answer.text
    return ChecklistRow(item.number, item.asks, answer.status.value, text, question, links)


def _counts(rows: list[ChecklistRow] | tuple[ChecklistRow, ...]) -> str:
    """Return how many rows have which status, such as "31 of 60 filled here, 22 need a person, 7 do not apply"."""
    found = [sum(row.status == status for row in rows) for status in Status]
    filled, human, inapplicable = found
    needs, applies = ("needs" if human == 1 else "need"), ("does" if inapplicable == 1 else "do")
    return (
        f"{count(filled)} of {count(len(rows))} filled here, {count(human)} {needs} a person, "
        f"{count(inapplicable)} {applies} not apply"
    )
