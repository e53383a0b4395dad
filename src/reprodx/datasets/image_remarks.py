"""What is worth saying of a picture that could be read all the same; each ends the words "images with"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reprodx.datasets.row_numbers import numbered

if TYPE_CHECKING:
    from collections.abc import Sequence

INVALID_WINDOW = "a window that is not valid or shows nothing, scaled from the darkest to the brightest pixel instead"
"""A DICOM's own window cannot be followed."""
LOST_LEVELS = (
    "few grey levels for many values: a far value, perhaps padding or no data, or the window sets too wide a range"
)
"""Scaling hides what the picture shows."""
MISSING_PIXELS = "pixels that are no number or no data, shown as black"
"""Such pixels do not count in the range that the others are scaled by."""
HIGH_BITS = "values beyond the bits that they say they have, which are cut off"
"""By the standard what lies in the upper bits is no part of the picture; but a file may say too few bits."""
BURNED_IN = "text burned into the pixels, as the file says"
PERHAPS_BURNED_IN = "no word of whether text is burned into the pixels, as it often is in screenshots and ultrasound"
"""By either the picture may show a patient's name."""
UNIFORM = "the same value in every pixel"
"""Nothing can be told from such a picture."""


def said_by_row(rows: Sequence[int], remarks: Sequence[Sequence[str]], source: str) -> list[str]:
    """Return one sentence for each remark, in the order of the remarks.

    Args:
        rows: Numbers of rows, ascending.
        remarks: Remarks on each.
        source: What the table is called in messages.

    Returns:
        Sentences that name the rows.

    >>> said_by_row([2, 3], [["holes"], ["holes"]], "table.csv")
    ['table.csv: images with holes: rows 2, 3']
    """
    found: dict[str, list[int]] = {}
    for row, of_row in zip(rows, remarks, strict=True):
        for remark in of_row:
            found.setdefault(remark, []).append(row)
    return [f"{source}: images with {remark}: {numbered(found[remark])}" for remark in sorted(found)]
