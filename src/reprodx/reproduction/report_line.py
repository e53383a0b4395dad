"""The line that the report of a rerun carries: what it proves, and of which run."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

END_OF_HEAD = "</header>"
"""Of the page; what it opens with stands before it."""


def with_line(report: Path, heading: str, text: str) -> str:
    """Return a report with a notice at its head.

    Args:
        report: The page, which stays as it is.
        heading: In a few words.
        text: In a sentence.

    Returns:
        The page.
    """
    page = report.read_text(encoding="utf-8")
    words, told = html.escape(heading), html.escape(text)
    body = f"<p><strong>{words}</strong></p>\n<p>{told}</p>"
    notice = f'<div class="notice" role="note" aria-label="{words}">\n{body}\n</div>\n'
    before, end, after = page.partition(END_OF_HEAD)
    return f"{before}{notice if end else ''}{end}{after}"
