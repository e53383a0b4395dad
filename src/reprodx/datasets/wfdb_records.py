"""Signals of WFDB records that a CSV file lists, with a target or with the diagnoses of PTB-XL.

A record whose files are absent or damaged, or that cannot be brought to the common form (see `SignalForm`), is left
out and counted by the rule that it breaks.
"""

from __future__ import annotations

import contextlib
import logging
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import polars as pl

from reprodx.datasets.case_columns import CaseColumns
from reprodx.datasets.case_table import read_card
from reprodx.datasets.cleaning import labels
from reprodx.datasets.named_files import NamedFiles
from reprodx.datasets.row_numbers import FIRST_ROW, numbered
from reprodx.datasets.scp_statements import chosen_labels, code_values, one_class, read_superclasses, superclass_columns
from reprodx.datasets.signal_leads import checked_leads, lead_positions
from reprodx.datasets.typed_file import read_text_table
from reprodx.datasets.unusable_signal import FILES_MISSING, FaultyRecordError, UnusableSignalError
from reprodx.datasets.wfdb_files import SignalForm, conform
from reprodx.datasets.wfdb_header import HEADER_SUFFIX
from reprodx.datasets.wfdb_signals import read_wfdb
from reprodx.errors import ConfigError, DatasetNotFoundError, SchemaError
from reprodx.inputs import Inputs, Modality, room

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reprodx.datasets.target import Target
    from reprodx.datasets.wfdb_signals import WfdbRecord
    from reprodx.schemas import ClassValue, RawCases

logger = logging.getLogger(__name__)

RECORDS_PER_PROCESS = 1_000
"""Fewer are read before another process has started."""
LONGER = 1.05
"""Times the common length from which a record loses what may matter."""
UNKNOWN_SITE = "unknown"
"""The site of cases that name none."""


