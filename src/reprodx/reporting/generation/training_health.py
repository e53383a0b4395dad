"""How training went, epoch by epoch: what a healthy one looks like, and what this one looks like."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from matplotlib.ticker import MaxNLocator

from reprodx.artifacts.files import replacing_folder
from reprodx.reporting.drawing import SERIES, as_svg
from reprodx.reporting.page import Bullets, Figure, Gallery, Paragraph, Section, Table
from reprodx.reporting.plots import DASHES
from reprodx.reporting.wording import count, counted, number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from matplotlib.figure import Figure as Canvas

    from reprodx.reporting.generation.evaluation import GeneratorEvaluation
    from reprodx.reporting.page import Block

CURVES_FILE = "training_health.csv"
"""Below `results/plots/`: one row per epoch."""
MAX_ROWS = 50
"""Of a figure's table; all are in the file."""


@dataclass(frozen=True)
class Curves:
    """Metrics of epochs that belong in one picture."""

    key: str
    title: str
    axis: str
    lines: Mapping[str, str]
    """What to call each metric."""
    meaning: str
    """How to read it."""
    floor: float | None = None
    """Where the axis begins; None leaves it to the values."""


CURVES = (
    Curves(
        "adversarial-losses",
        "Losses of both networks",
        "loss",
        {"train/generator_loss": "generator", "train/discriminator_loss": "discriminator"},
        "In a healthy training neither falls to 0 nor rises without end; they need not fall.",
    ),
    Curves(
        "discriminator",
        "Called right by the discriminator",
        "share called right",
        {"train/accuracy_real": "real pictures", "train/accuracy_generated": "generated pictures"},
        "At 0.5 of both it cannot tell them apart; at 1 of both for long the generator learns little more.",
        floor=0,
    ),
    Curves(
        "epoch-diversity",
        "Diversity of what is generated",
        "diversity",
        {"train/diversity": "generated pictures"},
        "A fall towards 0 is mode collapse: the generator makes the same few pictures over and over.",
        floor=0,
    ),
    Curves(
        "text-losses",
        "Loss per token",
        "loss per token (nats)",
        {"train/loss": "training texts", "val/loss": "validation texts"},
        "Where the loss on validation texts rises while that on training texts falls, texts are learnt by heart.",
    ),
    Curves(
        "epoch-perplexity",
        "Perplexity on validation texts",
        "perplexity",
        {"val/perplexity": "validation texts"},
        "Between how many tokens the generator hesitates; the epoch with the lowest loss is kept.",
    ),
)
"""Those are shown of which training has kept a metric."""


def health_section(evaluation: GeneratorEvaluation) -> Section:
    """Return what the health of the training gave cause to say, and its curves."""
    num = counted(len(evaluation.history), "epoch")
    blocks: list[Block] = [
        Paragraph(f"Training took {num}. It gave cause to say:"),
        Bullets(tuple(evaluation.warnings)),
    ]
    if not evaluation.warnings:
        blocks = [Paragraph(f"Training took {num}. Nothing was found wrong with it.")]
    figures = [figure for curves in CURVES if (figure := _figure(curves, evaluation.history))]
    return Section("health", "Health of the training", [*blocks, *([Gallery(tuple(figures))] if figures else [])])


def write_curves(folder: Path, history: Sequence[Mapping[str, float]]) -> None:
    """Write the metrics of each epoch as `CURVES_FILE`, as a whole folder or not at all.

    Args:
        folder: Is replaced.
        history: The metrics of each epoch.
    """
    table = pl.DataFrame(list(history), infer_schema_length=None).with_row_index("epoch", offset=1)
    with replacing_folder(folder) as temporary:
        table.write_csv(temporary / CURVES_FILE)


def _figure(curves: Curves, history: Sequence[Mapping[str, float]]) -> Figure | None:
    lines = {
        label: [epoch.get(metric) for epoch in history]
        for metric, label in curves.lines.items()
        if any(metric in epoch for epoch in history)
    }
    if not lines:
        return None
    ends = ", ".join(f"{label} {number(values[0])} to {number(values[-1])}" for label, values in lines.items())
    summary = f"From the first to the last epoch: {ends}. {curves.meaning}"
    drawing = partial(_draw, lines=lines, curves=curves)
    svg = as_svg(drawing, key=curves.key, title=curves.title, description=summary, height=3.2)
    return Figure(curves.key, curves.title, svg, summary, _data(curves, lines, len(history)))


def _draw(canvas: Canvas, lines: Mapping[str, Sequence[float | None]], curves: Curves) -> None:
    axes = canvas.subplots()
    for (label, values), colour, dash in zip(lines.items(), SERIES, DASHES, strict=False):
        epochs = np.arange(1, len(values) + 1)
        marker = "o" if len(values) == 1 else None
        points = np.array([np.nan if value is None else value for value in values])
        axes.plot(epochs, points, color=colour, linestyle=dash, marker=marker, label=label)
    axes.set_xlabel("epoch")
    axes.set_ylabel(curves.axis)
    axes.set_ylim(bottom=curves.floor)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    canvas.legend(loc="outside upper left", ncols=2)


def _data(curves: Curves, lines: Mapping[str, Sequence[float | None]], num_epochs: int) -> Table:
    kept = np.unique(np.linspace(0, num_epochs - 1, min(MAX_ROWS, num_epochs)).round().astype(np.int64)).tolist()
    rows = tuple((count(row + 1), *(number(values[row]) for values in lines.values())) for row in kept)
    notes = (f"{MAX_ROWS} of {count(num_epochs)} epochs; all are in results/plots/.",) if len(kept) < num_epochs else ()
    return Table(f"{curves.key}-data", curves.title, ("epoch", *lines), rows, notes=notes)
