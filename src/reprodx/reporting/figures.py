"""The six figures of a report, each with its summary in words and the numbers it was drawn from.

All take tables of `metrics.curves`; see `plots` for their columns.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from reprodx.reporting import plots
from reprodx.reporting.drawing import HEIGHT, as_svg
from reprodx.reporting.page import Figure, Table
from reprodx.reporting.wording import NOTHING, count, number, with_interval

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from reprodx.schemas import Estimate

MAX_ROWS = 50
"""Of a figure's table; all are in `results/plots/`."""
CALIBRATION_METRICS = ("calibration_slope", "calibration_in_the_large")
"""What is told of calibration."""
HEADINGS = {
    "avoided_per_100": "interventions avoided per 100",
    "ci_high": "upper limit",
    "ci_low": "lower limit",
    "false_positive_rate": "1 \N{MINUS SIGN} specificity",
    "gain": "gain over the better of both",
    "gain_ci_high": "gain: upper limit",
    "gain_ci_low": "gain: lower limit",
    "mean_probability": "mean probability",
    "model": "net benefit: model",
    "num_cases": "cases",
    "observed_rate": "observed rate",
    "probability_from": "probability from",
    "probability_to": "to",
    "treat_all": "everyone positive",
    "treat_none": "no one positive",
    "true_class": "true class",
    "true_positive_rate": "sensitivity",
}
"""Column headings of the figures' tables, where they differ from the columns' names."""


def roc_figure(curves: pl.DataFrame, aurocs: Mapping[str, Estimate], point: tuple[float, float] | None) -> Figure:
    """Return the receiver operating characteristic.

    Args:
        curves: The table `roc`.
        aurocs: By class.
        point: False and true positive rate at the threshold in use, where there is one.

    Returns:
        The figure.
    """
    summary = f"AUROC {_by_name(aurocs)}; 0.5 is chance and 1 is perfect."
    if point:
        rates = f"sensitivity {number(point[1])} and specificity {number(1 - point[0])}"
        summary += f" The dot marks the threshold in use, with {rates}."
    drawing = partial(plots.draw_roc, curves=curves, point=point)
    return _figure("roc", "Receiver operating characteristic", drawing, summary, curves)


def precision_recall_figure(
    curves: pl.DataFrame, average_precisions: Mapping[str, Estimate], prevalences: Mapping[str, float]
) -> Figure:
    """Return precision against recall.

    Args:
        curves: The table `precision_recall`.
        average_precisions: By class; empty where they were not scored.
        prevalences: Share of each class among the cases: the precision of calling every case by that name.

    Returns:
        The figure.
    """
    shares = {name: number(share) for name, share in prevalences.items()}
    chance = _joined(shares)
    summary = f"Calling every case positive has a precision of {chance}, the prevalence."
    if average_precisions:
        summary = f"Average precision {_by_name(average_precisions)}. {summary}"
    drawing = partial(plots.draw_precision_recall, curves=curves, prevalences=prevalences)
    return _figure("precision-recall", "Precision and recall", drawing, summary, curves)


def calibration_figure(
    bins: pl.DataFrame,
    curves: pl.DataFrame,
    histogram: pl.DataFrame,
    scores: Mapping[str, Estimate],
    band: str = "interval",
) -> Figure:
    """Return observed rates against predicted probabilities, smoothed and in bins, over the spread of the latter.

    Args:
        bins: The table `calibration`.
        curves: The table `calibration_curve`.
        histogram: The table `probability_histogram`.
        scores: `CALIBRATION_METRICS` by name; empty where the figure is about several classes.
        band: What the band is, in words.

    Returns:
        The figure.
    """
    parts = ["Line: smoothed outcomes (lowess). Dots: bins of equally many cases. Below: how many cases there are."]
    if curves.height and curves["class"].n_unique() == 1:
        parts.append(f"Band: {band} at each point.")
    if scores:
        parts.append(f"Slope {with_interval(scores['calibration_slope'])}: 1 is ideal, under 1 means too extreme.")
        large = with_interval(scores["calibration_in_the_large"])
        parts.append(f"Calibration in the large {large}: 0 is ideal, above 0 means that risks are predicted too low.")
    if not curves.height:
        parts.append("Too many equal probabilities to draw the line.")
    drawing = partial(plots.draw_calibration, bins=bins, curves=curves, histogram=histogram)
    return _figure("calibration", "Calibration", drawing, " ".join(parts), bins, height=HEIGHT + 0.7)


