"""Stays with measurements over time, such as hourly vital signs and laboratory values of intensive care.

Three tables: measurements, what is known at the start of a stay, and outcomes - one per stay, or one per hour.
"""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
import polars as pl

from reprodx.datasets.case_columns import CaseColumns
from reprodx.datasets.case_table import read_card
from reprodx.datasets.feature_doubts import find_doubts
from reprodx.datasets.keys import checked_names, checked_numbers, require_columns
from reprodx.datasets.measurements import STEP, Measurements
from reprodx.datasets.missing_values import EVERY_COLUMN
from reprodx.datasets.outcome_table import CASE, OutcomeTable
from reprodx.datasets.sentinels import find_measured_sentinels
from reprodx.datasets.series_file import read_measurements
from reprodx.datasets.series_format import SeriesFormat
from reprodx.datasets.static_table import StaticTable
from reprodx.datasets.stay_hours import STAY
from reprodx.datasets.stay_matches import compare_stays, doubt_label_hours
from reprodx.errors import ConfigError, SchemaError
from reprodx.inputs import Inputs, Modality
from reprodx.schemas import Exclusion, RawCases

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

logger = logging.getLogger(__name__)

NOT_MEASURED = "nothing was measured in the stay"
NOT_MEASURED_YET = "nothing was measured up to the label's hour"
AFTER_WINDOW = "the label is after data.window_hours"
NEVER = "the label's hour is infinite"
WITHOUT_LABEL = "the stay has no label"
"""The rules by which cases are left out."""
MAX_STEPS = 10**9
"""Steps of a stay that can be counted at all."""


