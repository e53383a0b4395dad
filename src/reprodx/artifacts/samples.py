"""The folder `results/samples/`: generated cases for a person to look at, as pictures or as text.

They are the first of each class that were drawn, never the best.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reprodx.artifacts.files import replacing_folder
from reprodx.inputs import Modality

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from reprodx.inputs import Inputs

SHEET = "sheet.png"
"""All pictures of the folder side by side."""
TEXTS = "samples.txt"
"""All texts of the folder, one a line."""
MAX_COLUMNS = 16
"""Pictures in a line of a sheet; a class with more goes on in the next line."""
GAP = 2
"""Pixels between the pictures of a sheet."""
WHITE = 255


@dataclass(frozen=True)
class Samples:
    """Generated cases that are shown, class by class."""

    inputs: Inputs
    """Pictures, or texts as token numbers."""
    classes: NDArray[np.int64]
    """Shape (cases,): the index of each case's class in `names`, ascending."""
    names: tuple[str, ...]
    """Of the classes; a single empty one where the generator makes cases of no class in particular."""
    texts: tuple[str, ...] = ()
    """Shape (cases,): the texts in words; empty for pictures."""

    def __len__(self) -> int:
        """Return the number of cases."""
        return len(self.classes)

    @property
    def class_names(self) -> tuple[str, ...]:
        """Shape (cases,): the name of each case's class."""
        return tuple(self.names[index] for index in self.classes)

    def of_class(self, index: int) -> NDArray[np.uint8]:
        """Return the pictures of one class, shape (cases of the class, height, width, channels)."""
        images: NDArray[np.uint8] = self.inputs.select(self.classes == index).gathered()
        return images


def shown_rows(classes: NDArray[np.int64], num_samples: int) -> NDArray[np.int64]:
    """Return which generated cases are shown: the first of each class in turn, until there are enough.

    >>> shown_rows(np.array([0, 0, 0, 0, 1, 0]), 4).tolist()
    [0, 1, 2, 4]

    Args:
        classes: Shape (cases,), the class of each generated case.
        num_samples: How many are shown.

    Returns:
        Numbers of the cases, by class; all of them where there are no more than `num_samples`.
    """
    by_class = np.argsort(classes, kind="stable")
    ordered = classes[by_class]
    places = np.arange(len(ordered)) - np.searchsorted(ordered, ordered)
    kept = np.lexsort((ordered, places))[:num_samples]
    return by_class[np.sort(kept)]


def sheet(
    images: NDArray[np.uint8], classes: NDArray[np.int64], num_classes: int, *, max_columns: int = MAX_COLUMNS
) -> NDArray[np.uint8]:
    """Return pictures side by side on white, each class on lines of its own.

    Args:
        images: Shape (cases, height, width, channels).
        classes: Shape (cases,), the class of each picture.
        num_classes: Classes in all; one without pictures takes an empty line.
        max_columns: Pictures in a line; a class with more goes on in the next.

    Returns:
        One picture, shape (height, width, channels); the same for the same pictures.
    """
    _, height, width, channels = images.shape
    rows = [np.flatnonzero(classes == index) for index in range(num_classes)]
    columns = max(1, min(max_columns, max((len(row) for row in rows), default=1)))
    lines = [row[start : start + columns] for row in rows for start in range(0, max(len(row), 1), columns)]
    shape = (len(lines) * (height + GAP) - GAP, columns * (width + GAP) - GAP, channels)
    canvas = np.full(shape, WHITE, dtype=np.uint8)
    for line, cases in enumerate(lines):
        for column, case in enumerate(cases):
            top, left = line * (height + GAP), column * (width + GAP)
            canvas[top : top + height, left : left + width] = images[case]
    return canvas


def write_samples(folder: Path, samples: Samples) -> None:
    """Write generated cases, whole or not at all; equal cases give equal bytes.

    Args:
        folder: Is replaced: by `SHEET` and a file for each picture, or by `TEXTS`; empty where there are no cases.
        samples: The cases.
    """
    with replacing_folder(folder) as temporary:
        if not len(samples):
            return
        if samples.inputs.modality == Modality.TEXT:
            (temporary / TEXTS).write_text(_as_lines(samples), encoding="utf-8")
            return
        images = samples.inputs.gathered()
        write_png(temporary / SHEET, sheet(images, samples.classes, len(samples.names)))
        for image, stem in zip(images, file_stems(samples.class_names), strict=True):
            write_png(temporary / f"{stem}.png", image)


def write_png(path: Path, image: NDArray[np.uint8]) -> None:
    """Write a picture as PNG.

    Args:
        path: The file.
        image: Shape (height, width, channels), one channel or three.
    """
    path.write_bytes(as_png(image))


def as_png(image: NDArray[np.uint8]) -> bytes:
    """Return a picture, shape (height, width, channels) with one channel or three, as the bytes of a PNG file."""
    from io import BytesIO

    from PIL import Image

    file = BytesIO()
    Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image).save(file, "PNG")
    return file.getvalue()


def file_stems(class_names: Sequence[str]) -> list[str]:
    """Return a file's name, without its ending, for each case: its number and its class.

    >>> file_stems(["mild", "no change/other", ""])
    ['000_mild', '001_no_change_other', '002']
    """
    names = (re.sub(r"[^\w-]+", "_", name) for name in class_names)
    return [f"{number:03}_{name}".rstrip("_") for number, name in enumerate(names)]


def _as_lines(samples: Samples) -> str:
    numbered = zip(file_stems([""] * len(samples)), samples.class_names, samples.texts, strict=True)
    return "".join("\t".join((number, name, " ".join(text.split()))) + "\n" for number, name, text in numbered)
