"""Differences with their intervals, one under the other, beside no difference and the margin."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from reprodx.reporting.comparison.evidence import difference_cell
from reprodx.reporting.drawing import INK, MUTED, SERIES, as_svg
from reprodx.reporting.page import Figure, Table
from reprodx.reporting.plots import shortened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure as Canvas

    from reprodx.schemas import Estimate

MAX_LETTERS = 22
"""Of a name beside a line."""
ROW_HEIGHT, REST_HEIGHT = 0.3, 1.15
"""Inches."""


@dataclass(frozen=True)
class Forest:
    """What a forest plot shows."""

    rows: Sequence[tuple[str, Estimate]]
    """Names with their differences, from the top down."""
    margin: float | None
    """Where the line of the margin stands; None without."""
    axis: str
    """What is shown, in a few words."""
    hint: str
    """Which side is better; empty where neither is."""


def forest_figure(key: str, title: str, forest: Forest, confidence: str) -> Figure:
    """Return a forest plot with its summary and data.

    Args:
        key: Unique on the page.
        title: Of the figure.
        forest: What is drawn; differences without a value have no line.
        confidence: The level of the intervals in words.

    Returns:
        The figure.
    """
    drawn = [(name, estimate) for name, estimate in forest.rows if estimate.value is not None]
    apart = [name for name, estimate in drawn if is_apart(estimate)]
    summary = f"Dots: differences; lines: {confidence}. The interval leaves out 0 for {', '.join(apart) or 'none'}."
    if forest.margin is not None:
        summary += " Dashed: the margin for no worse."
    height = REST_HEIGHT + ROW_HEIGHT * max(len(drawn), 2)
    drawing = partial(draw_forest, forest=forest)
    svg = as_svg(drawing, key=key, title=title, description=summary, height=height)
    rows = tuple((name, difference_cell(estimate), estimate.method) for name, estimate in forest.rows)
    data = Table(f"{key}-data", title, ("Pair", f"Difference ({confidence})", "Method"), rows, ("Method",))
    return Figure(key, title, svg, summary, data)


def draw_forest(canvas: Canvas, forest: Forest) -> None:
    """Draw each difference with its interval.

    Args:
        canvas: Empty.
        forest: What is drawn; differences without a value have no line.
    """
    axes = canvas.subplots()
    rows = [(name, estimate) for name, estimate in forest.rows if estimate.value is not None]
    axes.axvline(0, color=MUTED, linewidth=1)
    if forest.margin is not None:
        axes.axvline(forest.margin, color=INK, linewidth=1, linestyle=(0, (4, 2)), label="margin")
    for place, (_, estimate) in enumerate(rows):
        assert estimate.value is not None, "others were left out"
        colour = SERIES[0] if is_apart(estimate) else MUTED
        if estimate.ci_low is not None and estimate.ci_high is not None:
            axes.plot([estimate.ci_low, estimate.ci_high], [place, place], color=colour)
        filled = colour if is_apart(estimate) else "none"
        axes.plot([estimate.value], [place], "o", color=colour, markerfacecolor=filled, markersize=5)
    axes.set_yticks(range(len(rows)), [shortened(name, MAX_LETTERS) for name, _ in rows])
    axes.set(ylim=(max(len(rows), 2) - 0.5, -0.5), xlabel=f"{forest.axis}\n{forest.hint}".strip())
    axes.grid(visible=False, axis="y")
    axes.locator_params(axis="x", nbins=5)


def which_side(is_higher_better: bool | None) -> str:
    """Return which side of no difference is better, in words; nothing where neither is."""
    sides = {True: ("worse", "better"), False: ("better", "worse"), None: ()}[is_higher_better]
    return f"\N{LEFTWARDS ARROW} {' | '.join(sides)} \N{RIGHTWARDS ARROW}" if sides else ""


def is_apart(estimate: Estimate) -> bool:
    """Tell whether an interval leaves out zero."""
    return (
        estimate.ci_low is not None and estimate.ci_high is not None and (estimate.ci_low > 0 or estimate.ci_high < 0)
    )
