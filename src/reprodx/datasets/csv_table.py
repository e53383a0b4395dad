"""Any table of patients in a CSV file, described by its YAML alone."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

import polars as pl

from reprodx.datasets.case_columns import CaseColumns
from reprodx.datasets.case_table import read_card
from reprodx.datasets.cleaning import AS_MISSING, CATEGORICAL, EXCLUDE, ColumnRule, clean, outside_range
from reprodx.datasets.column_rules import ColumnSettings, find_rules
from reprodx.datasets.feature_doubts import find_doubts
from reprodx.datasets.identifiers import SAME
from reprodx.datasets.keys import checked_names, checked_numbers, require_columns
from reprodx.datasets.other_tasks import refuse_paths, refuse_survival
from reprodx.datasets.problems import Problems
from reprodx.datasets.typed_file import read_laid_out_table
from reprodx.errors import ConfigError, SchemaError
from reprodx.inputs import Modality

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from reprodx.datasets.table_layout import TableLayout
    from reprodx.schemas import RawCases

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class CsvTable(CaseColumns):
    """A table with one row per case.

    Every column that has no other role is a feature. A feature is numeric where its values are numbers, however few
    different ones, and categorical where they are text or truth values, see `find_rules`; `categorical` and `numeric`
    overrule that.
    """

    modality: ClassVar[Modality] = Modality.TABLE
    """What kind of measurement a case is judged by."""

    path: str
    """The file; a `card.md` beside it says where the data come from."""
    drop: Sequence[str]
    """Columns that are no features."""
    ranges: Mapping[str, Sequence[float]] | None
    """Lowest and highest plausible value by column, inclusive."""
    units: Mapping[str, str] | None
    """Unit of measurement by column."""
    categorical: Sequence[str]
    """Columns that are categories although they hold numbers."""
    numeric: Sequence[str]
    """Columns that are numeric although most of their values look like text; a limit such as <0.5 is read as 0.5."""
    case_sensitive: Sequence[str] = ()
    """Columns of categories in which F and f differ."""
    outside: Literal["error", "missing", "exclude"] = "error"
    """What becomes of a value outside its range: refused, counted as missing, or its case left out and counted."""
    unknown_levels: Literal["other"] | None = None
    """"other" where a served model takes a level that no training case had for none of theirs; None to refuse it."""

    def __post_init__(self) -> None:
        """Check what can be checked without the file.

        Raises:
            ConfigError: If a key holds what it cannot.
        """
        super().__post_init__()
        for key in ("drop", "categorical", "numeric", "case_sensitive"):
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
        table, layout = self.text_table()
        refuse_paths(self.target_columns, table.columns, self._source)
        require_columns(table.columns, self.named_columns(split_column), self._source)
        features = self._features(table.columns, split_column)
        columns = list(dict.fromkeys([*features, *self.group_columns]))
        values, rules, notes = self._values(table, columns, split_column, layout)
        found = self.read_cases(table, split_column, self._source, values=values)
        num_unlabelled = found.num_read - found.cases.height
        values, reasons, outside = _placed(values, rules)
        found = found.leave_out([reasons.get(row) for row in found.rows.tolist()]) if reasons else found
        if not found.cases.height:
            raise SchemaError(f"{self._source}: no case is left: look at data.ranges and data.outside")
        for note in (*notes, *outside):
            logger.info("%s: %s", self._source, note)
        logger.info("read %d rows, %d features, %d without a target", found.num_read, len(features), num_unlabelled)
        of_rows = values.select(features)
        return replace(
            found.as_bare_cases(read_card(Path(self.path))),
            features=of_rows[found.rows] if found.cases.height < of_rows.height else of_rows,
            units={name: str(unit) for name, unit in (self.units or {}).items()},
            cleaning={name: rules[name].as_dict() for name in features},
            takes_unknown_levels=self.unknown_levels is not None,
            warnings=(*found.warnings, *find_doubts(of_rows)),
            notes=(*notes, *outside),
        )

    def text_table(self) -> tuple[pl.DataFrame, TableLayout]:
        """Return the cells of the file as text, and how it is written."""
        return read_laid_out_table(Path(self.path), self.layout, "data.path")

    @property
    def _source(self) -> str:
        return Path(self.path).name

    @property
    def _ranges(self) -> Mapping[str, Sequence[float]]:
        return self.ranges or {}

    @property
    def declared_features(self) -> tuple[str, ...]:
        """Columns of which a person said what kind of feature they are, so that they are no patients' ids."""
        return (*self.categorical, *self.numeric, *self._ranges)

    def named_columns(self, split_column: str | None) -> dict[str, Sequence[str]]:
        """Return the columns that must exist, by the key that names them."""
        lists = {"drop": self.drop, "categorical": self.categorical, "numeric": self.numeric}
        lists |= {"case_sensitive": self.case_sensitive}
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

    def _values(
        self, table: pl.DataFrame, columns: Sequence[str], split_column: str | None, layout: TableLayout
    ) -> tuple[pl.DataFrame, dict[str, ColumnRule], list[str]]:
        """Return clean values, which may lie outside their ranges, with their rules and what is said of these."""
        settings = ColumnSettings(
            self.missing_values,
            layout,
            self.categorical,
            self.numeric,
            # Words of groups in two spellings are refused where groups are made.
            [*self.case_sensitive, *(() if self.group_spelling == SAME else self.group_columns)],
            self._ranges,
            self.outside,
        )
        found = find_rules(table.select(columns), settings)
        problems = Problems(self._source, found.problems)
        values = pl.DataFrame()
        with problems.noted():
            rules = found.rules
            if self.outside in (AS_MISSING, EXCLUDE):
                # Counted below, once it is known which rows are cases.
                rules = {name: replace(rule, low=None, high=None) for name, rule in rules.items()}
            values = clean(table, rules, self._source)
        if problems.found:
            # What is wrong with the target and the names belongs into the same message.
            with problems.noted():
                replace(self, groups=None).read_cases(table, split_column, self._source)
        problems.refuse()
        return values, found.rules, found.notes


def _placed(values: pl.DataFrame, rules: Mapping[str, ColumnRule]) -> tuple[pl.DataFrame, dict[int, str], list[str]]:
    """Return values without those outside their ranges, why rows are left out, and what is to be said of it."""
    reasons: dict[int, str] = {}
    notes = []
    for name, rule in rules.items():
        is_outside = None if rule.kind == CATEGORICAL else outside_range(values[name], rule)
        if is_outside is None:
            continue
        if rule.outside == EXCLUDE:
            reasons |= {row: f"{name} is outside data.ranges" for row in is_outside.arg_true() if row not in reasons}
        else:
            values = values.with_columns(values[name].set(is_outside, None))
            notes.append(f"column {name!r}: {is_outside.sum()} values outside data.ranges count as missing")
    return values, reasons, notes
