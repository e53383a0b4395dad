"""Some of what a generator made, to be looked at: pictures class by class, or texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reprodx.artifacts.samples import file_stems
from reprodx.inputs import Modality
from reprodx.reporting.page import Folded, Paragraph, Pictures, Section, Table
from reprodx.reporting.thumbnails import side_by_side
from reprodx.reporting.wording import count, counted

if TYPE_CHECKING:
    from reprodx.artifacts.samples import Samples
    from reprodx.reporting.generation.evaluation import GeneratorEvaluation
    from reprodx.reporting.page import Block, Picture

COLUMNS = 6
"""Pictures in a line, so that each can be seen on a telephone."""
NUM_OPEN = 12
"""Texts that are shown without being asked for."""


def samples_section(evaluation: GeneratorEvaluation) -> Section:
    """Return the samples, or why there are none; no patient's picture or text stands beside them."""
    samples = evaluation.samples
    by_class = ", the first of each class" if evaluation.is_of_classes else ""
    words = (
        f"{counted(len(samples), 'sample')} of {count(evaluation.num_generated)} generated {evaluation.kind}{by_class} "
        "as they were drawn, none picked by hand. All are made by the program. They lie in results/samples/."
    )
    if evaluation.num_withheld:
        more = counted(evaluation.num_withheld, "more equals a training case", "more equal training cases")
        words += f" {more}, and {'is' if evaluation.num_withheld == 1 else 'are'} shown neither here nor there."
    return Section("samples", "Samples", [Paragraph(words), *_shown(samples)])


def _shown(samples: Samples) -> list[Block]:
    if not len(samples):
        return []
    if samples.inputs.modality == Modality.TEXT:
        return _texts(samples)
    indices = [index for index in range(len(samples.names)) if (samples.classes == index).any()]
    return [Pictures(tuple(_picture(samples, index) for index in indices))]


def _picture(samples: Samples, index: int) -> Picture:
    images, name = samples.of_class(index), samples.names[index]
    of_class = f" of class {name}" if name else ""
    return side_by_side(
        images,
        max_columns=COLUMNS,
        title=name or "Generated pictures",
        description=f"{counted(len(images), 'generated picture')}{of_class}, side by side; made by the program.",
    )


def _texts(samples: Samples) -> list[Block]:
    """Return the first texts of each class, and all of them where there are more."""
    names = zip(file_stems([""] * len(samples)), samples.class_names, strict=True)
    rows = [(" ".join(filter(None, name)), text) for name, text in zip(names, samples.texts, strict=True)]
    places = np.arange(len(samples)) - np.searchsorted(samples.classes, samples.classes)
    first = sorted(np.lexsort((samples.classes, places))[:NUM_OPEN].tolist())
    columns = ("Number and class" if samples.names[0] else "Number", "Generated text")
    shown = Table("texts", "Generated texts", columns, tuple(rows[row] for row in first), columns[1:])
    if len(rows) <= NUM_OPEN:
        return [shown]
    every = Table("all-texts", "All generated texts of results/samples/", columns, tuple(rows), columns[1:])
    return [shown, Folded(f"All {counted(len(rows), 'generated text')}", every)]