@dataclass(frozen=True, kw_only=True)
class TimeSeriesTable(CaseColumns):
    """Measurements over time with what is known of each stay; a case is a stay, or an hour of one.

    Where a case is an hour, its inputs are the steps up to that hour, and nothing from after it.
    """

    modality: ClassVar[Modality] = Modality.SERIES
    """What kind of measurement a case is judged by."""

    path: str
    """Measurements, Parquet or CSV; a `card.md` beside it says where the data come from."""
    static_path: str | None
    """What is known at the start of a stay, one row each: the features; None where nothing is."""
    outcome_path: str
    """The target, one row per stay, or one per stay and hour."""
    hour: str
    """The column of times of measurements, see `SeriesFormat`."""
    label_hour: str | None
    """The column of times of the target where it is known by the hour; None where a stay has one."""
    variable: str | None
    """The column that names the variable where a row is one measurement; None where each variable is a column."""
    value: str | None
    """The column of what was measured, beside `variable`."""
    variables: Sequence[str] | None
    """Variables to read; None for all."""
    bin_hours: float
    """Length of a step in hours."""
    max_hours: float
    """A later hour of a measurement or label is refused: no stay lasts so long."""
    window_hours: float | None = None
    """Measurements and labels after this hour are left out; None for none."""
    aggregate: Literal["mean", "last"]
    """How several measurements in a step become one."""
    drop: Sequence[str]
    """Columns of the static table that are no features."""
    categorical: Sequence[str]
    """Columns of the static table that are categories although they hold numbers."""
    unknown_levels: Literal["other"] | None = None
    """"other" where a served model takes a level that no training case had for none of theirs; None to refuse it."""
    ranges: Mapping[str, Sequence[float]] | None
    """Lowest and highest plausible value, inclusive: a measurement outside counts as none, a feature is an error."""
    units: Mapping[str, str] | None
    """Unit of measurement by feature or variable."""

    def __post_init__(self) -> None:
        """Check what can be checked without the files.

        Raises:
            ConfigError: If a key holds what it cannot.
        """
        super().__post_init__()
        for column, bounds in (self.ranges or {}).items():
            if len(checked_numbers(f"data.ranges.{column}", bounds)) != 2:
                raise ConfigError(f"data.ranges.{column}: must be [lowest, highest]")
        if (self.variable is None) != (self.value is None):
            raise ConfigError("data.variable and data.value: name both columns, or neither")
        if self.id is None:
            raise ConfigError("data.id: must name the column that names the stay, in all tables")
        named = [name for name in (self.id, self.hour, self.variable, self.value) if name is not None]
        if len(set(named)) < len(named):
            raise ConfigError("data.id, data.hour, data.variable and data.value: must be different columns")
        self._check_hours()
        for key in ("drop", "categorical", "variables"):
            columns = checked_names(f"data.{key}", getattr(self, key) or [])
            if len(set(columns)) < len(columns):
                raise ConfigError(f"data.{key}: names a column twice")

    def _check_hours(self) -> None:
        keys = ("bin_hours", "max_hours", *([] if self.window_hours is None else ["window_hours"]))
        for key in keys:
            value = getattr(self, key)
            if not isinstance(value, int | float) or not 0 < value < math.inf:
                raise ConfigError(f"data.{key}: must be a number of hours above 0")
        if self.max_hours / self.bin_hours > MAX_STEPS:
            raise ConfigError(f"data.max_hours: is more than {MAX_STEPS} steps of data.bin_hours")

    @property
    def form(self) -> SeriesFormat:
        """How the table of measurements is read."""
        words = self.missing_values
        return SeriesFormat(
            id=str(self.id),
            hour=self.hour,
            variable=self.variable,
            value=self.value,
            variables=None if self.variables is None else checked_names("data.variables", self.variables),
            missing={EVERY_COLUMN: words.everywhere, **words.by_column},
            ranges={column: checked_numbers(f"data.ranges.{column}", ends) for column, ends in self._ranges.items()},
            bin_hours=self.bin_hours,
            max_hours=self.max_hours,
            window_hours=self.window_hours,
            aggregate=self.aggregate,
            layout=self.layout.as_dict(),
        )

    def read(self, split_column: str | None, *, scratch: Path | None = None) -> RawCases:
        """Return the stays, or their hours, that have a target and at least one measurement.

        Args:
            split_column: The column of the static table or of the outcomes that a predefined split is read from, if
                any; it is no feature.
            scratch: Not used: measurements fit into memory.

        Returns:
            The cases in the order of the table of outcomes; hours of one stay share its steps.

        Raises:
            DatasetNotFoundError: If a file is missing.
            SchemaError: If a file is not what the configuration says; the message names column and row.
        """
        logger.info("reading %s", self.path)
        leave_out = self._no_variables(split_column)
        measured = read_measurements(Path(self.path), self.form, leave_out=leave_out)
        static = self._static(split_column, measured)
        outcomes = self._outcomes(measured, static)
        self._require_named(measured, outcomes.text)
        found = self._reader(outcomes.text).read_cases(
            outcomes.text, split_column, Path(self.outcome_path).name, values=static.of(outcomes.stays, static.values)
        )
        stays, hours = outcomes.stays.gather(found.rows), outcomes.hours[found.rows]
        matches = self._matches(measured, static, outcomes)
        inputs, reasons = self._inputs(measured, stays, hours)
        found = found.leave_out(reasons)
        if not found.cases.height:
            raise SchemaError(
                f"{Path(self.path).name}: no stay has a measurement and a target: compare data.id in both"
            )
        is_kept = np.array([reason is None for reason in reasons])
        features = static.of(stays, static.values.drop(self._no_features(split_column), strict=False)).filter(is_kept)
        num_others = len({*measured.stays[STAY], *static.stays} - set(outcomes.stays))
        raw = found.as_raw_cases(inputs.select(is_kept), read_card(Path(self.path)))
        codes = find_measured_sentinels(measured.variables, measured.columns, measured.values)
        return replace(
            raw,
            features=features,
            cleaning={name: static.rules[name].as_dict() for name in features.columns},
            units={name: str(unit) for name, unit in (self.units or {}).items()},
            takes_unknown_levels=self.unknown_levels is not None,
            num_read=raw.num_read + num_others,
            exclusions=(*raw.exclusions, *([Exclusion(WITHOUT_LABEL, num_others)] if num_others else [])),
            has_patients=self.patient is not None or self.label_hour is not None,
            warnings=(*raw.warnings, *measured.warnings, *matches, *codes, *find_doubts(features)),
        )

    @property
    def _ranges(self) -> Mapping[str, Sequence[float]]:
        return self.ranges or {}

    def _no_variables(self, split_column: str | None) -> list[str]:
        """Return columns of the first table that have another role, lest the target be measured."""
        others = [*self._no_features(split_column), *filter(None, [self.label_hour])]
        kept = [self.id, self.hour, self.variable, self.value, *(self.variables or [])]
        return [name for name in others if name not in kept]

    @property
    def declared_features(self) -> tuple[str, ...]:
        """Columns of which a person said what kind of feature they are, so that they are no patients' ids."""
        return (*self.categorical, *self._ranges)

    def _no_features(self, split_column: str | None) -> list[str]:
        return [*self.roles.values(), *self.target_columns, *self.drop, *filter(None, [split_column])]

    def _static(self, split_column: str | None, measured: Measurements) -> StaticTable:
        if self.static_path is None:
            return StaticTable.absent()
        drop = [name for name in self.drop if name not in measured.left_out]
        others = {"drop": drop, "categorical": self.categorical, "groups": self.group_columns}
        return StaticTable.read(
            Path(self.static_path),
            stay=str(self.id),
            missing=self.missing_values,
            named={f"data.{key}": tuple(columns) for key, columns in others.items()},
            leave_out=[name for name in self._no_features(split_column) if name not in self.group_columns],
            categorical=self.categorical,
            ranges=self._ranges,
            layout=self.layout,
        )

    def _outcomes(self, measured: Measurements, static: StaticTable) -> OutcomeTable:
        return OutcomeTable.read(
            Path(self.outcome_path),
            stay=str(self.id),
            label_hour=self.label_hour,
            targets=self.target_columns,
            missing=self.missing_values,
            max_hours=self.max_hours,
            measured=measured,
            static=static,
            layout=self.layout,
        )

    def _matches(self, measured: Measurements, static: StaticTable, outcomes: OutcomeTable) -> list[str]:
        """Return how many stays of one table have no row in another, and what is doubtful of labels' hours."""
        of_outcomes, of_measurements = Path(self.outcome_path).name, Path(self.path).name
        found = [
            compare_stays(outcomes.stays, measured.stays[STAY], of_outcomes, of_measurements),
            compare_stays(measured.stays[STAY], outcomes.stays, of_measurements, of_outcomes),
        ]
        if self.static_path is not None:
            found.append(compare_stays(outcomes.stays, static.stays, of_outcomes, Path(self.static_path).name))
        if self.label_hour is not None:
            found.append(doubt_label_hours(measured, outcomes.stays, outcomes.hours, self.bin_hours, of_outcomes))
        return [warning for warning in found if warning is not None]

    def _reader(self, outcomes: pl.DataFrame) -> TimeSeriesTable:
        """Return the settings as they concern the table of outcomes."""
        words = self.missing_values
        found = {column: list(values) for column, values in words.by_column.items() if column in outcomes.columns}
        missing = {EVERY_COLUMN: list(words.everywhere), **found}
        if self.label_hour is None:
            return replace(self, missing=missing)
        return replace(self, missing=missing, id=CASE, patient=self.patient or self.id)

    def _require_named(self, measured: Measurements, outcomes: pl.DataFrame) -> None:
        value = [] if self.value is None else [self.value]
        available = [*measured.variables, *outcomes.columns, *value]
        named = {"ranges": self._ranges, "units": self.units or {}, "missing": self.missing_values.by_column}
        require_columns(
            available, {f"data.{key}": tuple(columns) for key, columns in named.items()}, "no table, so that"
        )

    def _inputs(
        self, measured: Measurements, stays: pl.Series, hours: NDArray[np.float64]
    ) -> tuple[Inputs, list[str | None]]:
        """Return the steps of each case, and why a case must be left out."""
        form = self.form
        places = dict(zip(measured.stays[STAY], range(measured.stays.height), strict=True))
        # A stay that the table of measurements does not have gets a place of its own, without any step.
        place = stays.replace_strict(places, default=len(places), return_dtype=pl.Int64).to_numpy()
        last = np.append(measured.stays[STEP].to_numpy(), -1)
        first = np.append(measured.first_steps(form), np.iinfo(np.int64).max)
        until = last[place]
        is_late = np.zeros(len(place), dtype=bool)
        if self.label_hour is not None:
            is_late = hours > (np.inf if self.window_hours is None else self.window_hours)
            until = np.where(is_late | np.isnan(hours), -1, form.steps_until(np.nan_to_num(hours, nan=-1.0)))
            np.maximum.at(last, place, until)
        too_early = NOT_MEASURED if self.label_hour is None else NOT_MEASURED_YET
        is_unmeasured = until < first[place]
        reasons = [
            NEVER if never else AFTER_WINDOW if late else too_early if unmeasured else None
            for never, late, unmeasured in zip(np.isnan(hours), is_late, is_unmeasured, strict=True)
        ]
        num_steps = last + 1
        starts = np.cumsum(num_steps) - num_steps
        values = measured.steps(form, num_steps[:-1])
        settings = replace(form, variables=measured.variables).as_dict()
        inputs = Inputs(Modality.SERIES, values, starts[place], until + 1, measured.variables, settings)
        return inputs, reasons
