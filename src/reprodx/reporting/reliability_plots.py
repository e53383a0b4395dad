"""The figures on when a model is to be trusted: their dots, lines and bars, and the rows they were drawn from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reprodx.reporting.drawing import HEIGHT, INK, MUTED, SERIES, as_svg
from reprodx.reporting.page import Figure, Table
from reprodx.reporting.plots import DASHES, shortened

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import polars as pl
    from matplotlib.figure import Figure as Canvas

    from reprodx.schemas import Estimate


def row_figure(
    key: str,
    title: str,
    drawing: Callable[[Canvas], None],
    summary: str,
    columns: tuple[str, ...],
    rows: tuple[tuple[str, ...], ...],
    notes: tuple[str, ...] = (),
    height: float = HEIGHT,
) -> Figure:
    """Return a figure with the rows that it was drawn from.

    Args:
        key: Unique on the page, letters and hyphens.
        title: What it is, in a few words.
        drawing: Draws on the canvas that it is given.
        summary: What it shows.
        columns: Of the table.
        rows: Of the table, each cell in words.
        notes: Lines under the table.
        height: In inches.

    Returns:
        The figure.
    """
    svg = as_svg(drawing, key=key, title=title, description=summary, height=height)
    return Figure(key, title, svg, summary, Table(f"{key}-data", title, columns, rows, (), notes))


def draw_coverage(canvas: Canvas, rows: Sequence[tuple[str, Estimate]], nominal: float) -> None:
    """Draw shares with their intervals, one below the other, beside the share that was promised.

    Args:
        canvas: Empty.
        rows: What each share is about, and the share.
        nominal: What was promised.
    """
    axes = canvas.subplots()
    axes.axvline(nominal, color=MUTED, linewidth=1, linestyle=(0, (4, 2)), label="promised")
    for place, (_, estimate) in enumerate(rows):
        if estimate.value is None:
            continue
        if estimate.ci_low is not None and estimate.ci_high is not None:
            axes.hlines(place, estimate.ci_low, estimate.ci_high, color=SERIES[0], linewidth=1.4)
        axes.plot(estimate.value, place, "o", color=SERIES[0], markersize=5)
    axes.set_yticks(range(len(rows)), [shortened(name, 22) for name, _ in rows])
    axes.set(ylim=(len(rows) - 0.5, -0.5), xlabel="share of cases whose set holds the true class")
    axes.grid(visible=False, axis="y")
    canvas.legend(loc="outside lower center")


def draw_risk_coverage(canvas: Canvas, curves: pl.DataFrame) -> None:
    """Draw the error rate against the share of cases that are answered.

    Args:
        canvas: Empty.
        curves: `class`, `coverage`, `error_rate`.
    """
    axes = canvas.subplots()
    for index, curve in enumerate(curves.partition_by("class", maintain_order=True)):
        turn, place = divmod(index, len(SERIES))
        look: dict[str, Any] = {"color": SERIES[place], "linestyle": DASHES[(place + turn) % len(DASHES)]}
        axes.plot(curve["coverage"], curve["error_rate"], label=shortened(curve["class"][0]), **look)
    if curves["class"].n_unique() == 1:
        axes.axhline(curves["error_rate"][-1], color=MUTED, linewidth=1, label="all cases answered")
        axes.axhline(curves["error_rate"][-1] / 2, color=MUTED, linewidth=1, linestyle=":", label="half of that")
    axes.set(xlim=(-0.01, 1.01), ylim=(0, None), xlabel="share of cases answered", ylabel="error rate among these")
    canvas.legend(loc="outside lower center", ncols=2)


def draw_novelty(canvas: Canvas, histogram: pl.DataFrame) -> None:
    """Draw how many test cases lie how far out, beside how many are expected of cases like those of validation.

    Args:
        canvas: Empty.
        histogram: `score_from`, `score_to`, `num_cases`.
    """
    axes = canvas.subplots()
    edges = [*histogram["score_from"], histogram["score_to"][-1]]
    axes.stairs(histogram["num_cases"], edges, color=SERIES[0], fill=True, alpha=0.45, label="test cases")
    expected = float(histogram["num_cases"].to_numpy().mean())
    axes.axhline(expected, color=INK, linewidth=1, linestyle=":", label="expected of cases like validation's")
    axes.set(xlim=(0, 1), ylim=(0, None), xlabel="share of validation cases that lie nearer", ylabel="cases")
    canvas.legend(loc="outside lower center")
