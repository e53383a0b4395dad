"""From measurements over time with gaps to the steps that a network takes: fitted on training cases only.

Each variable becomes three channels: its last measured value, whether it was measured in this step, and how long ago
it was measured. A step depends on no later one.

Source: Che et al, Recurrent neural networks for multivariate time series with missing values, Sci Rep 2018;8:6085,
eq. 1-3 (masking and time intervals), https://doi.org/10.1038/s41598-018-24271-9.
"""

from __future__ import annotations

import base64
import logging
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from reprodx.datasets.measurements import STEP
from reprodx.datasets.row_numbers import FIRST_ROW
from reprodx.datasets.series_file import read_measurements
from reprodx.datasets.series_format import SeriesFormat
from reprodx.errors import SchemaError
from reprodx.inputs import Inputs, Modality
from reprodx.preparation.file_cells import file_cells

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import polars as pl
    from numpy.typing import NDArray

logger = logging.getLogger(__name__)

CLIPPED_SHARE = 0.001
"""Share of a variable's training values at either end that is moved to the rest: typing errors and artefacts."""
MEASURED, HOURS_SINCE = "__measured", "__hours_since"
"""After a variable's name: whether it was measured in this step, and hours since then on a log scale."""


@dataclass(frozen=True)
class SeriesVariable:
    """What training says of one variable."""

    name: str
    low: float
    """What lower values are moved to."""
    high: float
    """What higher values are moved to."""
    mean: float
    std: float
    """Of the moved values; 1 where they are all the same."""

    @classmethod
    def fit(cls, name: str, measured: NDArray[np.float64]) -> SeriesVariable:
        """Return what these measured values of training say, shape (measurements,)."""
        low, high = np.quantile(measured, [CLIPPED_SHARE, 1 - CLIPPED_SHARE])
        moved = np.clip(measured, low, high)
        mean, std = float(moved.mean()), float(moved.std())
        return cls(name, float(low), float(high), mean, std if std > 1e-6 * max(abs(mean), 1e-6) else 1.0)


