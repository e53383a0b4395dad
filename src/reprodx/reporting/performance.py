"""What the model does on the test split: figures, metrics, and the threshold with its 2x2 table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reprodx.metrics.asked import Key
from reprodx.reporting import figures
from reprodx.reporting.calibration_block import calibration_blocks
from reprodx.reporting.decision_block import decision_blocks
from reprodx.reporting.headline import threshold_origin
from reprodx.reporting.metric_tables import metric_tables, value_cell
from reprodx.reporting.page import Block, Gallery, Paragraph, Section, Table
from reprodx.reporting.wording import NOTHING, count, number
from reprodx.schemas import TEST, VAL, Task

if TYPE_CHECKING:
    from reprodx.metrics.questions import Question
    from reprodx.reporting.evaluation import Evaluation


def metrics_section(evaluation: Evaluation) -> Section:
    """Return every metric of test and validation."""
    who = f"Test: {evaluation.who(TEST)}."
    if VAL in evaluation.scores:
        who += f" Validation: {evaluation.who(VAL)}; choices were made there, so test is what counts."
    return Section("metrics", "Metrics", [Paragraph(who), *metric_tables(evaluation)])


def discrimination_section(evaluation: Evaluation) -> Section:
    """Return the ROC and precision-recall curves."""
    shares = {one.name: float(np.mean(one.cases.is_positive)) for one in evaluation.drawn_questions}
    roc = figures.roc_figure(evaluation.plots["roc"], evaluation.of_curves("auroc"), _operating_point(evaluation))
    recall = figures.precision_recall_figure(
        evaluation.plots["precision_recall"], evaluation.of_curves("average_precision"), shares
    )
    return Section("discrimination", "Discrimination", [*_what_is_drawn(evaluation), Gallery((roc, recall))])


def calibration_section(evaluation: Evaluation) -> Section:
    """Return whether probabilities mean what they say, and how they are spread."""
    plots, question = evaluation.plots, evaluation.question
    histogram, scores = plots["probability_histogram"], evaluation.test_scores
    told = {name: scores[Key(name, question.asked)] for name in figures.CALIBRATION_METRICS} if question else {}
    calibration = figures.calibration_figure(
        plots["calibration"], plots["calibration_curve"], histogram, told, _band(evaluation)
    )
    spread = figures.histogram_figure(histogram, _median_probs(evaluation))
    return Section("calibration", "Calibration", [Gallery((calibration, spread)), *calibration_blocks(evaluation)])


def decision_section(evaluation: Evaluation) -> Section:
    """Return the decision curve and the calls that are made."""
    curve = figures.decision_curve_figure(evaluation.plots["decision_curve"], evaluation.threshold, _band(evaluation))
    counts, question = evaluation.confusion, evaluation.question
    pictures = (curve,) if counts is None else (curve, figures.confusion_figure(counts, evaluation.classes))
    called = _how_called(evaluation)
    blocks: list[Block] = [*([Paragraph(called)] if called else []), Gallery(pictures)]
    if question and question.threshold.value is not None:
        blocks.append(_two_by_two(question, evaluation))
    elif evaluation.task == Task.MULTILABEL:
        blocks.append(_calls_by_label(evaluation))
    blocks += decision_blocks(evaluation)
    return Section("decisions", "Decisions", blocks)


def _band(evaluation: Evaluation) -> str:
    unit = "cases" if evaluation.questions[0].cases.patients is None else "patients"
    return f"{evaluation.confidence} from {count(evaluation.settings.num_resamples)} resamples of {unit}"


def _what_is_drawn(evaluation: Evaluation) -> list[Paragraph]:
    num_drawn, num_all = len(evaluation.drawn_questions), len(evaluation.questions)
    if evaluation.task == Task.ORDINAL:
        return [Paragraph(f"Curves are about grades as a yes-or-no question: {evaluation.questions[0].name}.")]
    if num_drawn == num_all:
        return []
    return [Paragraph(f"Drawn are the {num_drawn} of {num_all} with the most cases; all are in results/plots/.")]


def _operating_point(evaluation: Evaluation) -> tuple[float, float] | None:
    question = evaluation.question
    if question is None:
        return None
    sensitivity, specificity = (
        evaluation.test_scores[Key(name, question.asked)].value for name in ("sensitivity", "specificity")
    )
    return None if sensitivity is None or specificity is None else (1 - specificity, sensitivity)


def _median_probs(evaluation: Evaluation) -> dict[str, float]:
    """Return median probabilities: of yes among both answers to the only question, else of each among its cases."""
    if question := evaluation.question:
        groups = {name: (question.cases, position) for position, name in enumerate(question.cases.classes)}
    else:
        groups = {one.name: (one.cases, 1) for one in evaluation.drawn_questions}
    probs = {name: cases.positive_probs[cases.targets == answer] for name, (cases, answer) in groups.items()}
    return {name: float(np.median(values)) for name, values in probs.items() if values.size}


def _how_called(evaluation: Evaluation) -> str:
    """Return in words how classes are called; nothing where they are not."""
    with_threshold = [one for one in evaluation.questions if one.threshold.value is not None]
    texts = []
    if evaluation.task in (Task.MULTICLASS, Task.ORDINAL):
        texts.append("Each case is called the class with the highest probability, the first among equals.")
    if evaluation.task == Task.MULTILABEL and with_threshold:
        origin = threshold_origin(with_threshold[0].threshold)
        texts.append(f"A label is called where its probability is at or above its own threshold. The rule: {origin}.")
    elif with_threshold:
        (one,) = with_threshold
        texts.append(
            f"A case whose probability is at or above {number(one.threshold.value)} is called {one.name}. "
            f"The rule: {threshold_origin(one.threshold)}."
        )
    return " ".join(texts)


def _two_by_two(question: Question, evaluation: Evaluation) -> Table:
    names = ("sensitivity", "specificity", "ppv", "npv", "accuracy")
    cells = {name: value_cell(evaluation.test_scores[Key(name, question.asked)]) for name in names}
    negative, positive = question.cases.classes
    (tn, fp), (fn, tp) = _calls(question)
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


def _calls_by_label(evaluation: Evaluation) -> Table:
    rows = []
    for one in evaluation.questions:
        if one.threshold.value is None:
            rows.append((one.name, *[NOTHING] * 5))
        else:
            (tn, fp), (fn, tp) = _calls(one)
            rows.append((one.name, number(one.threshold.value), *map(count, (tp, fn, fp, tn))))
    reasons = {one.name: one.threshold.reason for one in evaluation.questions if one.threshold.reason}
    return Table(
        key="calls-by-label",
        caption="Calls by label, test",
        columns=("Label", "Threshold", "True positive", "False negative", "False positive", "True negative"),
        rows=tuple(rows),
        notes=tuple(f"{name}: {reason}." for name, reason in reasons.items()),
    )


def _calls(question: Question) -> list[list[int]]:
    """Return counts by true (rows) and called answer, no before yes."""
    cells = question.cases.targets * 2 + question.cases.called(question.threshold.value)
    counts: list[list[int]] = np.bincount(cells, minlength=4).reshape(2, 2).tolist()
    return counts
