"""The lines and bars of each figure, drawn on a canvas from the tables of `metrics.curves`.

The column `class` of a table names what a curve is about: the positive class of a binary task, each of several against
the rest, each label, or the referable grades.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from matplotlib.patches import Rectangle

from reprodx.reporting.drawing import GRID, INK, MUTED, SERIES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas
    from numpy.typing import NDArray

DASHES = ("-", (0, (5, 2)), (0, (1, 1.5)), (0, (6, 2, 1, 2)), (0, (3, 1.5)))
"""A second way to tell lines apart than their colour."""
MAX_LETTERS = 28
"""Of a class name beside a line."""
LOWEST_NET_BENEFIT = -0.05
"""Where the decision curve is cut off: treating everyone falls without bound."""
BAND_OPACITY = 0.15
"""Of an interval behind its curve."""
DEEPEST_SHADE = 0.45
"""Opacity of a full cell of the confusion matrix, in which its number can still be read."""


def draw_roc(canvas: Canvas, curves: pl.DataFrame, point: tuple[float, float] | None) -> None:
    """Draw sensitivity against 1 - specificity.

    Args:
        canvas: Empty.
        curves: `class`, `false_positive_rate`, `true_positive_rate`.
        point: False and true positive rate at the threshold in use, where there is one.
    """
    axes = canvas.subplots()
    axes.plot([0, 1], [0, 1], color=MUTED, linewidth=1, label="chance")
    for curve, line in _by_class(curves):
        axes.plot(curve["false_positive_rate"], curve["true_positive_rate"], **line)
    if point:
        axes.plot(*point, "o", color=INK, markersize=6, label="threshold in use")
    _name_unit_axes(axes, "1 \N{MINUS SIGN} specificity", "sensitivity")
    _add_legend(canvas)


def draw_precision_recall(canvas: Canvas, curves: pl.DataFrame, prevalences: Mapping[str, float]) -> None:
    """Draw precision against recall, with each prevalence as a dotted line.

    Args:
        canvas: Empty.
        curves: `class`, `recall`, `precision`.
        prevalences: Share of each class among the cases.
    """
    axes = canvas.subplots()
    for curve, line in _by_class(curves):
        axes.axhline(prevalences[curve["class"][0]], color=MUTED, linewidth=1, linestyle=":")
        axes.plot(curve["recall"], curve["precision"], **line)
    axes.plot([], [], color=MUTED, linewidth=1, linestyle=":", label="prevalence")
    _name_unit_axes(axes, "recall (sensitivity)", "precision (PPV)")
    _add_legend(canvas)


def draw_calibration(canvas: Canvas, bins: pl.DataFrame, curves: pl.DataFrame, histogram: pl.DataFrame) -> None:
    """Draw observed rates against predicted probabilities, smoothed and in bins, over the spread of the latter.

    Args:
        canvas: Empty.
        bins: `class`, `mean_probability`, `observed_rate`, `ci_low`, `ci_high`.
        curves: `class`, `probability`, `observed_rate`, `ci_low`, `ci_high`.
        histogram: `class`, `probability_from`, `probability_to`, `num_cases`.
    """
    axes, below = canvas.subplots(2, 1, sharex=True, height_ratios=[4, 1])
    axes.plot([0, 1], [0, 1], color=MUTED, linewidth=1, label="ideal")
    for curve, line in _by_class(curves):
        axes.plot(curve["probability"], curve["observed_rate"], **line)
        _add_band(axes, curves, curve, "probability", line)
    for part, line in _by_class(bins):
        if bins["class"].n_unique() == 1:
            axes.vlines(part["mean_probability"], part["ci_low"], part["ci_high"], color=line["color"], linewidth=1)
        dots = {"color": line["color"], "marker": "o", "markersize": 4.5, "linestyle": "", "clip_on": False}
        axes.plot(part["mean_probability"], part["observed_rate"], **dots)
    for part, line in _by_class(histogram):
        below.stairs(*_bars(part), **line)
    _name_unit_axes(axes, "", "observed rate")
    below.set(xlabel="predicted probability", ylabel="cases")
    _add_legend(canvas, axes)


def draw_histogram(canvas: Canvas, histogram: pl.DataFrame) -> None:
    """Draw how a class's probability is spread among its cases and among all others, a panel for each class.

    Args:
        canvas: Empty.
        histogram: `class`, `true_class`, `probability_from`, `probability_to`, `num_cases`.
    """
    parts = [part for part, _ in _by_class(histogram)]
    panels = canvas.subplots(len(parts), 1, sharex=True, squeeze=False)[:, 0]
    for panel, part in zip(panels, parts, strict=True):
        name, is_own = part["class"][0], part["true_class"] == part["class"]
        others = part.filter(~is_own)["true_class"][0]
        panel.stairs(*_bars(part.filter(~is_own)), color=SERIES[0], label=shortened(others), fill=True, alpha=0.35)
        panel.stairs(*_bars(part.filter(is_own)), color=SERIES[1], label=shortened(name), linewidth=1.8)
        panel.set(ylabel="cases", xlim=(0, 1))
        panel.legend(loc="upper center")
    panels[-1].set_xlabel(f"predicted probability of {shortened(name)}" if len(parts) == 1 else "predicted probability")


def draw_decision_curve(canvas: Canvas, curves: pl.DataFrame, threshold: float | None) -> None:
    """Draw net benefit against the threshold probability.

    Args:
        canvas: Empty.
        curves: `class`, `threshold`, `model`, `treat_all`, `treat_none`, `ci_low`, `ci_high`.
        threshold: The one in use, where there is one.
    """
    axes = canvas.subplots()
    for curve, line in _by_class(curves):
        axes.plot(curve["threshold"], curve["treat_all"], color=MUTED, linewidth=1, linestyle=(0, (4, 2)))
        axes.plot(curve["threshold"], curve["model"], **line)
        _add_band(axes, curves, curve, "threshold", line)
    axes.plot([], [], color=MUTED, linewidth=1, linestyle=(0, (4, 2)), label="everyone positive")
    axes.axhline(0, color=MUTED, linewidth=1, label="no one positive")
    if threshold is not None:
        axes.axvline(threshold, color=INK, linewidth=1, linestyle=":", label="threshold in use")
    highest = float(curves.select("model", "treat_all", "ci_high").to_numpy().max(initial=0))
    axes.set(xlim=(0, 1), ylim=(LOWEST_NET_BENEFIT, 1.05 * highest + 0.01))
    axes.set(xlabel="threshold probability", ylabel="net benefit per case")
    _add_legend(canvas)


def draw_confusion(canvas: Canvas, counts: NDArray[np.int64], classes: tuple[str, ...]) -> None:
    """Draw the counts of true against called classes, each cell shaded by its share of the row.

    Args:
        canvas: Empty.
        counts: Shape (classes, classes), true classes in rows.
        classes: Their names, in order.
    """
    axes = canvas.subplots()
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    for (row, column), share in np.ndenumerate(shares):
        shade = (SERIES[0], DEEPEST_SHADE * float(share))
        axes.add_patch(Rectangle((column - 0.5, row - 0.5), 1, 1, facecolor=shade, edgecolor=GRID))
        axes.text(column, row, f"{counts[row, column]}\n{share:.0%}", ha="center", va="center")
    names, places = [shortened(name, 14) for name in classes], range(len(classes))
    has_room = len(classes) * max(map(len, names)) <= MAX_LETTERS
    axes.set_xticks(places, names, rotation=0 if has_room else 30)
    axes.set_yticks(places, names, rotation=90 if has_room else 0, va="center")
    axes.set(xlim=(-0.5, len(classes) - 0.5), ylim=(len(classes) - 0.5, -0.5), xlabel="called", ylabel="true class")
    axes.grid(visible=False)


def _by_class(table: pl.DataFrame) -> Iterator[tuple[pl.DataFrame, dict[str, Any]]]:
    """Yield the rows of each class with the look of its line."""
    for index, part in enumerate(table.partition_by("class", maintain_order=True)):
        turn, place = divmod(index, len(SERIES))
        dashes = DASHES[(place + turn) % len(DASHES)]
        yield part, {"color": SERIES[place], "linestyle": dashes, "label": shortened(part["class"][0])}


def _add_band(axes: Axes, curves: pl.DataFrame, curve: pl.DataFrame, x: str, line: Mapping[str, Any]) -> None:
    """Shade the interval of the only curve; of several the bands would hide each other."""
    if curves["class"].n_unique() == 1:
        known = curve.drop_nulls(["ci_low", "ci_high"])
        axes.fill_between(
            known[x], known["ci_low"], known["ci_high"], color=line["color"], alpha=BAND_OPACITY, linewidth=0
        )


def _bars(histogram: pl.DataFrame) -> tuple[pl.Series, NDArray[np.float64]]:
    bins = histogram.group_by("probability_from", "probability_to", maintain_order=True).agg(pl.sum("num_cases"))
    return bins["num_cases"], np.append(bins["probability_from"], bins["probability_to"][-1])


def _name_unit_axes(axes: Axes, horizontal: str, vertical: str) -> None:
    axes.set(xlim=(-0.01, 1.01), ylim=(-0.01, 1.01), xlabel=horizontal, ylabel=vertical)


def _add_legend(canvas: Canvas, axes: Axes | None = None) -> None:
    """Name the lines under the plot, where the legend hides nothing."""
    handles, labels = (axes or canvas.axes[0]).get_legend_handles_labels()
    canvas.legend(handles, labels, loc="outside lower center", ncols=2)


def shortened(name: str, max_letters: int = MAX_LETTERS) -> str:
    """Return a name that has room beside a line and that matplotlib shows."""
    short = name if len(name) <= max_letters else name[: max_letters - 1] + "\N{HORIZONTAL ELLIPSIS}"
    # Matplotlib hides labels that begin with an underscore.
    return "\N{WORD JOINER}" + short if short.startswith("_") else short
