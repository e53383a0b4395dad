"""Arrays of numbers in an `.npz` file, checked before memory is taken for them and read in blocks.

`np.load` would hold all of an array, which for pictures of 224 pixels is gigabytes, and believes what a header says.
"""

from __future__ import annotations

import math
import tokenize
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from reprodx.datasets import packed_file
from reprodx.datasets.unreadable_image import DECODER_ERRORS
from reprodx.errors import SchemaError

if TYPE_CHECKING:
    import zipfile
    from collections.abc import Iterator

    from numpy.typing import NDArray

DAMAGE = (*DECODER_ERRORS, *packed_file.DAMAGE, tokenize.TokenError)
"""What is raised where a file, a compressed part or a header is damaged."""
MAX_RATIO = 1100
"""Bytes that one byte of a compressed member can stand for: 1032 in DEFLATE."""
PLAIN = (1, 0)
"""The version of NumPy's format that arrays of plain numbers have; its header is of 64 kB at most."""


@dataclass(frozen=True)
class Member:
    """One array of a file, not yet read."""

    archive: zipfile.ZipFile
    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    header_bytes: int

    def blocks(self, num_rows: int) -> Iterator[NDArray[Any]]:
        """Yield the rows of the array.

        Args:
            num_rows: Rows at a time, at least 1.

        Yields:
            Shape (rows, *shape[1:]).

        Raises:
            SchemaError: If the file is damaged here, which its checksum tells after the last block.
        """
        row_shape = self.shape[1:]
        row_bytes = math.prod(row_shape) * self.dtype.itemsize
        try:
            with self.archive.open(f"{self.name}.npy") as stream:
                stream.read(self.header_bytes)
                for start in range(0, self.shape[0], num_rows):
                    count = min(num_rows, self.shape[0] - start)
                    yield np.frombuffer(stream.read(count * row_bytes), self.dtype).reshape(count, *row_shape)
                # The checksum is looked at where the end is.
                stream.read(1)
        except DAMAGE:
            raise damaged(self.archive, self.name) from None

    def read(self) -> NDArray[Any]:
        """Return all rows.

        Returns:
            The array.

        Raises:
            SchemaError: If the file is damaged here.
        """
        blocks = list(self.blocks(max(self.shape[0], 1)))
        return blocks[0] if blocks else np.zeros(self.shape, self.dtype)


def find_member(archive: zipfile.ZipFile, name: str) -> Member:
    """Return what an array's header says of it; nothing is unpickled.

    Args:
        archive: The `.npz` file.
        name: What the array is called.

    Returns:
        The array; it has as many bytes as its shape needs.

    Raises:
        SchemaError: If there is no such array, it holds no numbers, or the file is damaged.
    """
    try:
        entry = archive.getinfo(f"{name}.npy")
    except KeyError:
        raise SchemaError(f"{archive.filename} has no {name}: data.path must name a 2D set of MedMNIST") from None
    try:
        with archive.open(entry) as stream, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            is_plain = np.lib.format.read_magic(stream) == PLAIN
            header = np.lib.format.read_array_header_1_0(stream) if is_plain else None
            header_bytes = stream.tell()
    except DAMAGE:
        raise damaged(archive, name) from None
    if header is None:
        raise not_plain(archive, name)
    shape, is_column_major, dtype = header
    if is_column_major or dtype.kind not in "biuf" or not shape or min(shape) < 0:
        raise not_plain(archive, name)
    num_bytes = entry.file_size - header_bytes
    if math.prod(shape) * dtype.itemsize != num_bytes or entry.file_size > MAX_RATIO * max(entry.compress_size, 1):
        raise damaged(archive, name)
    return Member(archive, name, shape, dtype, header_bytes)


def damaged(archive: zipfile.ZipFile, name: str) -> SchemaError:
    """Return the error that an array cannot be read."""
    return SchemaError(f"{archive.filename} is damaged or encrypted: {name} cannot be read: download it again")


def not_plain(archive: zipfile.ZipFile, name: str) -> SchemaError:
    """Return the error that an array is none of numbers."""
    return SchemaError(
        f"{archive.filename}: {name} is no plain array of numbers, row by row: write it with np.savez from such a one"
    )