def histogram_figure(histogram: pl.DataFrame, medians: Mapping[str, float]) -> Figure:
    """Return how the predicted probability is spread within and outside each class.

    Args:
        histogram: The table `probability_histogram`.
        medians: By true class, the median of the probability of the positive class; with several classes or labels of
            each among its own cases.

    Returns:
        The figure.
    """
    classes = histogram["class"].unique(maintain_order=True).to_list()
    about = classes[0] if len(classes) == 1 else "each class among its own cases"
    spread = _joined({name: number(median) for name, median in medians.items()})
    summary = f"Median predicted probability of {about}: {spread}."
    drawing = partial(plots.draw_histogram, histogram=histogram)
    height = max(HEIGHT, 1.4 * len(classes))
    return _figure("histogram", "Predicted probabilities by true class", drawing, summary, histogram, height=height)


def decision_curve_figure(curves: pl.DataFrame, threshold: float | None, band: str = "interval") -> Figure:
    """Return the net benefit of acting on the model, beside acting on everyone or on no one.

    Args:
        curves: The table `decision_curve`.
        threshold: The one in use, where there is one.
        band: What the band is, in words.

    Returns:
        The figure.
    """
    parts = {part["class"][0]: _useful_thresholds(part) for part in curves.partition_by("class", maintain_order=True)}
    summary = f"The model has a higher net benefit than calling everyone or no one positive at {_joined(parts)}."
    if len(parts) == 1:
        sure = curves.filter(pl.col("gain_ci_low") > 0).height
        summary = (
            f"Band: {band} at each threshold. At {sure} of {curves.height} thresholds the interval of what the "
            f"model adds lies above 0. {summary}"
        )
    drawing = partial(plots.draw_decision_curve, curves=curves, threshold=threshold)
    return _figure("decision-curve", "Decision curve", drawing, summary, curves)


def confusion_figure(counts: NDArray[np.int64], classes: tuple[str, ...]) -> Figure:
    """Return the confusion matrix; in a binary task the 2x2 table at the threshold.

    Args:
        counts: Shape (classes, classes), true classes in rows.
        classes: Their names, in order.

    Returns:
        The figure.
    """
    rights = zip(classes, np.diagonal(counts).tolist(), counts.sum(axis=1).tolist(), strict=True)
    hits = _joined({name: f"{count(right)} of {count(total)}" for name, right, total in rights})
    summary = f"Called right: {hits}. Percentages are shares of the true class."
    title = "True and called classes"
    drawing = partial(plots.draw_confusion, counts=counts, classes=classes)
    height = max(HEIGHT - 0.5, 0.55 * len(classes) + 0.8)
    svg = as_svg(drawing, key="confusion", title=title, description=summary, height=height)
    rows = tuple((name, *(count(cell) for cell in counts[i].tolist())) for i, name in enumerate(classes))
    columns = ("true class", *(f"called {name}" for name in classes))
    return Figure("confusion", title, svg, summary, Table("confusion-data", title, columns, rows))


def _figure(
    key: str, title: str, drawing: partial[None], summary: str, table: pl.DataFrame, height: float = HEIGHT
) -> Figure:
    svg = as_svg(drawing, key=key, title=title, description=summary, height=height)
    return Figure(key, title, svg, summary, _data_table(f"{key}-data", title, table))


def _data_table(key: str, caption: str, table: pl.DataFrame) -> Table:
    """Return the rows of a table, thinned evenly, without the class where there is but one."""
    shown = table.drop("class") if table["class"].n_unique() < 2 else table
    kept = np.unique(np.linspace(0, max(table.height - 1, 0), min(MAX_ROWS, table.height)).round().astype(np.int64))
    rows = tuple(tuple(_cell(value) for value in row) for row in shown[kept].iter_rows())
    notes = (
        (f"{MAX_ROWS} of {count(table.height)} rows; all are in results/plots/.",) if len(kept) < table.height else ()
    )
    columns = tuple(HEADINGS.get(name, name) for name in shown.columns)
    words = tuple(HEADINGS.get(name, name) for name in shown.columns if shown[name].dtype == pl.String)
    return Table(key, caption, columns, rows, words, notes)


def _cell(value: float | str | None) -> str:
    if isinstance(value, str):
        return value
    return count(value) if isinstance(value, int) else number(value)


def _useful_thresholds(curve: pl.DataFrame) -> str:
    is_best = (curve["model"] > curve["treat_all"]) & (curve["model"] > 0)
    useful = curve.filter(is_best)["threshold"].to_numpy()
    if not useful.size:
        return "no threshold"
    span = f"between {number(useful.min(), 2)} and {number(useful.max(), 2)}"
    return f"{useful.size} of {curve.height} thresholds, {span}"


def _by_name(estimates: Mapping[str, Estimate]) -> str:
    return _joined({name: with_interval(estimate) for name, estimate in estimates.items()})


def _joined(texts: Mapping[str, str]) -> str:
    """Return one text as it is, several with the class or label they are about."""
    if len(texts) == 1:
        return next(iter(texts.values()))
    return ", ".join(f"{text} for {name}" for name, text in texts.items()) or NOTHING
