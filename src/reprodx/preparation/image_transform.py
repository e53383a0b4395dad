"""Pictures as networks take them, and the mean and spread of the training pictures that they are scaled by."""

from __future__ import annotations

import base64
import binascii
import logging
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from reprodx.datasets.dicom_files import is_dicom
from reprodx.datasets.image_files import ImageSettings, decode_all
from reprodx.datasets.image_remarks import said_by_row
from reprodx.datasets.pillow_files import begins_as_picture
from reprodx.datasets.row_numbers import FIRST_ROW
from reprodx.errors import SchemaError
from reprodx.inputs import Inputs, Modality

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl
    from numpy.typing import NDArray

logger = logging.getLogger(__name__)

IMAGE = "image"
"""The column of a new table that holds pictures."""
LEVELS = 256
"""Different values of a pixel."""
MAX_NAME_LENGTH = 255
"""Base64 text that is longer than a file's name may be is taken for a file's bytes whatever they are."""


@dataclass(frozen=True)
class ImageTransform:
    """Leaves pictures in 8 bits; the network's wrapper divides by 255 and scales by `mean` and `std`."""

    settings: ImageSettings
    """What new pictures are brought to."""
    mean: tuple[float, ...]
    """Mean of each channel over all pixels of the training pictures, as shares of 255."""
    std: tuple[float, ...]
    """Standard deviation of each channel likewise, above 0; 1 for a channel that is the same everywhere."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that a table of new cases must have."""
        return (IMAGE,)

    @classmethod
    def fit(cls, train: Inputs, targets: NDArray[np.int64] | None = None) -> Self:
        """Return the transform of these pictures, read one block at a time.

        Args:
            train: Pictures of the training cases alone, at least one.
            targets: Not used.

        Returns:
            The transform.
        """
        counts = sum((_counts(block.gathered()) for block in train.blocks()), np.zeros((), np.int64))
        shares = counts / counts.sum(axis=1, keepdims=True)
        values = np.arange(LEVELS) / (LEVELS - 1)
        mean = shares @ values
        std = np.sqrt((shares * (values - mean[:, None]) ** 2).sum(axis=1))
        # Rounding leaves a spread of 1e-17 or so where there is none, by which nothing must be divided.
        std[(counts > 0).sum(axis=1) == 1] = 1.0
        return cls(ImageSettings.from_json(train.settings), tuple(mean.tolist()), tuple(std.tolist()))

    def apply(self, raw: Inputs) -> Inputs:
        """Return the same pictures."""
        return raw

    def scaling(self) -> tuple[list[float], list[float]]:
        """Return mean and standard deviation of each channel, as shares of 255."""
        return list(self.mean), list(self.std)

    def to_json(self) -> dict[str, Any]:
        """Return the transform as JSON."""
        return {"settings": self.settings.as_json(), "mean": list(self.mean), "std": list(self.std)}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Self:
        """Return the transform that `to_json` made `content` from."""
        return cls(ImageSettings.from_json(content["settings"]), tuple(content["mean"]), tuple(content["std"]))

    def description(self) -> dict[str, Any]:
        """Return what the manifest says of the pictures, as JSON."""
        return {**self.settings.as_json(), "channels": list(self.settings.channels)}

    def read_raw(self, table: pl.DataFrame) -> Inputs:
        """Return the pictures of new cases.

        Args:
            table: The column `IMAGE` holds paths of files, their bytes, or their bytes as base64 text.

        Returns:
            One picture per row.

        Raises:
            SchemaError: If the column is absent or a picture cannot be read; the message names the row.
        """
        if IMAGE not in table.columns:
            raise SchemaError(f"the table has no column {IMAGE!r}: give each case's file, as a path or as base64 text")
        sources = [_source(value, row) for row, value in enumerate(table[IMAGE], start=FIRST_ROW)]
        decoded = decode_all(sources, self.settings)
        for row, reason in enumerate(decoded.reasons, start=FIRST_ROW):
            if reason is not None:
                raise SchemaError(f"the table, row {row}: the image is {reason}: give the whole file of a picture")
        numbers = range(FIRST_ROW, FIRST_ROW + len(sources))
        for sentence in said_by_row(numbers, decoded.remarks, "the table"):
            logger.warning(sentence)
        channels, settings = self.settings.channels, self.settings.as_json()
        return Inputs.of_rows(Modality.IMAGE, decoded.values, channels=channels, settings=settings)

    def example(self) -> dict[str, str]:
        """Return a row with a uniform grey picture, which belongs to no patient."""
        from PIL import Image

        file = BytesIO()
        Image.new("L", self.settings.size[::-1], LEVELS // 2).save(file, "PNG")
        return {IMAGE: base64.b64encode(file.getvalue()).decode("ascii")}


def _counts(images: NDArray[np.uint8]) -> NDArray[np.int64]:
    channels = np.moveaxis(images, -1, 0).reshape(images.shape[-1], -1)
    return np.stack([np.bincount(channel, minlength=LEVELS) for channel in channels])


def _source(value: object, row: int) -> Path | bytes:
    if isinstance(value, bytes):
        return value
    if not isinstance(value, str) or not value.strip():
        raise SchemaError(f"the table, row {row}: {IMAGE!r} is missing: give a file, as a path or as base64 text")
    text = "".join(value.split())
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        content = b""
    # A word such as "scan1234" is base64 too, so what is short must also begin as pictures do.
    if begins_as_picture(content) or is_dicom(content) or (content and len(text) > MAX_NAME_LENGTH):
        return content
    if len(value) > MAX_NAME_LENGTH and "." not in value:
        raise SchemaError(f"the table, row {row}: {IMAGE!r} is neither a path nor base64 text of a file's bytes")
    return Path(value.strip())
