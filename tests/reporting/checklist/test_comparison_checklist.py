"""The checklist of a comparison leads to places that exist."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from reprodx.reporting.checklist.comparison_checklist import COMPARISON_PLACES, comparison_checklist
from reprodx.reporting.comparison.report import write_comparison_report
from reprodx.reporting.page import Checklist
from reprodx.schemas import Task
from tests.comparisons import HOW_TO_REPEAT, make_comparison, make_evidence

if TYPE_CHECKING:
    from pathlib import Path


def headings(text: str) -> dict[str, str]:
    return dict(re.findall(r'<h2 id="([a-z-]+)-heading">(.*?)</h2>', text))


@pytest.mark.parametrize("task", list(Task))
def test_every_link_of_a_comparison_leads_to_the_heading_it_names(task: Task, tmp_path: Path) -> None:
    comparison = make_comparison(task)
    section = comparison_checklist(make_evidence(comparison))
    lists = [block for block in section.blocks if isinstance(block, Checklist)]
    led_to = {link.key for one in lists for row in one.rows for link in row.links}
    path = tmp_path / "comparison.html"
    write_comparison_report(path, comparison, ledger=None, how_to_repeat=HOW_TO_REPEAT)
    text = path.read_text(encoding="utf-8")
    assert COMPARISON_PLACES.items() <= headings(text).items()
    assert led_to <= set(COMPARISON_PLACES)
    assert set(re.findall(r'<a href="#([^"]+)">', text)) <= set(re.findall(r'id="([^"]+)"', text))
