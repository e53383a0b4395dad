"""Any table of patients in a CSV file, described by its YAML alone."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from reprodx.datasets.case_table import CaseColumns, read_card
from reprodx.datasets.cleaning import CATEGORICAL, NUMERIC, ColumnRule, clean, find_kind
from reprodx.datasets.keys import checked_names, checked_numbers, require_columns
from reprodx.datasets.other_tasks import refuse_survival
from reprodx.datasets.typed_file import read_text_table
from reprodx.errors import ConfigError, SchemaError
from reprodx.inputs import Modality
from reprodx.schemas import RawCases

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import polars as pl

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class CsvTable(CaseColumns):
    """A comma-separated table with a header and one row per case.

    Every column that has no other role is a feature. A feature is numeric where its values are numbers, however few
    different ones, and categorical where they are text or truth values; `categorical` and `numeric` overrule that.
    """

    modality: ClassVar[Modality] = Modality.TABLE
    """What kind of measurement a case is judged by."""

    path: str
    """The CSV file; a `card.md` beside it says where the data come from."""
    drop: Sequence[str]
    """Columns that are no features."""
    ranges: Mapping[str, Sequence[float]] | None
    """Lowest and highest plausible value by column, inclusive."""
    units: Mapping[str, str] | None
    """Unit of measurement by column."""
    categorical: Sequence[str]
    """Columns that are categories although they hold numbers."""
    numeric: Sequence[str]
    """Columns that are numeric although most of their values look like text."""
    unknown_levels: Literal["other"] | None
    """"other" where a served model takes a level that no training case had for none of theirs; None to refuse it."""

    def __post_init__(self) -> None:
        """Check what can be checked without the file.

        Raises:
            ConfigError: If a key holds what it cannot.
        """
        super().__post_init__()
        for key in ("drop", "categorical", "numeric"):
            checked_names(f"data.{key}", getattr(self, key))
        for column, bounds in self._ranges.items():
            if len(checked_numbers(f"data.ranges.{column}", bounds)) != 2:
                raise ConfigError(f"data.ranges.{column}: must be [lowest, highest]")
        for column in self.categorical:
            if column in self.numeric or column in self._ranges:
                raise ConfigError(f"data.categorical: {column!r} is in data.numeric or data.ranges too: choose")

    def read(self, split_column: str | None, *, scratch: Path | None = None) -> RawCases:
        """Return the cases of the file.

        Args:
            split_column: The column that a predefined split is read from, if any; it is no feature.
            scratch: Not used: a table fits in memory.

        Returns:
            The cases that have a target, in the order of the file.

        Raises:
            DatasetNotFoundError: If there is no such file.
            SchemaError: If the file is not what the configuration says; the message names column and row.
        """
        logger.info("reading %s", self.path)
        table = self.text_table()
        require_columns(table.columns, self.named_columns(split_column), self._source)
        features = self._features(table.columns, split_column)
        rules = {name: self._rule(table[name]) for name in dict.fromkeys([*features, *self.group_columns])}
        values = clean(table, rules, self._source)
        found = self.read_cases(table, split_column, self._source, values=values)
        num_unlabelled = found.num_read - found.cases.height
        logger.info("read %d rows, %d features, %d without a target", found.num_read, len(features), num_unlabelled)
        return RawCases(
            cases=found.cases,
            features=values.select(features)[found.rows] if num_unlabelled else values.select(features),
            classes=found.classes,
            num_read=found.num_read,
            exclusions=found.exclusions,
            has_patients=self.patient is not None,
            card=read_card(Path(self.path)),
            units={name: str(unit) for name, unit in (self.units or {}).items()},
            cleaning={name: rules[name].as_dict() for name in features},
            takes_unknown_levels=self.unknown_levels is not None,
            reference_standard=self.reference_standard,
            declared_task=found.task,
            class_values=found.class_values,
            undeclared_patients=found.undeclared_patients,
            warnings=found.warnings,
        )

    def text_table(self) -> pl.DataFrame:
        """Return the cells of the file as text."""
        return read_text_table(Path(self.path), self.layout)

    @property
    def _source(self) -> str:
        return Path(self.path).name

    @property
    def _ranges(self) -> Mapping[str, Sequence[float]]:
        return self.ranges or {}

    def named_columns(self, split_column: str | None) -> dict[str, Sequence[str]]:
        """Return the columns that must exist, by the key that names them."""
        lists = {"drop": self.drop, "categorical": self.categorical, "numeric": self.numeric}
        lists |= {"ranges": tuple(self._ranges), "units": tuple(self.units or {})}
        lists["acknowledge.features"] = self.acknowledged.features
        return super().named_columns(split_column) | {f"data.{key}": columns for key, columns in lists.items()}

    def _features(self, columns: Sequence[str], split_column: str | None) -> list[str]:
        others = {*self.roles.values(), *self.target_columns, *self.drop, split_column}
        features = [name for name in columns if name not in others]
        suspects = [name for name in features if name not in self.acknowledged.features]
        refuse_survival(self.target_columns, suspects, self._source)
        if not features:
            raise SchemaError(f"{self._source} has no column left to learn from: look at data.drop")
        return features

    def _rule(self, text: pl.Series) -> ColumnRule:
        missing = self.missing_values.of(text.name)
        is_declared = text.name in self.categorical or text.name in self.numeric or text.name in self._ranges
        if is_declared:
            kind = CATEGORICAL if text.name in self.categorical else NUMERIC
        else:
            kind = find_kind(text, missing, self._source)
        low, high = self._ranges.get(text.name, (None, None))
        return ColumnRule(kind, missing, low, high, is_declared)
