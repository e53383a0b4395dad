"""The checklist leads to places that exist, counts what it shows, and claims nothing."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from reprodx.reporting.checklist.answer import Status
from reprodx.reporting.checklist.guideline import questions
from reprodx.reporting.checklist.section import RUN_PLACES, checklist_section
from reprodx.reporting.page import Checklist, ChecklistRow, Page, Paragraph, Section, render

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from reprodx.reporting.evaluation import Evaluation

TASKS = ["binary", "multiclass", "ordinal", "multilabel"]


def lists(section: Section) -> list[Checklist]:
    return [block for block in section.blocks if isinstance(block, Checklist)]


def rows(section: Section) -> list[ChecklistRow]:
    return [row for one in lists(section) for row in one.rows]


def headings(text: str) -> dict[str, str]:
    return dict(re.findall(r'<h2 id="([a-z-]+)-heading">(.*?)</h2>', text))


@pytest.mark.parametrize("task", TASKS)
def test_every_link_of_a_run_leads_to_the_heading_it_names(
    task: str, request: pytest.FixtureRequest, written: Callable[[Path, Evaluation], Path], tmp_path: Path
) -> None:
    evaluation = request.getfixturevalue(task)
    text = written(tmp_path / "report.html", evaluation).read_text(encoding="utf-8")
    found = headings(text)
    links = {(link.key, link.heading) for row in rows(checklist_section(evaluation)) for link in row.links}
    assert links <= set(found.items())
    assert len(links) >= 7
    ids = set(re.findall(r'id="([^"]+)"', text))
    assert set(re.findall(r'<a href="#([^"]+)">', text)) <= ids


def test_all_places_of_a_run_are_headings(
    binary: Evaluation, written: Callable[[Path, Evaluation], Path], tmp_path: Path
) -> None:
    found = headings(written(tmp_path / "report.html", binary).read_text(encoding="utf-8"))
    assert RUN_PLACES.items() <= found.items()


@pytest.mark.parametrize("task", TASKS)
def test_the_counts_are_those_of_the_rows(task: str, request: pytest.FixtureRequest) -> None:
    section = checklist_section(request.getfixturevalue(task))
    first = section.blocks[0]
    assert isinstance(first, Paragraph)
    numbers = [int(number) for number in re.findall(r"\d+", first.text)]
    found = [sum(row.status == status for row in rows(section)) for status in Status]
    assert numbers == [found[0], len(rows(section)), *found[1:]]
    assert sum(found) == len(rows(section)) == 144
    assert min(found) > 0


@pytest.mark.parametrize("task", TASKS)
def test_each_status_carries_what_it_needs(task: str, request: pytest.FixtureRequest) -> None:
    for row in rows(checklist_section(request.getfixturevalue(task))):
        if row.status == Status.FILLED:
            assert row.links
            assert row.answer.endswith(".")
            assert not row.question
        elif row.status == Status.NEEDS_HUMAN:
            assert row.question in questions().values()
        else:
            assert row.answer.endswith(".")
            assert not row.question


def test_nothing_is_called_compliant(binary: Evaluation) -> None:
    section = checklist_section(binary)
    text = render(Page("t", "h", [], [section])).lower()
    assert "complian" not in text
    assert "complies" not in text
    assert "not that the study is sound" in text


def test_made_up_cases_recruit_nobody(binary: Evaluation) -> None:
    made_up = replace(binary, manifest={**binary.manifest, "is_synthetic": True})
    found = {row.number: row for row in lists(checklist_section(made_up))[0].rows}
    assert found["17"].status == Status.NOT_APPLICABLE
    assert "made by a program" in found["17"].answer
    assert {row.number: row for row in lists(checklist_section(binary))[0].rows}["17"].status == Status.NEEDS_HUMAN


def test_claim_says_of_what_it_is_where_there_is_no_image(binary: Evaluation, ordinal: Evaluation) -> None:
    of_table, of_image = (lists(checklist_section(one))[1].notes for one in (binary, ordinal))
    assert any("judged by a table" in note for note in of_table)
    assert not any("judged by" in note for note in of_image)


def test_lists_are_folded_tables_that_can_be_read_aloud_and_printed(binary: Evaluation) -> None:
    text = render(Page("t", "h", [], [checklist_section(binary)]))
    assert text.count('<details class="checklist">') == 3
    assert text.count('<th scope="row"') == 144
    captions = re.findall(r'<caption id="([^"]+)"', text)
    assert sorted(captions) == sorted(re.findall(r'aria-labelledby="([^"]+-caption)"', text))
    assert ".checklist::details-content" in text
