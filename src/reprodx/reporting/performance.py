"""What the model does on the test split: figures, metrics, the threshold with its 2x2 table, and subgroups."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reprodx.reporting import figures
from reprodx.reporting.headline import threshold_origin
from reprodx.reporting.metric_tables import group_tables, metric_tables, value_cell
from reprodx.reporting.page import Block, Gallery, Paragraph, Section, Table
from reprodx.reporting.wording import count, number
from reprodx.schemas import TEST, VAL

if TYPE_CHECKING:
    from reprodx.reporting.evaluation import Evaluation


def metrics_section(evaluation: Evaluation) -> Section:
    """Return every metric of test and validation."""
    who = f"Test: {evaluation.who(TEST)}."
    if VAL in evaluation.scores:
        who += f" Validation: {evaluation.who(VAL)}; choices were made there, so test is what counts."
    return Section("metrics", "Metrics", [Paragraph(who), *metric_tables(evaluation)])


def discrimination_section(evaluation: Evaluation) -> Section:
    """Return the ROC and precision-recall curves."""
    targets = evaluation.test.targets()
    shares = {name: float(np.mean(targets == evaluation.classes.index(name))) for name in evaluation.curve_classes}
    roc = figures.roc_figure(
        evaluation.plots["roc"], evaluation.of_curve_classes("auroc"), _operating_point(evaluation)
    )
    recall = figures.precision_recall_figure(
        evaluation.plots["precision_recall"], evaluation.of_curve_classes("average_precision"), shares
    )
    return Section("discrimination", "Discrimination", [Gallery((roc, recall))])


def calibration_section(evaluation: Evaluation) -> Section:
    """Return whether probabilities mean what they say, and how they are spread."""
    plots = evaluation.plots
    histogram = plots["probability_histogram"]
    calibration = figures.calibration_figure(
        plots["calibration"], plots["calibration_curve"], histogram, evaluation.test_scores
    )
    spread = figures.histogram_figure(histogram, _median_probs(evaluation))
    return Section("calibration", "Calibration", [Gallery((calibration, spread))])


def decision_section(evaluation: Evaluation) -> Section:
    """Return the decision curve and the calls that are made."""
    curve = figures.decision_curve_figure(evaluation.plots["decision_curve"], evaluation.threshold)
    counts = evaluation.confusion
    if counts is None:
        return Section("decisions", "Decisions", [Gallery((curve,))])
    pictures = (curve, figures.confusion_figure(counts, evaluation.classes))
    blocks: list[Block] = [Paragraph(_how_called(evaluation)), Gallery(pictures)]
    if evaluation.is_binary:
        blocks.append(_two_by_two(evaluation))
    return Section("decisions", "Decisions", blocks)


def subgroups_section(evaluation: Evaluation) -> Section:
    """Return performance by site and subgroup."""
    tables = group_tables(evaluation)
    text = "The data name neither sites nor groups."
    if tables:
        text = "Differences between groups are described here, not tested; small groups differ by chance alone."
    return Section("subgroups", "Sites and subgroups", [Paragraph(text), *tables])


def _operating_point(evaluation: Evaluation) -> tuple[float, float] | None:
    if not evaluation.is_binary:
        return None
    sensitivity, specificity = (evaluation.test_scores[name].value for name in ("sensitivity", "specificity"))
    return None if sensitivity is None or specificity is None else (1 - specificity, sensitivity)


def _median_probs(evaluation: Evaluation) -> dict[str, float]:
    """Return, by true class, the median probability of the positive class or, with several, of the class itself."""
    targets, probs = evaluation.test.targets(), evaluation.test.probs()
    column = {index: 1 if evaluation.is_binary else index for index in range(len(evaluation.classes))}
    return {
        name: float(np.median(probs[targets == index, column[index]]))
        for index, name in enumerate(evaluation.classes)
        if (targets == index).any()
    }


def _how_called(evaluation: Evaluation) -> str:
    if evaluation.threshold is None:
        return "Each case is called the class with the highest probability, the first among equals."
    origin = threshold_origin(evaluation)
    return (
        f"A case whose probability is at or above {number(evaluation.threshold)} is called {evaluation.classes[1]}. "
        f"The rule: {origin}."
    )


def _two_by_two(evaluation: Evaluation) -> Table:
    counts, scores = evaluation.confusion, evaluation.test_scores
    assert counts is not None, "the section has a table only with a threshold"
    negative, positive = evaluation.classes
    (tn, fp), (fn, tp) = counts.tolist()
    cells = {name: value_cell(scores[name]) for name in ("sensitivity", "specificity", "ppv", "npv", "accuracy")}
    return Table(
        key="two-by-two",
        caption=f"The 2\N{MULTIPLICATION SIGN}2 table, test ({evaluation.confidence})",
        columns=("True class", f"Called {positive}", f"Called {negative}", "All", "Share called right"),
        rows=(
            (positive, count(tp), count(fn), count(tp + fn), f"sensitivity {cells['sensitivity']}"),
            (negative, count(fp), count(tn), count(fp + tn), f"specificity {cells['specificity']}"),
            ("All", count(tp + fp), count(fn + tn), count(tp + fp + fn + tn), f"accuracy {cells['accuracy']}"),
            ("Share called right", f"PPV {cells['ppv']}", f"NPV {cells['npv']}", "", ""),
        ),
    )
