"""From clean features to the numbers that a network takes: fitted on training cases only, kept as one JSON file.

That file is all that serving needs: it also says how raw tables are cleaned, and holds a synthetic example.
"""

from __future__ import annotations

import difflib
import logging
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from reprodx.datasets.cleaning import NUMERIC, ColumnRule, clean
from reprodx.datasets.plain_columns import as_text, is_plain
from reprodx.datasets.row_numbers import row_number
from reprodx.errors import SchemaError, first_of
from reprodx.preparation.columns import CategoricalColumn, NumericColumn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

logger = logging.getLogger(__name__)

AS_IN_TRAINING = "write a number as the training table does, or leave the cell empty"
"""What a served model asks for where a cell holds something else."""
MAX_LEVELS = 100
"""More levels than this are one-hot encoded only where a person declared the column in `data.categorical`."""
MAX_SHOWN = 10
"""Levels that a message names."""


@dataclass(frozen=True)
class TableTransform:
    """The transforms of a table, with the rules that clean it."""

    columns: tuple[NumericColumn | CategoricalColumn, ...]
    dropped: Mapping[str, str]
    """Columns that are no use to a model, with the reason."""
    cleaning: Mapping[str, ColumnRule]
    """How the raw text of each of `columns` becomes values."""
    units: Mapping[str, str]
    """Unit of measurement by column, where known."""
    takes_unknown_levels: bool = False
    """Whether a level that no training case had counts as none of theirs in a new case, instead of being refused."""

    @classmethod
    def fit(
        cls,
        train: pl.DataFrame,
        cleaning: Mapping[str, Any],
        units: Mapping[str, str],
        *,
        takes_unknown_levels: bool = False,
    ) -> TableTransform:
        """Return the transforms of these training cases.

        Args:
            train: Clean features of the training cases: Float64 or String, null is missing.
            cleaning: For each feature a `ColumnRule` as JSON.
            units: Unit of measurement by feature, where known.
            takes_unknown_levels: Whether new cases may have levels that no training case has.

        Returns:
            Transforms for the features that vary.

        Raises:
            SchemaError: If no feature varies, an undeclared categorical column has more than `MAX_LEVELS` levels, or
                two features would have the same name.
        """
        rules = {name: ColumnRule.from_dict(rule) for name, rule in cleaning.items()}
        columns, dropped = [], {}
        for values in train:
            column = (NumericColumn if rules[values.name].kind == NUMERIC else CategoricalColumn).fit(values)
            if column is None:
                dropped[values.name] = "no value among the training cases"
            elif not column.features():
                dropped[values.name] = "constant among the training cases"
            else:
                _check_levels(column, rules[values.name])
                columns.append(column)
        kept = {column.name: rules[column.name] for column in columns}
        units = {name: units[name] for name in kept if name in units}
        return cls(tuple(columns), dropped, kept, units, takes_unknown_levels)._checked()

    @classmethod
    def empty(cls) -> TableTransform:
        """Return the transforms of cases without features."""
        return cls((), {}, {}, {})

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the features in the order in which a network takes them."""
        return tuple(feature.name for column in self.columns for feature in column.features())

    def encode(self, features: pl.DataFrame) -> pl.DataFrame:
        """Return the features as a network takes them, Float32 and named, from clean ones."""
        if not self.columns:
            return pl.DataFrame(height=features.height)
        wanted = [feature for column in self.columns for feature in column.features()]
        return features.select(feature.expression.cast(pl.Float32).alias(feature.name) for feature in wanted)

    def apply(self, features: pl.DataFrame) -> NDArray[np.float32]:
        """Return the features as a network takes them, shape (cases, features), from clean ones."""
        return np.ascontiguousarray(self.encode(features).to_numpy(), dtype=np.float32)

    def clean_raw(self, table: pl.DataFrame) -> pl.DataFrame:
        """Return clean features from a table as a clinician has it.

        Args:
            table: The columns of training in any order and of any type; further columns are ignored, and a column may
                be null throughout.

        Returns:
            Float64 and String columns; null is missing.

        Raises:
            SchemaError: If a column is absent, a numeric one holds text, a value is out of its range, or a level is one
                that no training case had and that the owner of the data did not let pass.
        """
        for name in self.cleaning:
            if name not in table.columns:
                near = difflib.get_close_matches(name, table.columns, n=1, cutoff=0.6)
                hint = f"is {near[0]!r} it?" if near else "add it, empty where it was not measured"
                raise SchemaError(f"the table has no column {name!r}: {hint}")
        if not self.cleaning:
            return pl.DataFrame(height=table.height)
        cells = [_cells(table[name], rule) for name, rule in self.cleaning.items()]
        features = clean(pl.DataFrame(cells), self.cleaning, "the table", AS_IN_TRAINING)
        if not self.takes_unknown_levels:
            self._refuse_unknown_levels(features)
        for warning in self.surprises(features):
            logger.warning(warning)
        return features

    def surprises(self, features: pl.DataFrame) -> list[str]:
        """Return in words what these cases have that no training case had: levels, and missing values."""
        found = []
        for column in self.columns:
            values = features[column.name]
            num_missing = values.null_count()
            if num_missing and not column.has_indicator:
                found.append(
                    f"{column.name}: missing in {num_missing} cases and in none of training, so no feature marks it"
                )
            if isinstance(column, CategoricalColumn):
                num_unknown = int(column.is_unknown(values).sum())
                if num_unknown:
                    found.append(f"{column.name}: {num_unknown} cases have a level that no training case had")
        return found

    def _refuse_unknown_levels(self, features: pl.DataFrame) -> None:
        for column in self.columns:
            if isinstance(column, CategoricalColumn) and (is_unknown := column.is_unknown(features[column.name])).any():
                known = first_of([repr(level) for level in column.levels], MAX_SHOWN)
                raise SchemaError(
                    f"the table, row {row_number(is_unknown)}: column {column.name!r} has a level that no training "
                    f"case had ({is_unknown.sum()} such rows), known are {known}: write one of these, leave the "
                    f"cell empty, or train with data.unknown_levels=other"
                )

    def example(self) -> dict[str, float | str]:
        """Return a raw row that belongs to no patient: medians and modes of the training cases."""
        return {column.name: column.example for column in self.columns}

    def to_json(self) -> dict[str, Any]:
        """Return the content of `transforms.json`."""
        return {
            "columns": [asdict(column) for column in self.columns],
            "dropped": dict(self.dropped),
            "cleaning": {name: rule.as_dict() for name, rule in self.cleaning.items()},
            "units": dict(self.units),
            "takes_unknown_levels": self.takes_unknown_levels,
            "example": self.example(),
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> TableTransform:
        """Return the transforms that `to_json` made `content` from."""
        columns: list[NumericColumn | CategoricalColumn] = []
        for column in content["columns"]:
            if "levels" in column:
                columns.append(CategoricalColumn(**{**column, "levels": tuple(column["levels"])}))
            else:
                columns.append(NumericColumn(**column))
        cleaning = {name: ColumnRule.from_dict(rule) for name, rule in content["cleaning"].items()}
        takes_unknown_levels = content.get("takes_unknown_levels", False)
        return cls(tuple(columns), content["dropped"], cleaning, content["units"], takes_unknown_levels)

    def _checked(self) -> TableTransform:
        names = self.feature_names
        if not names:
            raise SchemaError("no feature varies among the training cases: look at data.drop and data.missing")
        repeated = [name for name in names if names.count(name) > 1]
        if repeated:
            raise SchemaError(f"two features are called {repeated[0]!r}: rename a column of the table")
        return self


def _check_levels(column: NumericColumn | CategoricalColumn, rule: ColumnRule) -> None:
    if isinstance(column, CategoricalColumn) and len(column.levels) > MAX_LEVELS and not rule.is_declared:
        raise SchemaError(
            f"column {column.name!r} has {len(column.levels)} different words: name it in data.patient if they "
            f"say whose case it is, else in data.drop, or in data.categorical if each is to be a feature"
        )


def _cells(column: pl.Series, rule: ColumnRule) -> pl.Series:
    """Return a column of one value a row as its rule reads it: numbers, else text; null where it holds nothing."""
    if column.dtype == pl.Object:
        words = [None if value is None else _word(value, rule) for value in column]
        return pl.Series(column.name, words, dtype=pl.String).replace(["nan", "<NA>", "NaT"], None)
    if not is_plain(column):
        raise SchemaError(f"the table: column {column.name!r} holds lists, bytes or tables: give one value a row")
    if column.dtype.is_numeric() and rule.kind == NUMERIC:
        return column
    return as_text(column.to_frame(), rule.numbers.decimal).to_series()


def _word(value: object, rule: ColumnRule) -> str:
    """Return an object as text, a number as the column writes its decimals."""
    return str(value).replace(".", rule.numbers.decimal) if isinstance(value, float) else str(value)
