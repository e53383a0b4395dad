"""An item is filled, a person's, or not applicable."""

from reprodx.reporting.checklist.answer import MADE_UP, NOBODYS, Status, answer_of, filled
from reprodx.reporting.checklist.guideline import questions

ANSWERS = {"flow": lambda subject: filled(f"{subject} cases.", "participants")}


def test_what_answers_is_asked_with_the_subject() -> None:
    found = answer_of("flow", 12, ANSWERS, is_synthetic=False)
    assert (found.status, found.text, found.places) == (Status.FILLED, "12 cases.", ("participants",))


def test_what_nothing_answers_is_a_persons() -> None:
    assert answer_of("funding", 12, ANSWERS, is_synthetic=False).status == Status.NEEDS_HUMAN


def test_made_up_cases_have_no_people_but_a_flow_and_a_funder() -> None:
    found = {topic: answer_of(topic, 12, ANSWERS, is_synthetic=True) for topic in ("ethics", "flow", "funding")}
    assert (found["ethics"].status, found["ethics"].text) == (Status.NOT_APPLICABLE, MADE_UP)
    assert found["flow"].status == Status.FILLED
    assert found["funding"].status == Status.NEEDS_HUMAN


def test_topics_about_people_exist() -> None:
    assert set(NOBODYS) <= set(questions())
