"""What a report says to an item of a guideline."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

Subject = TypeVar("Subject")
"""What is reported on: an evaluation, or the evidence of a comparison."""


class Status(StrEnum):
    """Whether an item is answered. None of them says that a study was done well."""

    FILLED = "FILLED"
    NEEDS_HUMAN = "NEEDS HUMAN"
    NOT_APPLICABLE = "NOT APPLICABLE"


@dataclass(frozen=True)
class Answer:
    """What a report says to an item."""

    status: Status
    text: str
    """The number, or what is known; why it does not apply; where a person is needed, what is known already."""
    places: tuple[str, ...] = ()
    """Keys of the sections where it stands."""


Answers = Mapping[str, Callable[[Subject], Answer]]
"""By topic, how a subject answers it; what is missing is a person's to say."""
NOBODYS = (
    "dates",
    "setting",
    "setting_and_dates",
    "eligibility",
    "identification",
    "series",
    "treatments",
    "design",
    "ethics",
    "deidentification",
    "acquisition",
    "image_acquisition",
    "devices",
    "assessors",
    "outcome_blinding",
    "index_blinding",
    "predictor_assessors",
    "annotators",
    "annotation",
    "rater_variability",
    "interval",
    "adverse_events",
    "inequalities",
)
"""Topics about people, which made-up cases have none of."""
MADE_UP = "the cases were made by a program: nobody was recruited, examined or treated"


def filled(text: str, *places: str) -> Answer:
    """Return that a report says it, and in which sections."""
    return Answer(Status.FILLED, text, places)


def needs_human(known: str = "", *places: str) -> Answer:
    """Return that a person must say it, and what of it is known and where."""
    return Answer(Status.NEEDS_HUMAN, known, places)


def not_applicable(why: str) -> Answer:
    """Return that there is nothing to say, and why."""
    return Answer(Status.NOT_APPLICABLE, why)


def answer_of(topic: str, subject: Subject, answers: Answers[Subject], *, is_synthetic: bool) -> Answer:
    """Return what a subject says to a topic.

    Args:
        topic: Of an item.
        subject: What is reported on.
        answers: By topic.
        is_synthetic: Whether the cases were made by a program.

    Returns:
        The answer; that a person is needed where nothing answers.
    """
    if is_synthetic and topic in NOBODYS:
        return not_applicable(MADE_UP)
    return answers[topic](subject) if topic in answers else needs_human()
