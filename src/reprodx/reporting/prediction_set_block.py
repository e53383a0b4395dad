"""What the model cannot exclude: prediction sets, and how often they hold the true class."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from reprodx.metrics.conformal import prediction_sets
from reprodx.reporting.drawing import HEIGHT
from reprodx.reporting.evaluation import MAX_CURVES
from reprodx.reporting.metric_tables import reading_order, reason_notes, value_cell
from reprodx.reporting.page import Block, Figure, Gallery, Paragraph, Table
from reprodx.reporting.reliability_plots import draw_coverage, row_figure
from reprodx.reporting.wording import NOTHING, count, number, percent
from reprodx.schemas import GROUP_PREFIX, PATIENT_ID, SCORED_SPLITS, SITE, Task

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reprodx.metrics.conformal import PredictionSets
    from reprodx.reporting.evaluation import Evaluation
    from reprodx.schemas import Estimate


def prediction_set_blocks(evaluation: Evaluation) -> list[Block]:
    """Return prediction sets calibrated on validation, as they do on test; or why there are none."""
    found = prediction_sets(evaluation.predictions, evaluation.settings)
    if all(one.reason for one in found):
        return [Paragraph(f"Prediction sets are not given: {found[0].reason}.")]
    of = "its cases" if evaluation.task == Task.MULTILABEL else "the cases of each class"
    told = (
        "A prediction set names every class that the model cannot exclude. It was calibrated on the validation cases "
        f"so that it holds the true class of {percent(evaluation.settings.conformal_coverage, 1)} of {of}, if new "
        "cases come from where those came from. A set of one class is an answer, one of all classes says nothing, and "
        "an empty one says that the case is like none of them."
    )
    if any(evaluation.predictions.of(split).table[PATIENT_ID].is_duplicated().any() for split in SCORED_SPLITS):
        told += " Patients have several cases, which are alike, so that the promise holds roughly."
    if evaluation.task == Task.MULTILABEL:
        return [Paragraph(told), Gallery((_coverage_figure(found, evaluation),)), _sets_by_label(found, evaluation)]
    (sets,) = found
    tables = [_sets_by_class(sets, evaluation), _set_sizes(sets, evaluation)]
    return [Paragraph(told), Gallery((_coverage_figure(found, evaluation),)), *tables]


def _coverage_figure(found: Sequence[PredictionSets], evaluation: Evaluation) -> Figure:
    nominal = evaluation.settings.conformal_coverage
    rows: list[tuple[str, Estimate]] = []
    for sets in found[:MAX_CURVES]:
        names = sets.classes if not sets.name else sets.classes[1:]
        rows += [(name, sets.coverage[name]) for name in names if name in sets.coverage]
    if not found[0].name:
        ordered = sorted(found[0].by_group, key=lambda one: (one.column != SITE, one.column, *reading_order(one.group)))
        rows += [(f"{one.column.removeprefix(GROUP_PREFIX)} {one.group}", one.coverage) for one in ordered]
    under = [name for name, estimate in rows if estimate.ci_high is not None and estimate.ci_high < nominal]
    summary = (
        f"Promised are {percent(nominal, 1)}; the whole interval lies under that for {', '.join(under) or 'none'}."
    )
    cells = tuple((name, count(estimate.n), value_cell(estimate)) for name, estimate in rows)
    notes = reason_notes({name: [estimate] for name, estimate in rows})
    columns = ("among", "cases", f"coverage ({evaluation.confidence})")
    drawing = partial(draw_coverage, rows=rows, nominal=nominal)
    height = max(HEIGHT - 0.8, 0.28 * len(rows) + 1.1)
    return row_figure("coverage", "How often sets hold the true class", drawing, summary, columns, cells, notes, height)


def _sets_by_class(sets: PredictionSets, evaluation: Evaluation) -> Table:
    rows = zip(sets.classes, sets.num_calibration, sets.min_probs, strict=True)
    return Table(
        key="sets-by-class",
        caption=f"Prediction sets by true class, test ({evaluation.confidence})",
        columns=("Class", "Validation cases calibrated on", "In the set from probability", "Cases", "Coverage"),
        rows=tuple(
            (name, count(num), number(lowest), count(sets.coverage[name].n), value_cell(sets.coverage[name]))
            for name, num, lowest in rows
        ),
        notes=reason_notes({name: [estimate] for name, estimate in sets.coverage.items()}),
    )


def _set_sizes(sets: PredictionSets, evaluation: Evaluation) -> Table:
    names = {"empty": "No class", "single": "One class", "several": "Several classes", "all": "All classes"}
    rows = [(names[kind], value_cell(estimate)) for kind, estimate in sets.sizes.items()]
    single = ("Right, of sets of one class", value_cell(sets.single_accuracy))
    return Table(
        key="set-sizes",
        caption=f"What the sets hold, test ({evaluation.confidence})",
        columns=("Set", "Share"),
        rows=(*rows, single),
        notes=reason_notes({single[0]: [sets.single_accuracy]}),
    )


def _sets_by_label(found: Sequence[PredictionSets], evaluation: Evaluation) -> Table:
    cells = {
        sets.name: [*sets.coverage.values(), sets.sizes["single"], sets.single_accuracy]
        for sets in found
        if not sets.reason
    }
    empty = (NOTHING,) * 4
    return Table(
        key="sets-by-label",
        caption=f"Prediction sets of each label, test ({evaluation.confidence})",
        columns=(
            "Label",
            "Coverage of cases without",
            "Coverage of cases with",
            "One answer",
            "Right, of one answer",
        ),
        rows=tuple(
            (sets.name, *(map(value_cell, cells[sets.name]) if sets.name in cells else empty)) for sets in found
        ),
        notes=(*(f"{sets.name}: {sets.reason}." for sets in found if sets.reason), *reason_notes(cells)),
    )
