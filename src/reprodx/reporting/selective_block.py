"""Where the model is unsure: its errors if it answers the cases alone that it is most sure of."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import polars as pl

from reprodx.metrics.risk_coverage import COVERAGES, selective_predictions
from reprodx.reporting.evaluation import MAX_CURVES
from reprodx.reporting.metric_tables import reason_notes, value_cell
from reprodx.reporting.page import Block, Figure, Gallery, Paragraph, Table
from reprodx.reporting.reliability_plots import draw_risk_coverage, row_figure
from reprodx.reporting.wording import NOTHING, count, number, percent, with_interval
from reprodx.schemas import Task

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reprodx.metrics.risk_coverage import SelectivePrediction
    from reprodx.reporting.evaluation import Evaluation

DATA_COVERAGES = tuple(tenth / 10 for tenth in range(1, 11))
"""Of a figure's table; all are in `results/plots/`."""
SURE = {
    Task.BINARY: "a probability far from the threshold",
    Task.MULTILABEL: "a probability far from the threshold",
    Task.MULTICLASS: "a high probability of the class that is called",
    Task.ORDINAL: "a high probability of the grade that is called",
}
"""What confidence is, by task."""


def selective_blocks(evaluation: Evaluation) -> list[Block]:
    """Return errors among the cases that are answered, by how many are; or why they are not known."""
    found = selective_predictions(evaluation.test, evaluation.settings)
    called = [one for one in found if one.curve.height]
    if not called:
        return [Paragraph(f"What the model errs on is not known: {found[0].aurc.reason}.")]
    told = (
        "If the model answers only the cases that it is most sure of and leaves the others to a person, it should err "
        f"less. Sure means: {SURE[evaluation.task]}."
    )
    table = _by_label(found, evaluation) if evaluation.task == Task.MULTILABEL else _by_share(found[0], evaluation)
    return [Paragraph(told), Gallery((_selective_figure(called),)), table]


def _selective_figure(called: Sequence[SelectivePrediction]) -> Figure:
    drawn = called[:MAX_CURVES]
    curves = pl.concat([one.curve.select(pl.lit(one.name).alias("class"), pl.all()) for one in drawn])
    texts = []
    for one in drawn:
        about = f"{one.name}: mean" if len(drawn) > 1 else "Mean"
        half = (
            f"half the error rate of all cases when {_share(one.halving_coverage.value)} are answered"
            if one.halving_coverage.value is not None
            else str(one.halving_coverage.reason)
        )
        texts.append(f"{about} error rate over all shares {with_interval(one.aurc)}; {half}.")
    rows = tuple(
        (
            one.name,
            _share(row["coverage"]),
            number(row["error_rate"]),
            number(row["sensitivity"]),
            number(row["specificity"]),
        )
        for one in drawn
        for row in _at(one.curve, DATA_COVERAGES)
    )
    columns = ("class", "answered", "error rate", "sensitivity", "specificity")
    notes = ("Every hundredth is in results/plots/risk_coverage.csv.",)
    drawing = partial(draw_risk_coverage, curves=curves)
    summary = " ".join(texts)
    return row_figure("risk-coverage", "Errors among the cases answered", drawing, summary, columns, rows, notes)


def _by_share(found: SelectivePrediction, evaluation: Evaluation) -> Table:
    rates = {
        _share(one.coverage): [rate for rate in (one.error_rate, one.sensitivity, one.specificity) if rate]
        for one in found.shares
    }
    labels = ("Error rate", "Sensitivity", "Specificity")[: len(next(iter(rates.values())))]
    return Table(
        key="answered",
        caption=f"Among the most confident, test ({evaluation.confidence})",
        columns=("Answered", "Cases", *labels),
        rows=tuple((name, count(row[0].n), *map(value_cell, row)) for name, row in rates.items()),
        notes=reason_notes(rates),
    )


def _by_label(found: Sequence[SelectivePrediction], evaluation: Evaluation) -> Table:
    half = COVERAGES[-1]
    return Table(
        key="answered-by-label",
        caption=f"Among the most confident, by label, test ({evaluation.confidence})",
        columns=(
            "Label",
            "Error rate, all answered",
            f"Error rate, {_share(half)} answered",
            "Mean over all shares",
            "Error rate halved when answered",
        ),
        rows=tuple(
            (
                one.name,
                *(value_cell(part.error_rate) for part in (one.shares[0], one.shares[-1])),
                value_cell(one.aurc),
                NOTHING if one.halving_coverage.value is None else _share(one.halving_coverage.value),
            )
            if one.shares
            else (one.name, *[NOTHING] * 4)
            for one in found
        ),
        notes=reason_notes({one.name: [one.aurc] for one in found}),
    )


def _at(curve: pl.DataFrame, coverages: Sequence[float]) -> list[dict[str, float | None]]:
    """Return the points of a curve at which at least these shares are answered, each once."""
    places = dict.fromkeys(
        min(int(curve["coverage"].search_sorted(share - 1e-9)), curve.height - 1) for share in coverages
    )
    return [curve.row(place, named=True) for place in places]


def _share(value: float | None) -> str:
    return NOTHING if value is None else percent(value, 1)
