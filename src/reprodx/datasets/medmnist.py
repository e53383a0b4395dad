"""A two-dimensional set of MedMNIST in its official file, with its official split.

Source: Yang et al. 2023, MedMNIST v2, https://doi.org/10.1038/s41597-022-01721-8; the sets have licences of their own.
"""

from __future__ import annotations

import logging
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
import polars as pl

from reprodx.datasets.acknowledged import Acknowledged
from reprodx.datasets.case_table import label_truth, read_card
from reprodx.datasets.class_meanings import positive_of
from reprodx.datasets.image_files import ImageSettings
from reprodx.datasets.keys import checked_names
from reprodx.datasets.npz_members import DAMAGE, find_member
from reprodx.datasets.target import safe_name
from reprodx.errors import ConfigError, DatasetNotFoundError, SchemaError
from reprodx.inputs import CASES_PER_BLOCK, Inputs, Modality, room
from reprodx.schemas import CASE_ID, PATIENT_ID, SPLIT, SPLITS, Y_TRUE, ClassValue, RawCases, Task

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

logger = logging.getLogger(__name__)

MALIGNANT_IS_0 = "breastmnist"
"""How the files of the set are called whose label 1 is normal or benign."""
SHAPES = "pictures must be uint8 of shape (cases, height, width) or (cases, height, width, 3); 3D sets are not read"
LABEL_SHAPES = "labels must be whole numbers of shape (cases, 1), or (cases, labels) of 0 and 1, alike in all splits"
MAX_LABEL = 999
"""A higher number is no label but damage."""
ONE_HOT = (
    "each case has exactly one of the labels: one column of numbers would make them classes that exclude each other"
)
"""What is said of columns of 0 and 1 of which each row has one 1."""


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
    """The label that means disease where there are two; None for what `classes` say, or 1 (BreastMNIST: 0)."""
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
        names = [] if self.classes is None else checked_names("data.classes", self.classes)
        if len(set(map(safe_name, names))) != len(names):
            raise ConfigError("data.classes: names a class twice; give a name of its own to each label")
        if self.task not in (None, "ordinal"):
            raise ConfigError("data.task: must be ordinal or null")
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
            archive = zipfile.ZipFile(self.path)
        except DAMAGE:
            raise SchemaError(f"{self.path} is no .npz file, or is cut short: download it again") from None
        with archive:
            labels = _read_labels(archive)
            images = _read_images(archive, [len(part) for part in labels], scratch)
        return self._raw_cases(images, labels, split_column)

    def _raw_cases(
        self, images: NDArray[np.uint8], labels: list[NDArray[np.int64]], split_column: str | None
    ) -> RawCases:
        splits = np.repeat(SPLITS, [len(part) for part in labels])
        numbers = np.concatenate([np.arange(len(part)) for part in labels])
        ids = pl.Series([f"{split}_{number}" for split, number in zip(splits, numbers, strict=True)])
        table = np.concatenate(labels)
        classes, truth, task = self._truth(table)
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
            class_values=_class_values(table, self._names(table)),
            warnings=(ONE_HOT,) if task == Task.MULTILABEL and (table.sum(axis=1) == 1).all() else (),
        )

    def _truth(self, labels: NDArray[np.int64]) -> tuple[tuple[str, ...], pl.DataFrame, Task | None]:
        is_multilabel = labels.shape[1] > 1
        num_labels = labels.shape[1] if is_multilabel else int(labels.max()) + 1
        names = self._names(labels)
        if len(names) != num_labels or num_labels < 2:
            raise SchemaError(f"{self.path} has {num_labels} labels and data.classes names {len(names)}: name each")
        if self.positive is not None and (is_multilabel or num_labels > 2):
            kind = "labels, of which a case may have several" if is_multilabel else "classes"
            raise ConfigError(f"data.positive: {Path(self.path).name} has {num_labels} {kind}: leave it null")
        if self.task is not None and (is_multilabel or num_labels == 2):
            raise ConfigError(f"data.task: {Path(self.path).name} has no grades in an order: leave it null")
        if is_multilabel:
            columns = pl.DataFrame(labels.astype(np.int8), schema=names, orient="row")
            return names, label_truth(columns), Task.MULTILABEL
        truth = pl.DataFrame({Y_TRUE: np.array(names)[labels[:, 0]]})
        ordered = names[::-1] if num_labels == 2 and self._positive(names) == 0 else names
        return ordered, truth, None if self.task is None else Task.ORDINAL

    def _names(self, labels: NDArray[np.int64]) -> tuple[str, ...]:
        num_labels = labels.shape[1] if labels.shape[1] > 1 else int(labels.max()) + 1
        return tuple(map(safe_name, self.classes or map(str, range(num_labels))))

    def _positive(self, names: Sequence[str]) -> int:
        """Return the label that means disease."""
        if self.positive is not None:
            return self.positive
        if self.classes is None:
            return 0 if Path(self.path).name.lower().startswith(MALIGNANT_IS_0) else 1
        positive = positive_of(*names)
        if positive is None:
            raise ConfigError(f"data.positive: say which label means disease, 0 ({names[0]}) or 1 ({names[1]})")
        return names.index(positive)


