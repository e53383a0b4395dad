"""Pictures whose files and true classes are listed in a CSV file, described by its YAML alone."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from reprodx.datasets.case_columns import CaseColumns
from reprodx.datasets.case_table import read_card
from reprodx.datasets.image_files import MISSING, SUFFIXES, ImageSettings, decode_all
from reprodx.datasets.image_remarks import BURNED_IN, PERHAPS_BURNED_IN, said_by_row
from reprodx.datasets.named_files import NamedFiles
from reprodx.datasets.row_numbers import FIRST_ROW, numbered
from reprodx.datasets.typed_file import read_text_table
from reprodx.errors import ConfigError, DatasetNotFoundError, PrivacyError, SchemaError
from reprodx.inputs import Inputs, Modality

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
            PrivacyError: If text may be burned into pictures and nobody acknowledged it.
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
        decoded = decode_all(list(position), self._settings, path=path)
        starts = np.array([position[file] for file in files], dtype=np.int64)
        reasons = [decoded.reasons[start] for start in starts]
        numbers = (found.rows + FIRST_ROW).tolist()
        self._check_unreadable(numbers, reasons, source)
        self._refuse_annotations(numbers, [decoded.remarks[start] for start in starts], source)
        said = said_by_row(numbers, [decoded.remarks[start] for start in starts], source)
        found = replace(found, warnings=(*found.warnings, *said))
        inputs = Inputs(
            Modality.IMAGE,
            decoded.values,
            starts[[reason is None for reason in reasons]],
            channels=self._settings.channels,
            settings=self._settings.as_json(),
        )
        rules = [None if reason is None else f"the image is {reason}" for reason in reasons]
        return found.leave_out(rules).as_raw_cases(inputs, read_card(Path(self.path)))

    @property
    def _settings(self) -> ImageSettings:
        return ImageSettings.from_json({"size": self.size, "fit": self.fit, "colour": self.colour})

    def _files(self, names: pl.Series, rows: NDArray[np.int64], source: str) -> list[Path]:
        folder = NamedFiles(Path(self.folder), SUFFIXES)
        written = names.str.strip_chars().fill_null("").gather(rows).to_list()
        files = []
        for name, row in zip(written, (rows + FIRST_ROW).tolist(), strict=True):
            found = folder.find(name)
            if found is None:
                raise SchemaError(
                    f"{source}, row {row}: data.image {self.image!r} leads out of data.folder: put the file below it, "
                    f"or choose a folder above both"
                )
            if len(found) > 1:
                raise SchemaError(
                    f"{source}, row {row}: data.image {self.image!r} fits {len(found)} files of other endings or "
                    f"letter case: write the whole name as the file's"
                )
            files.append(found[0] if found else Path(self.folder, name))
        num_respelled = sum(not str(file).endswith(name) for name, file in zip(written, files, strict=True) if name)
        if num_respelled:
            logger.info("%s: %d names of images are the files' but for ending, case or slashes", source, num_respelled)
        return files

    def _refuse_annotations(self, rows: list[int], remarks: list[tuple[str, ...]], source: str) -> None:
        """Refuse pictures that may show whose they are, unless the column that names them is acknowledged."""
        if self.image in self.acknowledged.identifying:
            return
        found = [tuple(one for one in of_row if one in (BURNED_IN, PERHAPS_BURNED_IN)) for of_row in remarks]
        if any(found):
            told = "; ".join(said_by_row(rows, found, source))
            raise PrivacyError(
                f"{told}: look at them; cover what names a patient and set BurnedInAnnotation to NO, or let them pass "
                f"with 'data.acknowledge.identifying=[{self.image}]'"
            )

    def _check_unreadable(self, rows: list[int], reasons: list[str | None], source: str) -> None:
        unreadable = [(row, why) for row, why in zip(rows, reasons, strict=True) if why]
        if not unreadable:
            return
        (row, reason), num_unreadable = unreadable[0], len(unreadable)
        counts = ", ".join(f"{count} {why}" for why, count in sorted(Counter(why for _, why in unreadable).items()))
        if num_unreadable > self.max_unreadable_share * len(rows):
            raise SchemaError(
                f"{source}: {num_unreadable} of {len(rows)} images cannot be read ({counts}), more than "
                f"data.max_unreadable_share={self.max_unreadable_share:g}: the first is of row {row}, and is {reason}: "
                f"{'look at data.folder and data.image' if reason == MISSING else 'look at the files'}"
            )
        where = numbered([row for row, _ in unreadable])
        logger.warning(
            "%s: left out %d cases whose image cannot be read (%s): %s", source, num_unreadable, counts, where
        )
