"""ROC, calibration and decision curves of the models in one picture each, with the numbers beside."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from reprodx.comparison.asked_members import decision_thresholds
from reprodx.reporting import plots
from reprodx.reporting.comparison import curve_tables
from reprodx.reporting.comparison.evidence import p_equals
from reprodx.reporting.comparison.folding import folded_if_long
from reprodx.reporting.drawing import HEIGHT, as_svg
from reprodx.reporting.metric_tables import value_cell
from reprodx.reporting.page import Block, Figure, Gallery, Paragraph, Section, Table
from reprodx.reporting.wording import counted, number, with_interval
from reprodx.schemas import Task

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reprodx.reporting.comparison.evidence import Evidence

CALIBRATION_METRICS = (
    "calibration_slope",
    "calibration_in_the_large",
    "calibration_intercept",
    "ici",
    "e50",
    "e90",
    "ece",
    "brier",
    "scaled_brier",
)
"""Shown under the calibration curves, as far as they were compared."""
LEGEND_ROOM = 0.2
"""Inches for each row of a legend after the first."""
MAX_SHARES = 10
"""Classes or labels whose share is told."""
NO_BINS = pl.DataFrame(schema={"class": pl.String, "mean_probability": pl.Float64, "observed_rate": pl.Float64})
"""The dots of several models would hide each other."""


def roc_section(evidence: Evidence) -> Section:
    """Return the ROC curves, and the test that all models have one AUROC."""
    curves = curve_tables.roc_curves(evidence)
    auroc = evidence.comparison.of("auroc", evidence.asked)
    told = {} if auroc is None else {one: with_interval(auroc.estimates[one]) for one in evidence.drawn}
    summary = f"AUROC {_listed(told, evidence)}; 0.5 is chance and 1 is perfect."
    drawing = partial(plots.draw_roc, curves=curves, point=None)
    figure = _figure("roc", "Receiver operating characteristic", drawing, summary, curve_tables.roc_to_read(curves))
    return Section("roc", "ROC", [*_about(evidence), *_overall(evidence), Gallery((figure,))])


def calibration_section(evidence: Evidence) -> Section:
    """Return smoothed calibration curves over the spread of the probabilities, with the numbers beside."""
    curves = curve_tables.calibration_curves(evidence)
    smooth = set(curves.filter(pl.col("observed_rate").is_not_nan())["class"])
    summary = "Lines: smoothed outcomes (lowess) at each predicted probability. Below: how many cases there are."
    if missing := [name for one in evidence.drawn if (name := evidence.names[one]) not in smooth]:
        summary += f" Too many equal probabilities to draw {', '.join(missing)}."
    histograms = curve_tables.histograms(evidence)
    drawing = partial(plots.draw_calibration, bins=NO_BINS, curves=curves, histogram=histograms)
    data = curve_tables.calibration_to_read(curves)
    figure = _figure("calibration", "Calibration", drawing, summary, data, more_height=0.7)
    return Section("calibration", "Calibration", [*_about(evidence), Gallery((figure,)), *_numbers(evidence)])


def decision_section(evidence: Evidence) -> Section:
    """Return the net benefit of acting on each model, on everyone and on no one."""
    curves = curve_tables.decision_curves(evidence)
    threshold, where = _compared_at(evidence)
    useful = {one: _useful(curves.filter(pl.col("class") == evidence.names[one])) for one in evidence.drawn}
    summary = f"Net benefit is above both simple rules: {_listed(useful, evidence)}.{where}"
    drawing = partial(plots.draw_decision_curve, curves=curves, threshold=threshold)
    data = curve_tables.net_benefit_to_read(curves)
    figure = _figure("decision-curve", "Decision curve", drawing, summary, data)
    shares = [f"{number(float(np.mean(one.is_positive)))} ({one.positive})" for one in evidence.questions[:MAX_SHARES]]
    told = (
        f"Share of positive cases, on which net benefit depends: {', '.join(shares)}. Net benefit is true positives "
        "per case less false positives weighed by the odds of the threshold; acting on no one has 0."
    )
    return Section("decision-curve", "Decision curve", [*_about(evidence), Paragraph(told), Gallery((figure,))])


def _about(evidence: Evidence) -> list[Block]:
    """Return what the curves are of, where that needs saying."""
    parts = []
    task = evidence.comparison.cases.task
    if task == Task.ORDINAL:
        parts.append(f"Curves are about grades as a yes-or-no question: {evidence.questions[0].positive}.")
    elif evidence.question is None:
        kind = "labels" if task == Task.MULTILABEL else "classes, each against the rest"
        parts.append(f"Curves are the mean over {len(evidence.questions)} {kind}.")
    if any(len(evidence.comparison.cases.contenders[one].members) > 1 for one in evidence.drawn):
        parts.append("A model with several members is drawn as their mean.")
    if evidence.what_is_drawn:
        parts.append(evidence.what_is_drawn)
    return [Paragraph(" ".join(parts))] if parts else []


def _overall(evidence: Evidence) -> list[Block]:
    contrast = evidence.comparison.overall
    if contrast is None:
        return []
    if contrast.degrees_of_freedom == 0:
        return [Paragraph("All models rank the cases alike.")]
    return [
        Paragraph(
            f"That all {len(evidence.names)} models have one AUROC: chi-square {number(contrast.statistic, 2)} on "
            f"{counted(contrast.degrees_of_freedom, 'degree')} of freedom, p {p_equals(contrast.p_value)}."
        )
    ]


def _figure(
    key: str, title: str, drawing: partial[None], summary: str, data: Table, *, more_height: float = 0.0
) -> Figure:
    rows_of_legend = len(data.columns) // 2
    height, key = HEIGHT + more_height + LEGEND_ROOM * max(rows_of_legend - 1, 0), f"{key}-figure"
    svg = as_svg(drawing, key=key, title=title, description=summary, height=height)
    return Figure(key, title, svg, summary, replace(data, key=f"{key}-data", caption=title))


def _listed(texts: Mapping[int, str], evidence: Evidence) -> str:
    return "; ".join(f"{evidence.names[position]} {text}" for position, text in texts.items()) or "was not compared"


def _compared_at(evidence: Evidence) -> tuple[float | None, str]:
    """Return where the paired table compares net benefit, None without one probability, and what is said of it."""
    comparison = evidence.comparison
    if not any(one.metric.metric.is_at_decision_threshold for one in comparison.metrics):
        return None, ""
    at = set(decision_thresholds(comparison.cases, comparison.settings).values())
    if len(at) > 1:
        return None, " The paired table compares it at each label's threshold."
    threshold = at.pop()
    return threshold, f" The dotted line marks {number(threshold)}, at which the paired table compares it."


def _useful(curve: pl.DataFrame) -> str:
    useful = curve.filter((pl.col("model") > pl.col("treat_all")) & (pl.col("model") > 0))["threshold"]
    if not useful.len():
        return "at no threshold"
    low, high = float(useful.to_numpy().min()), float(useful.to_numpy().max())
    return f"at {useful.len()} of {curve.height} thresholds ({number(low, 2)} to {number(high, 2)})"


def _numbers(evidence: Evidence) -> list[Block]:
    """Return how well probabilities are calibrated, model by model."""
    found = [one for name in CALIBRATION_METRICS if (one := evidence.comparison.of(name, evidence.asked))]
    if not found:
        return []
    rows = tuple(
        (name, *(value_cell(one.estimates[position]) for one in found)) for position, name in enumerate(evidence.names)
    )
    columns = ("Model", *(one.metric.label for one in found))
    return [folded_if_long(Table("calibration-numbers", f"Calibration ({evidence.confidence})", columns, rows))]