@dataclass(frozen=True)
class SeriesTransform:
    """The transform of series."""

    columns: ClassVar[tuple[str, ...]] = ("series",)
    """What a new case gives: the path of a Parquet or CSV file of its measurements, or such a file as base64 text."""

    variables: tuple[SeriesVariable, ...]
    never_measured: tuple[str, ...]
    """Variables without a value in training, which are left out."""
    longest_hours: float
    """Longest series of training."""
    form: SeriesFormat
    """How a file becomes steps."""

    @classmethod
    def fit(cls, train: Inputs, targets: NDArray[np.int64] | None = None) -> Self:
        """Return the transform of these training cases.

        Args:
            train: Their series as read; steps that cases share count once.
            targets: Not used.

        Returns:
            The transform of the variables that were measured at least once.

        Raises:
            SchemaError: If none was.
        """
        runs, _ = train.runs()
        steps = runs.gathered()
        found = []
        for place, name in enumerate(train.channels):
            measured = steps[:, place].astype(np.float64)
            measured = measured[~np.isnan(measured)]
            if measured.size:
                found.append(SeriesVariable.fit(name, measured))
        if not found:
            raise SchemaError("no variable was measured in any training case: look at data.path and data.window_hours")
        kept = {variable.name for variable in found}
        never = tuple(name for name in train.channels if name not in kept)
        if never:
            logger.info("%d of %d variables are never measured in training: left out", len(never), len(train.channels))
        form = SeriesFormat(**train.settings)
        longest = 0 if runs.lengths is None else int(runs.lengths.max())
        return cls(tuple(found), never, max(longest - 1, 1) * form.bin_hours, form)

    def apply(self, raw: Inputs) -> Inputs:
        """Return the steps that a network takes; steps that cases share are made once and stay shared.

        Args:
            raw: Series as read.

        Returns:
            float32, shape (steps of all, 3 * variables), without NaN: standardised values carried forward and 0 before
            the first, 1 where measured in this step, and log(1 + hours) since then - or since the start, before the
            first - as a share of that of the longest training series.
        """
        runs, place = raw.runs()
        lengths = np.ones(len(runs), dtype=np.int64) if runs.lengths is None else runs.lengths
        columns = [raw.channels.index(variable.name) for variable in self.variables]
        values = np.zeros((int(lengths.sum()), 3 * len(columns)), dtype=np.float32)
        starts = np.cumsum(lengths) - lengths
        for run, start, length in zip(runs, starts, lengths, strict=True):
            values[start : start + length] = self._channels(np.asarray(run)[:, columns])
        names = [variable.name for variable in self.variables]
        channels = (*names, *(name + MEASURED for name in names), *(name + HOURS_SINCE for name in names))
        return replace(raw, values=values, starts=starts[place], channels=channels)

    def read_raw(self, table: pl.DataFrame) -> Inputs:
        """Return the series of new cases.

        Args:
            table: The column `series`, see `columns`; each file holds one case, and every variable of training.

        Returns:
            Series as read, one per row.

        Raises:
            SchemaError: If a file is missing, holds several stays, lacks a column, or holds no measurement; the message
                names the row.
        """
        (column,) = self.columns
        cases = [self._read_case(source, row) for row, source in enumerate(file_cells(table, column), start=FIRST_ROW)]
        lengths = np.array([len(case) for case in cases], dtype=np.int64)
        channels = tuple(self.form.variables or ())
        return Inputs.of_steps(
            Modality.SERIES, np.concatenate(cases), lengths, channels=channels, settings=self.form.as_dict()
        )

    def example(self) -> dict[str, str]:
        """Return a row that belongs to no patient: the training means, measured once."""
        means = {variable.name: f"{variable.mean:.6g}" for variable in self.variables}
        names = self.form.variables or ()
        if self.form.variable is None:
            lines = [",".join([self.form.hour, *names]), ",".join(["0", *(means.get(name, "") for name in names)])]
        else:
            lines = [f"{self.form.hour},{self.form.variable},{self.form.value}"]
            lines += [f"0,{name},{mean}" for name, mean in means.items()]
        return {self.columns[0]: base64.b64encode("\n".join([*lines, ""]).encode()).decode()}

    def scaling(self) -> None:
        """Return None: steps are standardised here."""

    def description(self) -> dict[str, Any]:
        """Return what is worth knowing of the transform, as JSON."""
        return {
            "variables": len(self.variables),
            "never_measured": list(self.never_measured),
            "bin_hours": self.form.bin_hours,
            "longest_hours": self.longest_hours,
        }

    def to_json(self) -> dict[str, Any]:
        """Return the transform as JSON."""
        return {
            "variables": [asdict(variable) for variable in self.variables],
            "never_measured": list(self.never_measured),
            "longest_hours": self.longest_hours,
            "form": self.form.as_dict(),
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Self:
        """Return the transform that `to_json` made `content` from."""
        variables = tuple(SeriesVariable(**variable) for variable in content["variables"])
        form = SeriesFormat.from_dict(content["form"])
        return cls(variables, tuple(content["never_measured"]), content["longest_hours"], form)

    def _channels(self, run: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the channels of one series, shape (steps, 3 * variables), from values, shape (steps, variables)."""
        is_measured = ~np.isnan(run)
        step = np.arange(len(run))[:, None]
        latest = np.maximum.accumulate(np.where(is_measured, step, -1), axis=0)
        names = ("low", "high", "mean", "std")
        low, high, mean, std = (np.array([getattr(variable, name) for variable in self.variables]) for name in names)
        carried = np.take_along_axis(run.astype(np.float64), np.maximum(latest, 0), axis=0)
        scaled = (np.clip(carried, low, high) - mean) / std
        hours = (step - np.maximum(latest, 0)) * self.form.bin_hours
        since = np.log1p(hours) / np.log1p(self.longest_hours)
        return np.hstack([np.where(latest < 0, 0, scaled), is_measured, since])

    def _read_case(self, source: Path | bytes, row: int) -> NDArray[np.float32]:
        try:
            measured = read_measurements(source, self.form, is_new=True)
        except SchemaError as error:
            raise SchemaError(f"the table, row {row}: {error}") from None
        if measured.stays.height != 1 or not measured.values.size:
            raise SchemaError(
                f"the table, row {row}: its file has {measured.stays.height} stays and {measured.values.size} "
                f"measurements within data.window_hours: give one stay with at least one measurement"
            )
        for warning in measured.warnings:
            logger.warning("the table, row %d: %s", row, warning)
        return measured.steps(self.form, measured.stays[STEP].to_numpy() + 1)
