"""The parts of a report as Markdown, for readers of the model card."""

from __future__ import annotations

from typing import TYPE_CHECKING

import jinja2

from reprodx.artifacts.files import write_text
from reprodx.reporting.page import TEMPLATES, Block, Bullets, Facts, Notice, Paragraph, Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

HIDDEN = {"\\": "\\\\", "|": "\\|", "<": "&lt;", ">": "&gt;", "\n": " ", "*": "\\*", "_": "\\_", "`": "\\`"}
"""What Markdown or HTML would take for its own, and how it is shown instead."""


def write_markdown(path: Path, template: str, content: Mapping[str, object]) -> None:
    """Fill a template and write what it gives.

    Args:
        path: Of the file, replaced as a whole or not at all.
        template: Name of a Jinja template that lies beside the report's.
        content: What it is filled with, escaped already.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=False,  # noqa: S701  # Markdown: what is shown is escaped by `escaped`
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    write_text(path, environment.get_template(template).render(content))


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
        heading = block.heading if block.heading.endswith("?") else f"{block.heading}."
        return f"> **{escaped(heading)}** {escaped(block.text)}"
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
