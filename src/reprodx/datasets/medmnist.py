"""A two-dimensional set of MedMNIST in its official file, with its official split.

Source: Yang et al. 2023, MedMNIST v2, https://doi.org/10.1038/s41597-022-01721-8; the sets have licences of their own.
"""

from __future__ import annotations

import logging
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
import polars as pl

from reprodx.datasets.acknowledged import Acknowledged
from reprodx.datasets.case_table import label_truth, read_card
from reprodx.datasets.image_files import ImageSettings
from reprodx.datasets.target import safe_name
from reprodx.errors import ConfigError, DatasetNotFoundError, SchemaError
from reprodx.inputs import CASES_PER_BLOCK, Inputs, Modality
from reprodx.schemas import CASE_ID, PATIENT_ID, SPLIT, SPLITS, Y_TRUE, RawCases, Task

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

logger = logging.getLogger(__name__)

FILE_NAME = "read.npy"
"""The array of pictures in the folder that preparation lends."""
SHAPES = "pictures must be uint8 of shape (cases, height, width) or (cases, height, width, 3)"


@dataclass(frozen=True, kw_only=True)
class MedMnist:
    """An `.npz` with `train_images`, `train_labels` and the same of val and test.

    The official split is the column `split`, which `split=predefined split.column=split` follows.
    """

    modality: ClassVar[Modality] = Modality.IMAGE
    """What kind of measurement a case is judged by."""

    path: str
    """The `.npz` file; a `card.md` beside it says where the data come from."""
    classes: Sequence[str] | None
    """Names of the labels 0, 1, ... in that order; None for their numbers."""
    positive: int | None
    """The label that means disease where there are two; None for 1."""
    task: Literal["ordinal"] | None
    """"ordinal" where the labels are grades."""
    reference_standard: str | None
    """How the true class was established, in words."""
    acknowledge: Mapping[str, object]
    """Leaks to let through, see `Acknowledged`."""

    def __post_init__(self) -> None:
        """Check what can be checked without the file.

        Raises:
            ConfigError: If a key holds what it cannot.
        """
        if self.classes is not None and len(set(map(safe_name, self.classes))) != len(self.classes):
            raise ConfigError("data.classes: names a class twice; give a name of its own to each label")
        if self.positive not in (None, 0, 1):
            raise ConfigError("data.positive: must be the label 0 or 1")
        Acknowledged.from_config(self.acknowledge)

    @property
    def acknowledged(self) -> Acknowledged:
        """Leaks that the leakage gate lets through."""
        return Acknowledged.from_config(self.acknowledge)

    def read(self, split_column: str | None, *, scratch: Path | None = None) -> RawCases:
        """Return the cases of the file, those of train first.

        Args:
            split_column: `split` for the official split; None to ignore it.
            scratch: A folder for the pictures; None to keep them in memory.

        Returns:
            All cases.

        Raises:
            DatasetNotFoundError: If there is no such file.
            SchemaError: If the file is no two-dimensional set of MedMNIST.
        """
        if split_column not in (None, SPLIT):
            raise SchemaError(f"split.column: {Path(self.path).name} has no column {split_column!r}: give {SPLIT}")
        if not Path(self.path).is_file():
            raise DatasetNotFoundError(f"{self.path} is missing: data.path must name a MedMNIST .npz file")
        try:
            with zipfile.ZipFile(self.path) as archive:
                labels = [_read_labels(archive, split) for split in SPLITS]
                images = _read_images(archive, None if scratch is None else scratch / FILE_NAME)
        except (zipfile.BadZipFile, zlib.error, KeyError, EOFError, ValueError) as error:
            raise SchemaError(f"{self.path} is no 2D set of MedMNIST ({error}): download it again") from None
        if len(images) != sum(map(len, labels)):
            raise SchemaError(
                f"{self.path} has {len(images)} images and {sum(map(len, labels))} labels: download it again"
            )
        return self._raw_cases(images, labels, split_column)

    def _raw_cases(
        self, images: NDArray[np.uint8], labels: list[NDArray[np.int64]], split_column: str | None
    ) -> RawCases:
        splits = np.repeat(SPLITS, [len(part) for part in labels])
        numbers = np.concatenate([np.arange(len(part)) for part in labels])
        ids = pl.Series([f"{split}_{number}" for split, number in zip(splits, numbers, strict=True)])
        classes, truth, task = self._truth(np.concatenate(labels))
        cases = pl.DataFrame({CASE_ID: ids, PATIENT_ID: ids, **truth.to_dict()})
        logger.info("read %d cases of %d classes", cases.height, len(classes))
        colour: Literal["rgb", "grey"] = "rgb" if images.shape[-1] == 3 else "grey"
        settings = ImageSettings((images.shape[1], images.shape[2]), "pad", colour)
        return RawCases(
            cases=cases if split_column is None else cases.with_columns(pl.Series(SPLIT, splits)),
            features=pl.DataFrame(height=cases.height),
            classes=classes,
            num_read=cases.height,
            exclusions=(),
            has_patients=False,
            card=read_card(Path(self.path)),
            reference_standard=self.reference_standard,
            inputs=Inputs.of_rows(Modality.IMAGE, images, channels=settings.channels, settings=settings.as_json()),
            declared_task=task,
        )

    def _truth(self, labels: NDArray[np.int64]) -> tuple[tuple[str, ...], pl.DataFrame, Task | None]:
        num_labels = labels.shape[1] if labels.shape[1] > 1 else int(labels.max()) + 1
        if labels.min() < 0 or (labels.shape[1] > 1 and labels.max() > 1):
            raise SchemaError(f"{self.path} has a label that is no number from 0: download it again")
        names = tuple(map(safe_name, self.classes or map(str, range(num_labels))))
        if len(names) != num_labels or num_labels < 2:
            raise SchemaError(f"{self.path} has {num_labels} labels and data.classes names {len(names)}: name each")
        if labels.shape[1] > 1:
            columns = pl.DataFrame(labels.astype(np.int8), schema=names, orient="row")
            return names, label_truth(columns), Task.MULTILABEL
        if self.positive is not None and num_labels > 2:
            raise ConfigError(f"data.positive: {Path(self.path).name} has {num_labels} classes: leave it null")
        truth = pl.DataFrame({Y_TRUE: np.array(names)[labels[:, 0]]})
        ordered = names[::-1] if self.positive == 0 else names
        return ordered, truth, None if self.task is None else Task.ORDINAL


