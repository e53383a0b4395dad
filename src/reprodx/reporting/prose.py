"""What people wrote in Markdown, as HTML that shows their text and fetches nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markdown_it import MarkdownIt
from markupsafe import Markup

from reprodx.reporting.page import Prose

if TYPE_CHECKING:
    from markdown_it.token import Token

HEADING_UNDER = 2
"""The level of the page's heading that prose stands under; its own are below that."""
LOWEST_HEADING = 6


def prose(label: str, markdown: str) -> Prose:
    r"""Return text in Markdown as part of a page, folded.

    Args:
        label: What is shown while it is folded.
        markdown: CommonMark with tables. HTML in it is shown as text, and so is what would fetch a picture.

    Returns:
        A part of a page.

    >>> str(prose("card", "# A <b>\n![x](http://far/x.png)").html)
    '<h3>A &lt;b&gt;</h3>\n<p>!<a href="http://far/x.png">x</a></p>\n'
    """
    parser = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    tokens = parser.parse(markdown)
    for token in tokens:
        _lower(token)
    return Prose(label, Markup(parser.renderer.render(tokens, parser.options, {})))  # noqa: S704  # escaped by the parser


def _lower(token: Token) -> None:
    if token.type in {"heading_open", "heading_close"}:
        level = min(int(token.tag.removeprefix("h")) + HEADING_UNDER, LOWEST_HEADING)
        token.tag = f"h{level}"
