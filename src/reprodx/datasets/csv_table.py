"""Any table of patients in a CSV file, described by its YAML alone."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from reprodx.datasets.acknowledged import Acknowledged
from reprodx.datasets.cleaning import CATEGORICAL, NUMERIC, ColumnRule, as_plain, clean, find_kind, labels
from reprodx.datasets.csv_file import read_text_table, row_number
from reprodx.datasets.groups import group_of
from reprodx.datasets.identifiers import number_cases, read_case_ids, read_names
from reprodx.datasets.keys import checked_names, checked_numbers, require_columns
from reprodx.datasets.missing_values import MissingValues
from reprodx.datasets.target import Target, read_target
from reprodx.datasets.times import read_times
from reprodx.errors import ConfigError, SchemaError
from reprodx.schemas import CASE_ID, GROUP_PREFIX, PATIENT_ID, SITE, TIME, Y_TRUE, Exclusion, RawCases

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class CsvTable:
    """A comma-separated table with a header and one row per case.

    Every column that has no other role is a feature. A feature is numeric where its values are numbers, however few
    different ones, and categorical where they are text or truth values; `categorical` and `numeric` overrule that.
    """

    path: str
    """The CSV file; a `card.md` beside it says where the data come from."""
    target: str
    """The column to predict."""
    positive: str | float | bool | Sequence[str | float | bool] | None
    """Values of the target that mean disease; None to take each value for a class."""
    negative: str | float | bool | Sequence[str | float | bool] | None
    """Values of the target that mean no disease, any other being an error; None for all that are not positive."""
    reference_standard: str | None
    """How the true class was established, in words."""
    id: str | None
    """The column that names the case; None for its row in the file."""
    patient: str | None
    """The column that names the patient; None where each row is a patient of its own."""
    site: str | None
    """The column that says where the case was seen."""
    time: str | None
    """The column that says when: numbers or ISO dates."""
    groups: Sequence[str] | Mapping[str, Sequence[float] | None] | None
    """Columns of subgroups to report; with cuts between bands, or None for thirds of a numeric column."""
    drop: Sequence[str]
    """Columns that are no features."""
    drop_unlabelled: bool
    """Whether cases without a target are left out and counted; else they are an error."""
    missing: Sequence[str | float] | Mapping[str, Sequence[str | float]] | None
    """Values that mean missing, see `MissingValues`."""
    ranges: Mapping[str, Sequence[float]] | None
    """Lowest and highest plausible value by column, inclusive."""
    units: Mapping[str, str] | None
    """Unit of measurement by column."""
    categorical: Sequence[str]
    """Columns that are categories although they hold numbers."""
    numeric: Sequence[str]
    """Columns that are numeric although most of their values look like text."""
    acknowledge: Mapping[str, object]
    """Leaks to let through, see `Acknowledged`."""

    def __post_init__(self) -> None:
        """Check what can be checked without the file.

        Raises:
            ConfigError: If a key holds what it cannot.
        """
        for key in ("drop", "categorical", "numeric"):
            checked_names(f"data.{key}", getattr(self, key))
        for column in self._groups:
            self._cuts(column)
        for column, bounds in self._ranges.items():
            if len(checked_numbers(f"data.ranges.{column}", bounds)) != 2:
                raise ConfigError(f"data.ranges.{column}: must be [lowest, highest]")
        for column in self.categorical:
            if column in self.numeric or column in self._ranges:
                raise ConfigError(f"data.categorical: {column!r} is in data.numeric or data.ranges too: choose")
        MissingValues.from_config(self.missing)
        Acknowledged.from_config(self.acknowledge)

    @property
    def acknowledged(self) -> Acknowledged:
        """Leaks that the leakage gate lets through."""
        return Acknowledged.from_config(self.acknowledge)

    def read(self, split_column: str | None) -> RawCases:
        """Return the cases of the file.

        Args:
            split_column: The column that a predefined split is read from, if any; it is no feature.

        Returns:
            The cases that have a target, in the order of the file.

        Raises:
            DatasetNotFoundError: If there is no such file.
            SchemaError: If the file is not what the configuration says; the message names column and row.
        """
        logger.info("reading %s", self.path)
        table = self.text_table()
        require_columns(table.columns, self._named_columns(split_column), self._source)
        features = self._features(table.columns, split_column)
        rules = {name: self._rule(table[name]) for name in dict.fromkeys([*features, *self._groups])}
        values = clean(table, rules, self._source)
        target = self._target(table[self.target])
        cases = self._cases(table, values, target, split_column)
        is_labelled = target.values.is_not_null()
        num_unlabelled = table.height - int(is_labelled.sum())
        logger.info("read %d rows, %d features, %d without a target", table.height, len(features), num_unlabelled)
        if num_unlabelled:
            cases, values = cases.filter(is_labelled), values.filter(is_labelled)
        return RawCases(
            cases=cases,
            features=values.select(features),
            classes=target.classes,
            num_read=table.height,
            exclusions=(Exclusion("the target is missing", num_unlabelled),) if num_unlabelled else (),
            has_patients=self.patient is not None,
            card=self._card(),
            units={name: str(unit) for name, unit in (self.units or {}).items()},
            cleaning={name: rules[name].as_dict() for name in features},
            reference_standard=self.reference_standard,
        )

    def text_table(self) -> pl.DataFrame:
        """Return the cells of the file as text."""
        return read_text_table(Path(self.path))

    @property
    def _source(self) -> str:
        return Path(self.path).name

    @property
    def _roles(self) -> dict[str, str]:
        roles = {"target": self.target, "id": self.id, "patient": self.patient, "site": self.site, "time": self.time}
        return {f"data.{key}": column for key, column in roles.items() if column is not None}

    @property
    def _ranges(self) -> Mapping[str, Sequence[float]]:
        return self.ranges or {}

    @property
    def _groups(self) -> tuple[str, ...]:
        return checked_names(
            "data.groups", list(self.groups) if isinstance(self.groups, Mapping) else self.groups or []
        )

    @property
    def _missing(self) -> MissingValues:
        return MissingValues.from_config(self.missing)

    def _named_columns(self, split_column: str | None) -> dict[str, Sequence[str]]:
        lists = {"drop": self.drop, "categorical": self.categorical, "numeric": self.numeric, "groups": self._groups}
        lists |= {"ranges": tuple(self._ranges), "units": tuple(self.units or {})}
        lists["missing"] = tuple(self._missing.by_column)
        named: dict[str, Sequence[str]] = {key: [column] for key, column in self._roles.items()}
        named |= {f"data.{key}": columns for key, columns in lists.items()}
        named["data.acknowledge.features"] = self.acknowledged.features
        return named | ({} if split_column is None else {"split.column": [split_column]})

    def _features(self, columns: Sequence[str], split_column: str | None) -> list[str]:
        others = {*self._roles.values(), *self.drop, split_column}
        features = [name for name in columns if name not in others]
        if not features:
            raise SchemaError(f"{self._source} has no column left to learn from: look at data.drop")
        return features

    def _cuts(self, column: str) -> Sequence[float] | None:
        cuts = self.groups[column] if isinstance(self.groups, Mapping) else None
        return None if cuts is None else checked_numbers(f"data.groups.{column}", cuts)

    def _rule(self, text: pl.Series) -> ColumnRule:
        missing = self._missing.of(text.name)
        is_declared = text.name in self.categorical or text.name in self.numeric or text.name in self._ranges
        if is_declared:
            kind = CATEGORICAL if text.name in self.categorical else NUMERIC
        else:
            kind = find_kind(text, missing, self._source)
        low, high = self._ranges.get(text.name, (None, None))
        return ColumnRule(kind, missing, low, high, is_declared)

    def _target(self, text: pl.Series) -> Target:
        declared = {"positive": self.positive, "negative": self.negative}
        target = read_target(
            text,
            **{key: _plain_values(value) for key, value in declared.items()},
            missing=self._missing.of(text.name),
            source=self._source,
        )
        if self.positive is None and len(target.classes) == 2:
            logger.info("class %s is taken for the positive one; data.positive can say otherwise", target.classes[1])
        is_missing = target.values.is_null()
        if is_missing.any() and not self.drop_unlabelled:
            raise SchemaError(
                f"{self._source}, row {row_number(is_missing)}: the target {text.name!r} is missing "
                f"({is_missing.sum()} such rows): data.drop_unlabelled=true leaves them out"
            )
        return target

    def _cases(
        self, table: pl.DataFrame, values: pl.DataFrame, target: Target, split_column: str | None
    ) -> pl.DataFrame:
        def names(key: str, column: str) -> pl.Series:
            return read_names(table[column], self._missing.of(column), f"data.{key}", self._source)

        ids = number_cases(table.height)
        if self.id is not None:
            ids = read_case_ids(table[self.id], self._missing.of(self.id), self._source)
        columns = {CASE_ID: ids, PATIENT_ID: ids if self.patient is None else names("patient", self.patient)}
        if self.site is not None:
            columns[SITE] = names("site", self.site)
        if self.time is not None:
            columns[TIME] = read_times(table[self.time], self._missing.of(self.time), self._source)
        columns[Y_TRUE] = target.values
        columns |= {GROUP_PREFIX + name: group_of(values[name], self._cuts(name)) for name in self._groups}
        if split_column in columns and split_column not in self._roles.values():
            raise ConfigError(f"split.column: {split_column!r} is a name of ours for another column: rename it")
        if split_column is not None and split_column not in columns:
            columns[split_column] = labels(table[split_column], self._missing.of(split_column))
        return pl.DataFrame(columns)

    def _card(self) -> str:
        card = Path(self.path).with_name("card.md")
        return card.read_text(encoding="utf-8") if card.is_file() else f"# {self._source}\n\nThere is no card.md.\n"


def _plain_values(value: object) -> list[str]:
    values = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
    return [as_plain(item) for item in values if item is not None]
