"""Signals of a prepared dataset: what the training cases teach about their scale, and how new ones are read."""

from __future__ import annotations

import base64
import binascii
import io
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from reprodx.datasets.row_numbers import FIRST_ROW
from reprodx.datasets.unusable_signal import UnusableSignalError
from reprodx.datasets.wfdb_files import decode
from reprodx.errors import SchemaError
from reprodx.inputs import Inputs, Modality
from reprodx.preparation.file_cells import cells

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl
    from numpy.typing import NDArray

SIGNAL = "signal"
"""The column of new cases: the path of a record or of a NumPy file, or the bytes of such a file, also in base64."""
NUMPY_IN_BASE64 = "k05VTVBZ"
"""How every NumPy file begins in base64."""
MIN_STD = 1e-4
"""A lead with less spread, in mV, is flat: it is divided by 1."""
OTHER_UNIT = 200
"""Times the training's spread: microvolts that are given as millivolts have 1000 times."""


@dataclass(frozen=True)
class SignalTransform:
    """Scale of the training signals; the signals themselves are left as they are, in physical units."""

    mean: tuple[float, ...]
    """Of each lead over all samples of the training cases."""
    std: tuple[float, ...]
    """Standard deviation likewise; 1 for a flat lead."""
    channels: tuple[str, ...]
    """Names of the leads."""
    settings: Mapping[str, Any]
    """What turned files into signals, see `SignalForm`."""

    @classmethod
    def fit(cls, train: Inputs, targets: NDArray[np.int64] | None) -> Self:
        """Learn the scale, one block of cases after the other.

        Args:
            train: The training cases, raw.
            targets: Unused.

        Returns:
            The transform.
        """
        del targets
        num_leads = train.values.shape[2]
        # Deviations from the first sample keep their digits where a lead stands far from zero.
        offset = train.values[train.starts[0], 0].astype(np.float64)
        total, squares = np.zeros(num_leads), np.zeros(num_leads)
        for block in train.blocks():
            deviations = block.gathered().astype(np.float64) - offset
            total += deviations.sum(axis=(0, 1))
            squares += np.square(deviations).sum(axis=(0, 1))
        num_samples = len(train) * train.values.shape[1]
        mean = total / num_samples
        std = np.sqrt(np.maximum(squares / num_samples - mean**2, 0))
        scale = np.where(std < MIN_STD, 1.0, std)
        return cls(tuple((mean + offset).tolist()), tuple(scale.tolist()), train.channels, dict(train.settings))

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns of new cases."""
        return (SIGNAL,)

    def apply(self, raw: Inputs) -> Inputs:
        """Return what networks take: the signals as they are, since scaling is the network's first step."""
        return raw

    def scaling(self) -> tuple[list[float], list[float]] | None:
        """Return mean and standard deviation of each lead in the training cases."""
        return list(self.mean), list(self.std)

    def read_raw(self, table: pl.DataFrame) -> Inputs:
        """Return new cases in the form of the training cases.

        Args:
            table: With the column `SIGNAL`; a row for each case.

        Returns:
            Signals without NaN.

        Raises:
            SchemaError: If a signal is absent, damaged or of another form; the message names the row.
        """
        signals = np.empty((table.height, int(self.settings["num_steps"]), len(self.channels)), dtype=np.float32)
        for position, cell in enumerate(cells(table, SIGNAL)):
            try:
                signals[position] = decode(_source(cell), self.settings)
            except UnusableSignalError as rule:
                row = position + FIRST_ROW
                raise SchemaError(f"the table, row {row}: column {SIGNAL!r}: {rule}") from None
            if (signals[position].std(axis=0, dtype=np.float64) > OTHER_UNIT * np.array(self.std)).any():
                row = position + FIRST_ROW
                raise SchemaError(
                    f"the table, row {row}: column {SIGNAL!r}: amplitudes more than {OTHER_UNIT} times those of "
                    f"training: give millivolts"
                )
        return Inputs.of_rows(Modality.SIGNAL, signals, channels=self.channels, settings=self.settings)

    def example(self) -> dict[str, str]:
        """Return a row of new cases that belongs to nobody: a flat line."""
        file = io.BytesIO()
        np.save(file, np.zeros((int(self.settings["num_steps"]), len(self.channels)), dtype=np.float32))
        return {SIGNAL: base64.b64encode(file.getvalue()).decode("ascii")}

    def description(self) -> dict[str, Any]:
        """Return what the manifest says of the signals."""
        return {"num_steps": int(self.settings["num_steps"]), "leads": list(self.channels)}

    def to_json(self) -> dict[str, Any]:
        """Return the transform as JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Self:
        """Return the transform that `to_json` made `content` from."""
        lists = {key: tuple(content[key]) for key in ("mean", "std", "channels")}
        return cls(**lists, settings=content["settings"])


def _source(cell: str | bytes) -> str | bytes:
    if isinstance(cell, bytes):
        return cell
    if not cell.lstrip().startswith(NUMPY_IN_BASE64):
        return cell.strip()
    try:
        return base64.b64decode("".join(cell.split()), validate=True)
    except binascii.Error:
        raise UnusableSignalError("the base64 is damaged: encode the bytes of the NumPy file again") from None
