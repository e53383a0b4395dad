"""Which cases are foreign to the model, and whether it errs more on them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from reprodx.metrics.novelty import LIMITS, NUM_BINS, TYPICAL, TYPICAL_SHARE, novelty
from reprodx.reporting.group_block import difference_cell, p_cell
from reprodx.reporting.metric_tables import reason_notes, value_cell
from reprodx.reporting.page import Block, Figure, Gallery, Paragraph, Table
from reprodx.reporting.reliability_plots import draw_novelty, row_figure
from reprodx.reporting.wording import count, with_interval

if TYPE_CHECKING:
    from reprodx.metrics.novelty import Novelty
    from reprodx.reporting.evaluation import Evaluation


def novelty_blocks(evaluation: Evaluation) -> list[Block]:
    """Return how far test cases lie from those of training and what it matters; or why that is not known."""
    known = novelty(evaluation.predictions, evaluation.settings)
    if known.reason:
        return [Paragraph(f"How far test cases lie from those of training is not known: {known.reason}.")]
    told = (
        "A case is strange if few validation cases lie as far from the training cases as it does (Mahalanobis distance "
        "of its features). Of the strangeness as a sign of a wrong call, the AUROC is "
        f"{with_interval(known.error_auroc)}; 0.5 says that it is none."
    )
    tables = [_far_table(known, evaluation), *_typicality_tables(known, evaluation)]
    return [Paragraph(told), Gallery((_novelty_figure(known),)), *tables]


def _novelty_figure(known: Novelty) -> Figure:
    beyond = zip(LIMITS, known.shares[0].beyond, strict=True)
    texts = [
        f"{with_interval(estimate)} of the test cases lie farther than {limit:.0%} of validation"
        for limit, estimate in beyond
    ]
    expected = " and ".join(f"{1 - limit:.2f}" for limit in LIMITS)
    summary = f"{'; '.join(texts)}. Of cases like those of validation {expected} would."
    rows = tuple((f"{low:.1f} to {low + 1 / NUM_BINS:.1f}", count(n)) for low, _, n in known.histogram.iter_rows())
    columns = ("share of validation cases that lie nearer", "test cases")
    drawing = partial(draw_novelty, histogram=known.histogram)
    return row_figure("novelty", "How far test cases lie from those of training", drawing, summary, columns, rows)


def _far_table(known: Novelty, evaluation: Evaluation) -> Table:
    return Table(
        key="far-out",
        caption=f"Cases far from those of training, test ({evaluation.confidence})",
        columns=("Cases of", "Cases", *(f"Farther than {limit:.0%} of validation" for limit in LIMITS)),
        rows=tuple((one.group, count(one.n), *map(value_cell, one.beyond)) for one in known.shares),
        notes=reason_notes({one.group: one.beyond for one in known.shares}),
    )


def _typicality_tables(known: Novelty, evaluation: Evaluation) -> list[Table]:
    if len(known.parts) < 2:
        return []
    nearest, rest = sorted(known.parts, key=lambda part: part.group != TYPICAL)
    names = (f"Nearest {TYPICAL_SHARE:.0%}, {count(nearest.n)} cases", f"The rest, {count(rest.n)} cases")
    cells = {
        evaluation.label(one.metric): (nearest.metrics[one.metric], rest.metrics[one.metric], one.estimate)
        for one in known.differences
    }
    p_values = [p_cell(one.p_value) for one in known.differences]
    return [
        Table(
            key="typicality",
            caption=f"Cases near those of training and the rest, test ({evaluation.confidence})",
            columns=("Metric", *names, "Difference", "p"),
            rows=tuple(
                (label, value_cell(row[0]), value_cell(row[1]), difference_cell(row[2]), p)
                for (label, row), p in zip(cells.items(), p_values, strict=True)
            ),
            notes=reason_notes(cells),
        )
    ]