def _class_values(labels: NDArray[np.int64], names: Sequence[str]) -> tuple[ClassValue, ...]:
    if labels.shape[1] == 1:
        counts = np.bincount(labels[:, 0])
        return tuple(ClassValue(str(label), name, int(counts[label])) for label, name in enumerate(names))
    sums = labels.sum(axis=0)
    return tuple(
        ClassValue(value, name_of, int(count))
        for name, num_cases in zip(names, sums, strict=True)
        for value, name_of, count in (("1", name, num_cases), ("0", f"not {name}", len(labels) - num_cases))
    )


def _read_labels(archive: zipfile.ZipFile) -> list[NDArray[np.int64]]:
    """Return the labels of each split, shape (cases, columns): a column of numbers, or one of 0 and 1 a label."""
    members = [find_member(archive, f"{split}_labels") for split in SPLITS]
    widths = {member.shape[1:] or (1,) for member in members}
    (width, *deeper) = widths.pop()
    if widths or deeper or not width or any(member.dtype.kind not in "biu" for member in members):
        raise SchemaError(f"{archive.filename}: {LABEL_SHAPES}")
    labels = np.concatenate([member.read().reshape(-1, width) for member in members])
    if not labels.size:
        raise SchemaError(f"{archive.filename} has no case: download it again")
    highest = MAX_LABEL if width == 1 else 1
    if labels.min() < 0 or labels.max() > highest:
        raise SchemaError(f"{archive.filename} has a label that is no number from 0 to {highest}: download it again")
    absent = [] if width > 1 else sorted(set(range(int(labels.max()) + 1)) - set(labels.ravel().tolist()))
    if absent:
        raise SchemaError(f"{archive.filename} has no case of label {absent[0]} but higher ones: download it again")
    ends = np.cumsum([member.shape[0] for member in members])[:-1]
    return np.split(labels.astype(np.int64), ends)


def _read_images(archive: zipfile.ZipFile, counts: Sequence[int], scratch: Path | None) -> NDArray[np.uint8]:
    members = [find_member(archive, f"{split}_images") for split in SPLITS]
    for member, count in zip(members, counts, strict=True):
        if member.dtype != np.uint8:
            raise SchemaError(f"{archive.filename}: {member.name} is of {member.dtype}: {SHAPES}")
        if member.shape[0] != count:
            raise SchemaError(
                f"{archive.filename}: {member.name} has {member.shape[0]} pictures for {count} labels: download again"
            )
    shapes = {(*member.shape[1:], 1) if len(member.shape) == 3 else member.shape[1:] for member in members}
    shape = shapes.pop()
    if shapes or len(shape) != 3 or shape[-1] not in (1, 3) or 0 in shape:
        raise SchemaError(f"{archive.filename}: {SHAPES}")
    images = room((sum(counts), *shape), np.uint8, scratch)
    start = 0
    for member in members:
        for block in member.blocks(CASES_PER_BLOCK):
            images[start : start + len(block)] = block.reshape(len(block), *shape)
            start += len(block)
    return images