@dataclass(frozen=True, kw_only=True)
class WfdbRecords(CaseColumns):
    """A comma-separated table with a header and one row per WFDB record."""

    modality: ClassVar[Modality] = Modality.SIGNAL
    """What kind of measurement a case is judged by."""

    path: str
    """The CSV file; a `card.md` beside it says where the data come from."""
    folder: str
    """Where the records' paths begin; its content counts in the experiment's identity."""
    record: str
    """The column of the records' paths, with or without `.hea`."""
    statements_path: str | None
    """PTB-XL's table of statements, by which `target` holds codes; None where it holds classes."""
    min_likelihood: float
    """Percent from which a code counts."""
    superclasses: Sequence[str] | None
    """Those to predict, each on its own; None for all. Not with `positive`."""
    leads: Sequence[str | int] | None
    """Names in their order, or positions from 0; None for those of the first record that can be read."""
    sampling_rate: float
    """Samples a second, Hz."""
    seconds: float | None
    """Length, counted from a record's begin; None for that of the first record that can be read."""
    resample: bool
    """Whether records of another rate are resampled; else they are left out."""
    pad: bool
    """Whether shorter records are continued with zeros; else they are left out."""
    max_missing_share: float
    """Up to this share of a lead's samples are interpolated; records with more are left out."""
    max_unreadable_share: float
    """Up to this share of records may have files that are absent, damaged, or of no ECG."""

    def __post_init__(self) -> None:
        """Check what can be checked without the files.

        Raises:
            ConfigError: If a key holds what it cannot.
        """
        super().__post_init__()
        if self.sampling_rate <= 0 or (self.seconds is not None and self.seconds * self.sampling_rate < 1):
            raise ConfigError("data.sampling_rate, data.seconds: must give a sample at least")
        for key in ("max_missing_share", "max_unreadable_share"):
            if not 0 <= getattr(self, key) < 1:
                raise ConfigError(f"data.{key}: {getattr(self, key)} is not in [0, 1)")
        if self.leads is not None:
            checked_leads(self.leads)
        if self.superclasses is not None and (self.positive is not None or self.statements_path is None):
            raise ConfigError("data.superclasses: needs data.statements_path, and data.positive to be null")
        if self.classes is not None and self.statements_path is not None:
            raise ConfigError("data.classes: needs data.statements_path to be null: superclasses have names")
        if self.negative is not None and self.positive is None:
            raise ConfigError("data.negative: needs data.positive")

    def read(self, split_column: str | None, *, scratch: Path | None = None) -> RawCases:
        """Return the cases of the file.

        Args:
            split_column: The column that a predefined split is read from, if any.
            scratch: An existing folder for the signals; None to keep them in memory.

        Returns:
            The cases that have a target and a usable record, in the order of the file. Names of patients, cases and
            sites that are whole numbers lose their point (`15709.0`), and a case without a site has `UNKNOWN_SITE`.

        Raises:
            DatasetNotFoundError: If there is no such table or folder.
            SchemaError: If the table is not what the configuration says, more records than allowed are unreadable, or
                none is usable.
        """
        logger.info("reading %s", self.path)
        table = self._text_table()
        label_columns: pl.DataFrame | None = None
        class_values: tuple[ClassValue, ...] = ()
        if self.statements_path is not None and self.positive is None:
            label_columns = chosen_labels(self._superclasses(table), self.superclasses)
            class_values = self._code_values(table, {name: name for name in label_columns.columns})
        found = self.read_cases(
            table,
            split_column,
            self._source,
            others={"data.record": [self.record]},
            label_columns=label_columns,
            class_values=class_values,
        )
        rows = (found.rows + FIRST_ROW).tolist()
        paths = self._paths(table[self.record].gather(found.rows), rows)
        form = self._form(paths, rows)
        signals, broken, num_longer = read_signals(paths, form, scratch)
        self._check(broken, rows)
        reasons = [None if rule is None else str(rule) for rule in broken]
        found = replace(
            found,
            warnings=(
                *found.warnings,
                *self._cut(num_longer, len(signals)),
                *_faults_by_row(broken, rows, self._source),
            ),
        )
        inputs = Inputs.of_rows(Modality.SIGNAL, signals, channels=form.channels, settings=form.as_settings())
        return found.leave_out(reasons).as_raw_cases(inputs, read_card(Path(self.path)))

    @property
    def _source(self) -> str:
        return Path(self.path).name

    def _text_table(self) -> pl.DataFrame:
        table = read_text_table(Path(self.path), self.layout)
        names = [name for name in (self.id, self.patient, self.site) if name in table.columns]
        table = table.with_columns(labels(table[name], self.missing_values.of(name)) for name in names if name)
        return table.with_columns(pl.col(self.site).fill_null(UNKNOWN_SITE)) if self.site in table.columns else table

    def _codes(self, table: pl.DataFrame) -> pl.Series:
        return labels(table[self.target_columns[0]], self.missing_values.of(self.target_columns[0]))

    def _code_values(self, table: pl.DataFrame, class_of: Mapping[str, str]) -> tuple[ClassValue, ...]:
        assert self.statements_path is not None, "the caller looks"
        superclass_of = read_superclasses(self.statements_path)
        return code_values(self._codes(table), superclass_of, class_of, self.min_likelihood, self._source)

    def _superclasses(self, table: pl.DataFrame) -> pl.DataFrame:
        assert self.statements_path is not None, "the caller looks"
        return superclass_columns(
            self._codes(table), read_superclasses(self.statements_path), self.min_likelihood, self._source
        )

    def _target(self, table: pl.DataFrame, source: str) -> Target:
        if self.statements_path is None:
            return super()._target(table, source)
        superclasses, positive = self._superclasses(table), _names(self.positive)
        target = one_class(superclasses, positive, _names(self.negative))
        others = _names(self.negative) or [name for name in superclasses.columns if name not in positive]
        class_of = dict.fromkeys(others, target.classes[0]) | dict.fromkeys(positive, target.classes[1])
        return replace(target, class_values=self._code_values(table, class_of))

    def _paths(self, records: pl.Series, rows: Sequence[int]) -> list[Path | None]:
        """Return the file of each record that has one."""
        if not Path(self.folder).is_dir():
            raise DatasetNotFoundError(f"data.folder: {self.folder} is missing: it must hold the files of the records")
        files, paths = NamedFiles(Path(self.folder), [HEADER_SUFFIX]), []
        for row, name in zip(rows, records, strict=True):
            found = [] if name is None or not name.strip() else files.find(name.strip())
            if found is None:
                raise SchemaError(
                    f"{self._source}, row {row}: data.record {self.record!r} leads out of data.folder: put the record "
                    f"below it, or choose a folder above both"
                )
            if len(found) > 1:
                raise SchemaError(
                    f"{self._source}, row {row}: data.record {self.record!r} fits {len(found)} files, which differ in "
                    f"spelling: write the name as the file has it"
                )
            paths.append(found[0] if found else None)
        return paths

    def _form(self, paths: Sequence[Path | None], rows: Sequence[int]) -> SignalForm:
        leads, seconds = self.leads, self.seconds
        if leads is None or seconds is None:
            row, first = _first_readable(paths, rows, self._source)
            leads = [lead.name or "" for lead in first.leads] if leads is None else leads
            seconds = first.num_frames / first.rate if seconds is None else seconds
            try:
                lead_positions([lead.name for lead in first.leads], leads)
            except UnusableSignalError as rule:
                raise SchemaError(f"{self._source}, row {row}, the first record that can be read: {rule}") from None
        return SignalForm(
            sampling_rate=self.sampling_rate,
            num_steps=round(seconds * self.sampling_rate),
            leads=tuple(leads),
            resample=self.resample,
            pad=self.pad,
            max_missing_share=self.max_missing_share,
        )

    def _cut(self, num_longer: int, num_usable: int) -> list[str]:
        """Return a warning where the first record, by which all are cut, is shorter than others."""
        if not num_longer or self.seconds is not None:
            return []
        which = f"{self._source}: {num_longer} of {num_usable} records"
        return [f"{which} are longer than the first that can be read and are cut to its length: look at data.seconds"]

    def _check(self, broken: Sequence[UnusableSignalError | None], rows: Sequence[int]) -> None:
        faults = [(row, rule) for row, rule in zip(rows, broken, strict=True) if isinstance(rule, FaultyRecordError)]
        if len(faults) > self.max_unreadable_share * len(rows):
            raise SchemaError(
                f"{self._source}: {len(faults)} of {len(rows)} records have files that are absent, damaged or of no "
                f"ECG, the first in row {faults[0][0]}: {faults[0][1]}: look at data.folder and data.record, or raise "
                f"data.max_unreadable_share"
            )
        if None not in broken:
            counts = Counter(map(str, broken))
            listed = ", ".join(f"{rule} ({counts[rule]})" for rule in sorted(counts))
            raise SchemaError(f"{self._source}: no record is usable: {listed}: look at data.leads and data.seconds")


