"""The columns of the table that every reader has: who each case is, what its true class is, and of which groups.

A reader of pictures, signals, series or texts inherits the settings from `CaseColumns`, reads its table as text, and
lets `CaseColumns.read_cases` turn the rows into a `CaseTable`:

```python
@dataclass(frozen=True, kw_only=True)
class Recordings(CaseColumns):
    path: str
    record: str

    def read(self, split_column: str | None, *, scratch: Path | None = None) -> RawCases:
        table = read_text_table(Path(self.path), self.layout)
        found = self.read_cases(table, split_column, Path(self.path).name, others={"data.record": [self.record]})
        records = table[self.record].gather(found.rows)  # one for each case, in the order of the cases
        found = found.leave_out(reasons)  # for each case None, or a rule such as "the record is truncated"
        return found.as_raw_cases(inputs, read_card(Path(self.path)))
```
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Literal

import numpy as np
import polars as pl

from reprodx.datasets.acknowledged import Acknowledged
from reprodx.datasets.case_table import CaseTable, label_truth
from reprodx.datasets.cleaning import as_plain, clean, labels
from reprodx.datasets.column_rules import ColumnSettings, find_rules
from reprodx.datasets.groups import group_of
from reprodx.datasets.identifiers import EXACT, number_cases, read_case_ids, read_names, settle_spellings
from reprodx.datasets.keys import checked_names, checked_numbers, require_columns
from reprodx.datasets.missing_values import MissingValues
from reprodx.datasets.other_tasks import refuse_paths
from reprodx.datasets.problems import Problems
from reprodx.datasets.row_numbers import row_number
from reprodx.datasets.table_layout import LayoutKeys
from reprodx.datasets.target import Target, arranged, read_labels, read_target
from reprodx.datasets.times import read_times
from reprodx.datasets.undeclared_patients import find_undeclared_patients
from reprodx.errors import ConfigError, SchemaError
from reprodx.schemas import CASE_ID, GROUP_PREFIX, PATIENT_ID, SITE, TIME, Y_TRUE, ClassValue, Exclusion, Task

if TYPE_CHECKING:
    from collections.abc import Iterator

logger = logging.getLogger(__name__)

UNLABELLED = "the target is missing"
"""The rule that leaves out cases without a true class."""


@dataclass(frozen=True, kw_only=True)
class CaseColumns(LayoutKeys):
    """Which column of a table plays which role, as every reader's YAML says it."""

    target: str | Sequence[str]
    """The column to predict; or columns of 0 and 1, each of which is a label, of which a case may have several."""
    positive: str | float | bool | Sequence[str | float | bool] | None
    """Values of the target that mean disease; None to take each value for a class."""
    negative: str | float | bool | Sequence[str | float | bool] | None
    """Values of the target that mean no disease, any other being an error; None for the others, where it is one or
    they are lower grades."""
    classes: Mapping[str | float | bool, str] | None = None
    """What classes are called, by value of the target; values of one name are one class. None for their values."""
    task: Literal["ordinal"] | None
    """"ordinal" where the classes are grades; None where the target says it all."""
    order: Sequence[str | float] | None
    """Classes from lowest to highest; None for the order of the numbers or letters."""
    reference_standard: str | None
    """How the true class was established, in words."""
    id: str | None
    """The column that names the case; None for its row in the file."""
    patient: str | None
    """The column that names the patient; None where each row is a patient of its own."""
    patient_spelling: Literal["same", "exact"] | None = None
    """Whether patients' ids that differ in spelling alone are one ("same") or several ("exact"); None refuses them."""
    site: str | None
    """The column that says where the case was seen."""
    site_spelling: Literal["same", "exact"] | None = None
    """The same for sites."""
    time: str | None
    """The column that says when: numbers or ISO dates."""
    groups: Sequence[str] | Mapping[str, Sequence[float] | None] | None
    """Columns of subgroups to report; with cuts between bands, or None for thirds of a numeric column."""
    group_spelling: Literal["same", "exact"] | None = None
    """The same for words of such columns."""
    drop_unlabelled: bool
    """Whether cases without a target are left out and counted; else they are an error."""
    missing: Sequence[str | float] | Mapping[str, Sequence[str | float]] | None
    """Values that mean missing, see `MissingValues`."""
    acknowledge: Mapping[str, object]
    """Leaks to let through, see `Acknowledged`."""

    def __post_init__(self) -> None:
        """Check what can be checked without the file.

        Raises:
            ConfigError: If a key holds what it cannot.
        """
        for column in self.group_columns:
            self._cuts(column)
        if not self.target_columns:
            raise ConfigError("data.target: names no column; give one, or several of 0 and 1")
        if self.task is not None and (self.positive is not None or not isinstance(self.target, str)):
            raise ConfigError("data.task: classes of grades are the values of one target; leave data.positive null")
        self._check_classes()
        MissingValues.from_config(self.missing)
        _ = self.layout
        Acknowledged.from_config(self.acknowledge)

    @property
    def acknowledged(self) -> Acknowledged:
        """Leaks that the leakage gate lets through."""
        return Acknowledged.from_config(self.acknowledge)

    @property
    def missing_values(self) -> MissingValues:
        """Values that mean missing, by column."""
        return MissingValues.from_config(self.missing)

    @property
    def target_columns(self) -> tuple[str, ...]:
        """The column to predict, or the columns of labels."""
        return (self.target,) if isinstance(self.target, str) else checked_names("data.target", self.target)

    @property
    def group_columns(self) -> tuple[str, ...]:
        """Columns of subgroups."""
        return checked_names(
            "data.groups", list(self.groups) if isinstance(self.groups, Mapping) else self.groups or []
        )

    @property
    def roles(self) -> dict[str, str]:
        """The column that plays each role of one column."""
        roles = {"id": self.id, "patient": self.patient, "site": self.site, "time": self.time}
        return {f"data.{key}": column for key, column in roles.items() if column is not None}

    @property
    def declared_features(self) -> tuple[str, ...]:
        """Columns of which a person said what kind of feature they are, so that they are no patients' ids."""
        return ()

    def named_columns(self, split_column: str | None) -> dict[str, Sequence[str]]:
        """Return the columns that must exist, by the key that names them."""
        named: dict[str, Sequence[str]] = {key: [column] for key, column in self.roles.items()}
        named |= {"data.target": self.target_columns, "data.groups": self.group_columns}
        named |= {"data.missing": tuple(self.missing_values.by_column)}
        return named | ({} if split_column is None else {"split.column": [split_column]})

    def read_cases(
        self,
        table: pl.DataFrame,
        split_column: str | None,
        source: str,
        *,
        others: Mapping[str, Sequence[str]] | None = None,
        label_columns: pl.DataFrame | None = None,
        class_values: tuple[ClassValue, ...] = (),
        values: pl.DataFrame | None = None,
    ) -> CaseTable:
        """Return the rows of a table that are cases.

        Args:
            table: Columns of text, a row for each case, all rows of the file.
            split_column: The column that a predefined split is read from, if any.
            source: What the table is called in messages.
            others: Further columns that must exist, by the key of the configuration that names them.
            label_columns: Labels that the reader made itself from the target: columns of 0 and 1, Int8, null where
                unknown, with the rows of `table`.
            class_values: Which values became which of these labels.
            values: Clean values of the columns of subgroups; None to clean them here.

        Returns:
            The rows that have a target.

        Raises:
            ConfigError: If a key holds what it cannot.
            SchemaError: If the table is not what the configuration says; the message names column and row.
        """
        refuse_paths(self.target_columns, table.columns, source)
        require_columns(table.columns, {**self.named_columns(split_column), **(others or {})}, source)
        if label_columns is None and not isinstance(self.target, str):
            label_columns, class_values = self._labels(table, source)
        if label_columns is None:
            target = self._target(table, source)
            truth, task = target.values.alias(Y_TRUE).to_frame(), self.task and Task(self.task)
        else:
            target = Target(pl.Series(), tuple(label_columns.columns), class_values)
            truth, task = label_truth(label_columns), Task.MULTILABEL
        self._refuse_unlabelled(truth[Y_TRUE].is_null(), target.class_values, source)
        target = target if label_columns is not None else self._arranged(target, source)
        values = self._group_values(table, source) if values is None else values
        cases = self._columns(table, truth, values, split_column, source)
        is_labelled = cases[Y_TRUE].is_not_null()
        num_unlabelled = cases.height - int(is_labelled.sum())
        undeclared = self._undeclared_patients(table, split_column, others or {})
        return CaseTable(
            cases=cases.filter(is_labelled) if num_unlabelled else cases,
            classes=target.classes,
            class_values=target.class_values,
            rows=np.flatnonzero(is_labelled.to_numpy()),
            num_read=cases.height,
            exclusions=(Exclusion(UNLABELLED, num_unlabelled),) if num_unlabelled else (),
            task=task,
            has_patients=self.patient is not None,
            reference_standard=self.reference_standard,
            undeclared_patients={name: why for name, why in undeclared.items() if name not in self.declared_features},
            warnings=(*target.warnings, *_patient_warnings(undeclared, table)),
        )

    def _undeclared_patients(
        self, table: pl.DataFrame, split_column: str | None, others: Mapping[str, Sequence[str]]
    ) -> dict[str, str]:
        if self.patient is not None:
            # Hours of a stay agree in all that is known of the stay, so that each stay speaks once.
            table = table.unique(self.patient, keep="first", maintain_order=True)
        named = {*self.roles.values(), *self.target_columns, split_column, *chain.from_iterable(others.values())}
        ids = [column for column in (self.id, self.patient) if column is not None]
        return find_undeclared_patients(
            table, candidates=[name for name in table.columns if name not in named], ids=ids
        )

    def _arranged(self, target: Target, source: str) -> Target:
        where = f"{source}: the target {self.target!r}"
        is_ordinal = self.task is not None
        if is_ordinal and len(target.classes) < 3:
            raise SchemaError(f"{where} has two classes: data.task=null predicts which")
        is_declared = self.positive is not None
        target = arranged(target, self.order, is_ordinal=is_ordinal, has_positive=is_declared, where=where)
        if not is_declared and len(target.classes) == 2:
            logger.info("class %s is taken for the positive one; data.positive can say otherwise", target.classes[1])
        return target

    def _target(self, table: pl.DataFrame, source: str) -> Target:
        text = table[self.target_columns[0]]
        return read_target(
            text,
            positive=_plain_values(self.positive),
            negative=_plain_values(self.negative),
            names={as_plain(value): str(name) for value, name in (self.classes or {}).items()},
            missing=self.missing_values.of(text.name),
            source=source,
        )

    def _refuse_unlabelled(self, is_missing: pl.Series, class_values: tuple[ClassValue, ...], source: str) -> None:
        if not is_missing.any() or self.drop_unlabelled:
            return
        words = [one.value.strip() for one in class_values if one.class_name is None and one.value.strip()]
        are = f", among them {words}, which data.missing takes for none" if words else ""
        raise SchemaError(
            f"{source}, row {row_number(is_missing)}: the target {', '.join(map(repr, self.target_columns))} is "
            f"missing ({is_missing.sum()} such rows{are}): data.drop_unlabelled=true leaves them out"
        )

    def _columns(
        self, table: pl.DataFrame, truth: pl.DataFrame, values: pl.DataFrame, split_column: str | None, source: str
    ) -> pl.DataFrame:
        def names(key: str, column: str) -> pl.Series:
            return read_names(table[column], self.missing_values.of(column), f"data.{key}", source)

        ids = patients = number_cases(table.height)
        if self.id is not None:
            ids = patients = read_case_ids(table[self.id], self.missing_values.of(self.id), source)
        if self.patient is not None:
            patients = names("patient", self.patient)
        are_numbered = self.id is None and self.patient is None
        rule = EXACT if self.acknowledged.patients or are_numbered else self.patient_spelling
        columns = {CASE_ID: ids, PATIENT_ID: settle_spellings(patients, rule, "data.patient_spelling", source)}
        if self.site is not None:
            sites = names("site", self.site)
            columns[SITE] = settle_spellings(sites, self.site_spelling, "data.site_spelling", source)
        if self.time is not None:
            columns[TIME] = read_times(table[self.time], self.missing_values.of(self.time), "data.time", source)
        columns |= truth.to_dict()
        columns |= {GROUP_PREFIX + name: self._group(values[name], source) for name in self.group_columns}
        if split_column in columns and split_column not in (*self.roles.values(), *self.target_columns):
            raise ConfigError(f"split.column: {split_column!r} is a name of ours for another column: rename it")
        if split_column is not None and split_column not in columns:
            columns[split_column] = labels(table[split_column], self.missing_values.of(split_column))
        return pl.DataFrame(columns)

    def _labels(self, table: pl.DataFrame, source: str) -> tuple[pl.DataFrame, tuple[ClassValue, ...]]:
        return read_labels(
            table.select(self.target_columns),
            positive=_plain_values(self.positive),
            negative=_plain_values(self.negative),
            missing=self.missing_values,
            source=source,
        )

    def _group(self, values: pl.Series, source: str) -> pl.Series:
        if values.dtype == pl.String:
            values = settle_spellings(values, self.group_spelling, "data.group_spelling", source)
        return group_of(values, self._cuts(values.name))

    def _check_classes(self) -> None:
        if self.classes is None:
            return
        if not isinstance(self.classes, Mapping) or not all(map(_is_name, self.classes.values())):
            raise ConfigError(
                "data.classes: must give a name for values of the target, such as {0: healthy, 1: disease}"
            )
        if not isinstance(self.target, str):
            raise ConfigError("data.classes: names the values of one target; labels are called as their columns")

    def _cuts(self, column: str) -> Sequence[float] | None:
        cuts = self.groups[column] if isinstance(self.groups, Mapping) else None
        return None if cuts is None else checked_numbers(f"data.groups.{column}", cuts)

    def _group_values(self, table: pl.DataFrame, source: str) -> pl.DataFrame:
        if not self.group_columns:
            return pl.DataFrame()
        settings = ColumnSettings(self.missing_values, self.layout, case_sensitive=self.group_columns)
        found = find_rules(table.select(self.group_columns), settings)
        problems = Problems(source, found.problems)
        problems.refuse()
        for note in found.notes:
            logger.info("%s: %s", source, note)
        return clean(table, found.rules, source)


def _patient_warnings(undeclared: Mapping[str, str], table: pl.DataFrame) -> Iterator[str]:
    for name, reason in undeclared.items():
        if table[name].drop_nulls().is_duplicated().any():
            yield f"column {name!r} {reason}: name it in data.patient, or a patient's cases may train and test"


def _is_name(value: object) -> bool:
    return value is not None and bool(str(value).strip())


def _plain_values(value: object) -> list[str]:
    values = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
    return [as_plain(item) for item in values if item is not None]
