"""A report of a rerun says at its head what it proves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reprodx.reproduction.report_line import with_line

if TYPE_CHECKING:
    from pathlib import Path


def test_the_notice_stands_in_the_head_and_the_page_that_was_compared_stays(tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    page.write_text("<header>\n<h1>x</h1>\n</header>\n<main></main>", encoding="utf-8")
    marked = with_line(page, "Reproduction: drifted", "a < b")
    assert marked.index("a &lt; b") < marked.index("</header>")
    assert "<strong>Reproduction: drifted</strong>" in marked
    assert "Reproduction" not in page.read_text(encoding="utf-8")