def _open(archive: zipfile.ZipFile, name: str) -> tuple[IO[bytes], tuple[int, ...], np.dtype[Any]]:
    # An array is read in blocks where np.load would hold all of it, which for pictures of 224 pixels is gigabytes.
    stream = archive.open(f"{name}.npy")
    version = np.lib.format.read_magic(stream)
    read_header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, is_column_major, dtype = read_header(stream)
    if is_column_major or dtype.kind not in "iub":
        raise ValueError(f"{name} is no row-major array of whole numbers")
    return stream, shape, dtype


def _read_labels(archive: zipfile.ZipFile, split: str) -> NDArray[np.int64]:
    stream, shape, dtype = _open(archive, f"{split}_labels")
    with stream:
        labels = np.frombuffer(stream.read(), dtype).reshape(shape)
    if labels.ndim not in (1, 2):
        raise ValueError(f"{split}_labels is no table")
    return labels.reshape(len(labels), -1).astype(np.int64)


def _read_images(archive: zipfile.ZipFile, path: Path | None) -> NDArray[np.uint8]:
    members = [_open(archive, f"{split}_images") for split in SPLITS]
    shapes = {(*shape[1:], 1) if len(shape) == 3 else shape[1:] for _, shape, _ in members}
    if len(shapes) > 1 or any(dtype != np.uint8 for *_, dtype in members):
        raise ValueError(SHAPES)
    shape = (sum(shape[0] for _, shape, _ in members), *shapes.pop())
    if len(shape) != 4 or shape[-1] not in (1, 3):
        raise ValueError(SHAPES)
    images = np.empty(shape, np.uint8) if path is None else np.lib.format.open_memmap(path, "w+", np.uint8, shape)
    start = 0
    for stream, (num_images, *_), _ in members:
        with stream:
            end = start + num_images
            while start < end:
                block = images[start : min(start + CASES_PER_BLOCK, end)]
                block[:] = np.frombuffer(stream.read(block.nbytes), np.uint8).reshape(block.shape)
                start += len(block)
    return images