def read_signals(
    paths: Sequence[Path | None], form: SignalForm, scratch: Path | None
) -> tuple[NDArray[np.float32], list[UnusableSignalError | None], int]:
    """Read records side by side and bring them to the common form.

    Args:
        paths: Of the records; None where none is named.
        form: The common form.
        scratch: An existing folder for the signals; None to keep them in memory.

    Returns:
        The usable signals in order, shape (usable, steps, leads); for each path None, or the rule that it breaks; and
        how many of the usable records are longer, by more than `LONGER`.
    """
    signals = room((len(paths), form.num_steps, len(form.leads)), np.float32, scratch)
    broken: list[UnusableSignalError | None] = []
    num_usable, num_longer = 0, 0
    for outcome in _outcomes(paths, form):
        if isinstance(outcome, UnusableSignalError):
            broken.append(outcome)
            continue
        signals[num_usable], seconds = outcome
        num_usable += 1
        num_longer += seconds > LONGER * form.num_steps / form.sampling_rate
        broken.append(None)
    return signals[:num_usable], broken, num_longer


_Signal = tuple["NDArray[np.float32]", float]


def _outcomes(paths: Sequence[Path | None], form: SignalForm) -> Iterator[_Signal | UnusableSignalError]:
    from joblib import Parallel, delayed

    num_processes = min(os.cpu_count() or 1, 1 + len(paths) // RECORDS_PER_PROCESS)
    yield from Parallel(num_processes, return_as="generator")(delayed(_outcome)(path, form) for path in paths)


def _outcome(path: Path | None, form: SignalForm) -> _Signal | UnusableSignalError:
    """Return the signal of one record and the record's length in seconds, or the rule that it breaks."""
    if path is None:
        return FaultyRecordError(FILES_MISSING)
    try:
        record = read_wfdb(path)
        return conform(record, form), record.num_frames / record.rate
    except UnusableSignalError as rule:
        return rule.with_traceback(None)


def _first_readable(paths: Sequence[Path | None], rows: Sequence[int], source: str) -> tuple[int, WfdbRecord]:
    for path, row in zip(paths, rows, strict=True):
        if path is not None:
            with contextlib.suppress(UnusableSignalError):
                return row, read_wfdb(path)
    raise SchemaError(f"{source}: none of the {len(paths)} records can be read: look at data.folder and data.record")


def _faults_by_row(broken: Sequence[UnusableSignalError | None], rows: Sequence[int], source: str) -> Iterator[str]:
    """Yield which records are left out for a fault of their files, one sentence a fault."""
    faults = [(str(rule), row) for rule, row in zip(broken, rows, strict=True) if isinstance(rule, FaultyRecordError)]
    for fault in sorted({fault for fault, _ in faults}):
        yield f"{source}, {numbered([row for own, row in faults if own == fault])}: left out: {fault}"


def _names(value: object) -> list[str]:
    values = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
    return [str(item) for item in values if item is not None]
