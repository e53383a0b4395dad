"""The parts that a report is laid out from, and the one HTML file that they become.

A page knows nothing of models or metrics: rooms above fill tables, figures and paragraphs with words, and the templates
turn them into semantic HTML. All is escaped here but figures, which `drawing` makes, and prose: `prose` escapes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import jinja2

from reprodx.artifacts.files import write_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

TEMPLATES = Path(__file__).parent / "templates"
"""Where the Jinja templates and the style sheet lie."""
RECORD_NAME = "reprodx-experiment"
"""Of the element in a page's head that tells machines what it is of."""


@dataclass(frozen=True)
class Paragraph:
    """A few sentences."""

    kind: ClassVar[str] = "paragraph"
    text: str


@dataclass(frozen=True)
class Notice:
    """Something that no reader may miss."""

    kind: ClassVar[str] = "notice"
    heading: str
    text: str
    is_alarming: bool = False
    """Whether it puts the result itself in doubt."""


@dataclass(frozen=True)
class KeyNumber:
    """A number to be seen at a glance."""

    label: str
    value: str
    interval: str
    """Its limits, or why there are none."""
    hint: str
    """How to read it."""


@dataclass(frozen=True)
class KeyNumbers:
    """The few numbers that sum a report up."""

    kind: ClassVar[str] = "key_numbers"
    items: tuple[KeyNumber, ...]


@dataclass(frozen=True)
class Table:
    """A table whose first column names its rows."""

    kind: ClassVar[str] = "table"
    key: str
    """Unique on the page, letters and hyphens."""
    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    text_columns: tuple[str, ...] = ()
    """The columns beside the first that hold words, and are therefore set left."""
    notes: tuple[str, ...] = ()
    """Lines under the table."""


@dataclass(frozen=True)
class Folded:
    """A table that is shown when asked for."""

    kind: ClassVar[str] = "folded"
    label: str
    table: Table


@dataclass(frozen=True)
class Figure:
    """A picture, what it shows in words, and the numbers it was drawn from."""

    key: str
    """Unique on the page, letters and hyphens."""
    title: str
    svg: Markup
    """An inline SVG element."""
    summary: str
    """What the picture shows, for those who cannot see it and those who want to be sure."""
    data: Table


@dataclass(frozen=True)
class Gallery:
    """Figures side by side where there is room."""

    kind: ClassVar[str] = "gallery"
    figures: tuple[Figure, ...]


@dataclass(frozen=True)
class Picture:
    """A picture made of pixels, and what it shows in words."""

    title: str
    source: str
    """A data URI: a page fetches nothing."""
    width: int
    """In pixels."""
    height: int
    description: str
    """What it shows, for those who cannot see it."""


@dataclass(frozen=True)
class Pictures:
    """Pictures side by side where there is room."""

    kind: ClassVar[str] = "pictures"
    items: tuple[Picture, ...]


@dataclass(frozen=True)
class FlowStep:
    """Cases at one point of the participant flow."""

    label: str
    count: str
    details: tuple[str, ...] = ()


@dataclass(frozen=True)
class Flow:
    """How the cases that were read became the cases of each split."""

    kind: ClassVar[str] = "flow"
    read: FlowStep
    excluded: FlowStep
    kept: FlowStep
    parts: tuple[FlowStep, ...]


@dataclass(frozen=True)
class Commands:
    """Lines for a terminal."""

    kind: ClassVar[str] = "commands"
    label: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Facts:
    """Names and what they stand for, such as hashes."""

    kind: ClassVar[str] = "facts"
    items: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Bullets:
    """Short statements, one a line."""

    kind: ClassVar[str] = "bullets"
    items: tuple[str, ...]


@dataclass(frozen=True)
class Link:
    """A way to another section of the page."""

    key: str
    """Of the section."""
    heading: str


@dataclass(frozen=True)
class ChecklistRow:
    """What a guideline asks, and what is answered."""

    number: str
    asks: str
    status: str
    answer: str
    """In full sentences; empty where nothing is known."""
    question: str
    """What a person has to say; empty where nothing is left to say."""
    links: tuple[Link, ...]
    """Where it stands."""


@dataclass(frozen=True)
class Checklist:
    """The items of a guideline, folded on a screen and open on paper."""

    kind: ClassVar[str] = "checklist"
    key: str
    """Unique on the page, letters and hyphens."""
    label: str
    caption: str
    rows: tuple[ChecklistRow, ...]
    notes: tuple[str, ...] = ()
    """Lines under the table."""


@dataclass(frozen=True)
class Prose:
    """What a person wrote, shown when asked for."""

    kind: ClassVar[str] = "prose"
    label: str
    html: Markup
    """Escaped, see `reporting.prose`."""


Block = (
    Paragraph
    | Notice
    | KeyNumbers
    | Table
    | Folded
    | Gallery
    | Pictures
    | Flow
    | Commands
    | Facts
    | Bullets
    | Checklist
    | Prose
)


@dataclass(frozen=True)
class Section:
    """A headed part of a page."""

    key: str
    """Unique on the page, letters and hyphens: the fragment that the contents link to."""
    heading: str
    blocks: Sequence[Block]


@dataclass(frozen=True)
class Page:
    """A whole report."""

    title: str
    headline: str
    """The result in one or two sentences."""
    opening: Sequence[Block]
    """What stands under the headline, before the contents."""
    sections: Sequence[Section]
    record: str | None = None
    """What tells a machine which experiment it is of, see `provenance.experiment_record`."""


def render(page: Page) -> str:
    """Return a page as one HTML document that needs neither network, script nor storage."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html.j2").render(page=page, record_name=RECORD_NAME)


def write_page(path: Path, page: Page) -> None:
    """Write a page as a whole or not at all; equal pages give equal bytes."""
    write_text(path, render(page))
