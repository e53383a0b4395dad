"""Pictures whose files and true classes are listed in a CSV file, described by its YAML alone."""

from __future__ import annotations

import logging
import os
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from reprodx.datasets.case_table import CaseColumns, read_card
from reprodx.datasets.csv_file import FIRST_ROW
from reprodx.datasets.image_files import SUFFIXES, ImageSettings, decode_all
from reprodx.datasets.typed_file import read_text_table
from reprodx.errors import ConfigError, DatasetNotFoundError, SchemaError
from reprodx.inputs import Inputs, Modality
from reprodx.schemas import CASE_ID

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl
    from numpy.typing import NDArray

    from reprodx.schemas import RawCases

logger = logging.getLogger(__name__)

FILE_NAME = "read.npy"
"""The array of decoded pictures in the folder that preparation lends."""


@dataclass(frozen=True, kw_only=True)
class ImageTable(CaseColumns):
    """A comma-separated table with a header, of which each row is one picture and its true class."""

    modality: ClassVar[Modality] = Modality.IMAGE
    """What kind of measurement a case is judged by."""

    path: str
    """The CSV file; a `card.md` beside it says where the data come from."""
    folder: str
    """Where the files of the pictures lie; none outside it is read."""
    image: str
    """The column that names the file, from `folder`; its ending may be left out where one file fits."""
    size: Sequence[int]
    """Height and width that every picture is brought to, in pixels."""
    fit: Literal["pad", "crop"]
    """Whether all of a picture is kept, with black beside it, or its middle fills the size."""
    colour: Literal["rgb", "grey"]
    """Three channels or one."""
    max_unreadable_share: float
    """The highest share of cases whose picture cannot be read, in [0, 1]; these are left out and counted."""

    def __post_init__(self) -> None:
        """Check what can be checked without the file.

        Raises:
            ConfigError: If a key holds what it cannot.
        """
        super().__post_init__()
        if not 0 <= self.max_unreadable_share <= 1:
            raise ConfigError(f"data.max_unreadable_share: {self.max_unreadable_share} is not in [0, 1]")
        _ = self._settings

    def read(self, split_column: str | None, *, scratch: Path | None = None) -> RawCases:
        """Return the cases of the file with their pictures.

        Args:
            split_column: The column that a predefined split is read from, if any.
            scratch: A folder for the decoded pictures; None to keep them in memory.

        Returns:
            The cases that have a target and a picture that can be read, in the order of the file.

        Raises:
            DatasetNotFoundError: If there is no such file or folder.
            SchemaError: If the file is not what the configuration says, names a picture outside the folder, or too
                many pictures cannot be read.
        """
        table, source = read_text_table(Path(self.path), self.layout), Path(self.path).name
        if not Path(self.folder).is_dir():
            raise DatasetNotFoundError(f"data.folder: {self.folder} is missing: it must hold the files of the images")
        found = self.read_cases(
            table,
            split_column,
            source,
            others={"data.image": [self.image]},
        )
        files = self._files(table[self.image], found.rows, source)
        position = {file: index for index, file in enumerate(dict.fromkeys(files))}
        logger.info("decoding %d images of %d cases", len(position), len(files))
        path = None if scratch is None else scratch / FILE_NAME
        values, reason = decode_all(list(position), self._settings, path=path)
        starts = np.array([position[file] for file in files], dtype=np.int64)
        reasons = [reason[start] for start in starts]
        self._check_unreadable(found.cases[CASE_ID], files, reasons, source)
        inputs = Inputs(
            Modality.IMAGE,
            values,
            starts[[reason is None for reason in reasons]],
            channels=self._settings.channels,
            settings=self._settings.as_json(),
        )
        rules = [None if reason is None else f"the image is {reason}" for reason in reasons]
        return found.leave_out(rules).as_raw_cases(self, inputs, read_card(Path(self.path)))

    @property
    def _settings(self) -> ImageSettings:
        return ImageSettings.from_json({"size": self.size, "fit": self.fit, "colour": self.colour})

    def _files(self, names: pl.Series, rows: NDArray[np.int64], source: str) -> list[Path]:
        # Links are not followed: the files of a data store are links that lead out of the folder.
        folder = Path(os.path.normpath(Path(self.folder).absolute()))
        written = names.str.strip_chars().fill_null("").gather(rows)
        files = [Path(os.path.normpath(folder / name)) for name in written]
        for row, file in zip(rows, files, strict=True):
            if not file.is_relative_to(folder):
                raise SchemaError(
                    f"{source}, row {row + FIRST_ROW}: data.image {self.image!r} leads out of data.folder: put the "
                    f"file below it, or choose a folder above both"
                )
        return [self._completed(file, row, source) for row, file in zip(rows, files, strict=True)]

    def _completed(self, file: Path, row: int, source: str) -> Path:
        if file.suffix.lower() in SUFFIXES or file.exists():
            return file
        endings = [*SUFFIXES, *map(str.upper, SUFFIXES)]
        found = [file.with_name(file.name + ending) for ending in endings]
        found = [path for path in found if path.exists()]
        if len(found) > 1:
            raise SchemaError(
                f"{source}, row {row + FIRST_ROW}: data.image {self.image!r} has no ending, and {found[0].name} and "
                f"{found[1].name} both fit: write the ending"
            )
        return found[0] if found else file

    def _check_unreadable(self, ids: pl.Series, files: list[Path], reasons: list[str | None], source: str) -> None:
        unreadable = [(case, file.name, why) for case, file, why in zip(ids, files, reasons, strict=True) if why]
        if not unreadable:
            return
        case, name, why = unreadable[0]
        counts = ", ".join(f"{count} {why}" for why, count in sorted(Counter(why for *_, why in unreadable).items()))
        if len(unreadable) > self.max_unreadable_share * len(files):
            raise SchemaError(
                f"{source}: {len(unreadable)} of {len(files)} images cannot be read ({counts}), more than "
                f"data.max_unreadable_share={self.max_unreadable_share:g}: the first is {name} of case {case}, which "
                f"is {why}"
            )
        cases = ", ".join(case for case, *_ in unreadable)
        logger.warning("left out %d cases whose image cannot be read (%s): %s", len(unreadable), counts, cases)
