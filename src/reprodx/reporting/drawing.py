"""Figures as inline SVG: the same bytes for the same numbers, legible in a light and a dark page.

Matplotlib draws; its colours are then replaced by the page's CSS variables and its fonts by the page's, so that one
picture serves both schemes and the printer. Every id takes the figure's key as prefix, since a page holds many figures.

Source: the hues are those of Okabe and Ito, "Color Universal Design" (2008), told apart by all common colour visions.
"""

from __future__ import annotations

import io
import re
import warnings
from typing import TYPE_CHECKING, Any

import matplotlib.style
from markupsafe import Markup
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure as Canvas

if TYPE_CHECKING:
    from collections.abc import Callable

INK, MUTED, GRID = "#1b1f24", "#57606a", "#d8dee4"
SERIES = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00")
"""Okabe and Ito's blue, vermillion, bluish green, reddish purple and orange."""
VARIABLES = {INK: "ink", MUTED: "muted", GRID: "grid"} | {hue: f"series-{i}" for i, hue in enumerate(SERIES, start=1)}
"""Which variable of `style.css` stands in for which colour."""
STYLE: dict[str, Any] = {
    "axes.axisbelow": True,
    "axes.edgecolor": MUTED,
    "axes.facecolor": "none",
    "axes.grid": True,
    "axes.labelcolor": INK,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "figure.facecolor": "none",
    "font.size": 9.5,
    "grid.color": GRID,
    "grid.linewidth": 0.7,
    "legend.fontsize": 9,
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "svg.fonttype": "none",
    "svg.hashsalt": "reprodx",
    "text.color": INK,
    "text.parse_math": False,
    "xtick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.color": MUTED,
    "ytick.labelcolor": INK,
}
"""Settings on top of matplotlib's own, so that no matplotlibrc of the machine shows in the bytes."""
WIDTH, HEIGHT = 4.5, 3.9
"""Inches: small enough that the letters stay legible on a telephone."""


def as_svg(draw: Callable[[Canvas], None], *, key: str, title: str, description: str, height: float = HEIGHT) -> Markup:
    """Return what a function draws as an inline SVG element that names itself to screen readers.

    Args:
        draw: Draws on the figure that it is given, which belongs to no window.
        key: Prefix of every id, unique on the page.
        title: What the figure is, in a few words.
        description: What it shows, in a sentence.
        height: In inches.

    Returns:
        The element; equal drawings give equal text.
    """
    # The page's fonts write what matplotlib's lack.
    with matplotlib.style.context(["default", STYLE]), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        canvas = Canvas(figsize=(WIDTH, height), layout="constrained")
        draw(canvas)
        drawn = _saved(canvas)
    view_box = re.search(r'viewBox="[^"]*"', drawn)
    assert view_box, "matplotlib gives every figure a view box"
    body = drawn[drawn.index("</defs>") + len("</defs>") : drawn.rindex("</svg>")]
    labels = Markup('<title id="{0}-title">{1}</title><desc id="{0}-desc">{2}</desc>').format(key, title, description)
    opening = f'<svg {view_box[0]} role="img" aria-labelledby="{key}-title {key}-desc">'
    return Markup(f"{opening}{labels}{_adopted(body, key)}</svg>")  # noqa: S704 - matplotlib escapes what it writes


def _saved(canvas: Canvas) -> str:
    buffer = io.StringIO()
    nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    # Not savefig, which draws everything twice.
    FigureCanvasSVG(canvas).print_svg(buffer, metadata=nothing)  # type: ignore[no-untyped-call]  # so in its stubs
    return buffer.getvalue()


def _adopted(body: str, key: str) -> str:
    """Return matplotlib's elements with the page's ids, colours and fonts."""
    body = re.sub(r' id="[A-Za-z0-9.]+_\d+"', "", body)
    body = re.sub(r'(id="|href="#|url\(#)', rf"\g<1>{key}-", body)
    body = re.sub(r"font-family: [^;\"]*(?:; )?", "", body)
    body = re.sub(r' transform="rotate\(-0 [^"]*"', "", body)
    return re.sub(r"#[0-9a-f]{6}\b", _as_variable, body)


def _as_variable(colour: re.Match[str]) -> str:
    name = VARIABLES.get(colour[0])
    return f"var(--{name}, {colour[0]})" if name else colour[0]
