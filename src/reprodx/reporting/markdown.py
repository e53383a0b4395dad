"""The parts of a report as Markdown, for readers of the model card."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reprodx.reporting.page import Block, Bullets, Facts, Notice, Paragraph, Table

if TYPE_CHECKING:
    from collections.abc import Iterable

HIDDEN = {"\\": "\\\\", "|": "\\|", "<": "&lt;", ">": "&gt;", "\n": " ", "*": "\\*", "_": "\\_", "`": "\\`"}
"""What Markdown or HTML would take for its own, and how it is shown instead."""


def escaped(text: str) -> str:
    r"""Return text that Markdown shows as it is.

    >>> print(escaped("a|b <script> x_1"))
    a\|b &lt;script&gt; x\_1
    """
    return "".join(HIDDEN.get(letter, letter) for letter in text)


def as_markdown(block: Block) -> str:
    """Return a paragraph, notice, table, list or facts as Markdown.

    Args:
        block: Part of a report; figures and folded tables have no place in a model card.

    Returns:
        Lines without a newline at the end.

    Raises:
        TypeError: If it is another part.
    """
    if isinstance(block, Paragraph):
        return escaped(block.text)
    if isinstance(block, Notice):
        return f"> **{escaped(block.heading)}.** {escaped(block.text)}"
    if isinstance(block, Bullets):
        return "\n".join(f"- {escaped(item)}" for item in block.items)
    if isinstance(block, Facts):
        return "\n".join(f"- {escaped(name)}: {escaped(value)}" for name, value in block.items)
    if isinstance(block, Table):
        return _table(block)
    raise TypeError(f"{block.kind} has no form in Markdown")


def _table(table: Table) -> str:
    lines = [
        f"**{escaped(table.caption)}**",
        "",
        _row(table.columns),
        _row("---" for _ in table.columns),
        *map(_row, table.rows),
    ]
    for note in table.notes:
        lines += ["", escaped(note)]
    return "\n".join(lines)


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cell if cell == '---' else escaped(cell) for cell in cells)} |"
