"""Beats cut out of annotated WFDB records, in the layout of the MIT-BIH Arrhythmia Database.

A beat is a window around its annotation. Nothing is normalised, so that a beat tells nothing of the rest of its
record but the intervals that `features` names.
"""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import polars as pl

from reprodx.datasets.acknowledged import Acknowledged
from reprodx.datasets.case_table import read_card
from reprodx.datasets.cleaning import NUMERIC, ColumnRule
from reprodx.datasets.heart_beats import AAMI_CLASSES, INTERVALS, Beats, intervals, read_beats, windows
from reprodx.datasets.keys import checked_names
from reprodx.datasets.sampling_rates import at_one_rate
from reprodx.datasets.signal_leads import checked_leads, chosen_leads
from reprodx.datasets.target import NEGATIVE, POSITIVE
from reprodx.datasets.unusable_signal import ANNOTATED_BEYOND, NO_ANNOTATIONS, FaultyRecordError, UnusableSignalError
from reprodx.datasets.wfdb_files import SignalForm
from reprodx.datasets.wfdb_header import HEADER_SUFFIX
from reprodx.datasets.wfdb_signals import read_wfdb
from reprodx.errors import ConfigError, DatasetNotFoundError, SchemaError
from reprodx.inputs import Inputs, Modality, room
from reprodx.schemas import CASE_ID, PATIENT_ID, Y_TRUE, ClassValue, Exclusion, RawCases

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

logger = logging.getLogger(__name__)

SPLIT_COLUMN = "set"
"""The column that a predefined split is read from: the key of `sets`, or `NO_SET`."""
SYMBOL = "symbol"
"""The column of the annotations' symbols."""
NORMAL = "N"
"""The AAMI class that is the negative one of two."""
NO_SET = "none"
"""What stands in `SPLIT_COLUMN` for records of no set."""
LEFT_OUT = "the record is in data.exclude"
ALL_PACED = "the record has more paced beats than data.max_paced_share"
OTHER_CLASS = "the beat is of none of data.classes"
AT_THE_END = "the beat's window leaves the record, or it has no beat before or after it that data.features needs"
UNITS = {name: "s" for name in INTERVALS if name.endswith("_s")}
"""Of the intervals; the ratio has none."""


@dataclass(frozen=True, kw_only=True)
class WfdbBeats:
    """The beats of all records in a folder."""

    modality: ClassVar[Modality] = Modality.SIGNAL
    """What kind of measurement a case is judged by."""

    folder: str
    """With `.hea`, `.dat` and annotations; a `card.md` in it says where the data come from."""
    annotations: str
    """Extension of the files of annotations."""
    classes: Sequence[str]
    """AAMI classes to keep, see `AAMI_CLASSES`; beats of others are left out and counted."""
    positive: Sequence[str] | None
    """Those of `classes` that count as positive; None to tell all of them apart."""
    reference_standard: str | None
    """How the true class was established, in words."""
    before_seconds: float
    """Length of a beat's window before the annotation."""
    after_seconds: float
    """Length of a beat's window after the annotation."""
    sampling_rate: float
    """Samples a second, Hz; records of another rate are resampled."""
    leads: Sequence[str | int]
    """Names in their order, or positions from 0."""
    features: Sequence[str]
    """Those of `INTERVALS` that stand beside the signal; `rr_next_s` needs the next beat."""
    exclude: Sequence[str | int]
    """Names of records to leave out."""
    max_paced_share: float
    """Records with a larger share of paced beats are left out."""
    max_missing_share: float
    """Up to this share of a lead's samples are interpolated; records with more are left out."""
    max_unreadable_share: float
    """Up to this share of records may have files that are absent, damaged, or of no ECG."""
    same_patient: Mapping[str | int, Sequence[str | int]] | None
    """Records by the record of the same person; a record is a patient of its own otherwise."""
    sets: Mapping[str, Sequence[str | int]] | None
    """Records by the name of a set, for a predefined split."""
    acknowledge: Mapping[str, object]
    """Leaks to let through, see `Acknowledged`."""

    def __post_init__(self) -> None:
        """Check what can be checked without the files.

        Raises:
            ConfigError: If a key holds what it cannot.
        """
        self._check_classes()
        for feature in self.features:
            if feature not in INTERVALS:
                raise ConfigError(f"data.features: {feature!r} is none of {', '.join(INTERVALS)}")
        if min(self.before_seconds, self.after_seconds) < 0 or self._num_steps < 1:
            raise ConfigError("data.before_seconds, data.after_seconds: must give a sample at least")
        checked_leads(self.leads)
        for key, groups in (("data.sets", self.sets), ("data.same_patient", self.same_patient)):
            records = [record for own in (groups or {}).values() for record in checked_names(key, own)]
            if len(set(records)) < len(records):
                raise ConfigError(f"{key}: must hold each record once")
        if set(self._patient_of) & set(self._patient_of.values()):
            raise ConfigError("data.same_patient: a record that is named as a person's must not name further records")
        set_of = self._set_of
        for record, patient in self._patient_of.items():
            if set_of.get(record) != set_of.get(patient):
                raise ConfigError(f"data.sets: {record} and {patient} are of one person: put them in the same set")
        Acknowledged.from_config(self.acknowledge)

    @property
    def acknowledged(self) -> Acknowledged:
        """Leaks that the leakage gate lets through."""
        return Acknowledged.from_config(self.acknowledge)

    def read(self, split_column: str | None, *, scratch: Path | None = None) -> RawCases:
        """Return the beats of all records, in the order of the records' names.

        Args:
            split_column: `SPLIT_COLUMN`, or None.
            scratch: An existing folder for the beats; None to keep them in memory.

        Returns:
            One case a beat, named after its record and sample.

        Raises:
            ConfigError: If another column for the split is asked for.
            DatasetNotFoundError: If the folder holds no record.
            SchemaError: If more records than allowed are unreadable, or no beats of two classes are left.
        """
        if split_column not in (None, SPLIT_COLUMN):
            raise ConfigError(f"split.column: wfdb_beats has no column {split_column!r}, only {SPLIT_COLUMN!r}")
        if split_column is not None and self.sets is None:
            raise ConfigError("data.sets: say which records belong to which set, or take another split")
        names = sorted(path.stem for path in Path(self.folder).glob("*" + HEADER_SUFFIX))
        if not names:
            raise DatasetNotFoundError(f"{self.folder} holds no record: data.folder must name a folder of .hea files")
        logger.info("cutting the beats of %d records", len(names))
        left_out: Counter[str] = Counter()
        faults: dict[str, str] = {}
        beats_by_name = self._annotations(names, left_out, faults)
        signals = self._room(beats_by_name, scratch)
        tables: list[pl.DataFrame] = []
        num_cut = 0
        for name, beats in beats_by_name.items():
            try:
                pieces, table = self._cut(name, beats, left_out)
            except UnusableSignalError as rule:
                left_out[str(rule)] += len(beats.samples)
                if isinstance(rule, FaultyRecordError):
                    faults[name] = str(rule)
                continue
            signals[num_cut : num_cut + len(pieces)] = pieces
            num_cut += len(pieces)
            tables.append(table)
        self._check(faults, len(names), num_cut, left_out)
        raw = self._raw_cases(signals[:num_cut], pl.concat(tables), left_out, split_column)
        return replace(
            raw, warnings=tuple(f"{name}{HEADER_SUFFIX}: left out: {faults[name]}" for name in sorted(faults))
        )

    @property
    def _num_steps(self) -> int:
        return self._steps_before + round(self.after_seconds * self.sampling_rate)

    @property
    def _steps_before(self) -> int:
        return round(self.before_seconds * self.sampling_rate)

    @property
    def _form(self) -> SignalForm:
        return SignalForm(
            sampling_rate=self.sampling_rate,
            num_steps=self._num_steps,
            leads=tuple(self.leads),
            resample=True,
            pad=False,
            max_missing_share=self.max_missing_share,
        )

    @property
    def _patient_of(self) -> dict[str, str]:
        others = (self.same_patient or {}).items()
        return {str(record): str(patient) for patient, records in others for record in records}

    @property
    def _set_of(self) -> dict[str, str]:
        return {str(record): name for name, records in (self.sets or {}).items() for record in records}

    def _check_classes(self) -> None:
        for name in checked_names("data.classes", self.classes):
            if name not in AAMI_CLASSES:
                raise ConfigError(f"data.classes: {name!r} is none of {', '.join(AAMI_CLASSES)}")
        if self.positive is not None and not set(self.positive) < set(self.classes):
            raise ConfigError("data.positive: must hold some of data.classes, but not all")
        if self.positive is not None and not self.positive:
            raise ConfigError("data.positive: is empty; give a class, or null to tell all of them apart")

    def _annotations(self, names: Sequence[str], left_out: Counter[str], faults: dict[str, str]) -> dict[str, Beats]:
        found = {}
        excluded = checked_names("data.exclude", self.exclude)
        for name in names:
            try:
                beats = read_beats(Path(self.folder, name), self.annotations)
            except FaultyRecordError:
                left_out[NO_ANNOTATIONS] += 1
                if name not in excluded:
                    faults[name] = NO_ANNOTATIONS
                continue
            if name in excluded:
                left_out[LEFT_OUT] += len(beats.samples)
            elif beats.paced_share > self.max_paced_share:
                left_out[ALL_PACED] += len(beats.samples)
            else:
                found[name] = beats
        return found

    def _room(self, beats_by_name: Mapping[str, Beats], scratch: Path | None) -> NDArray[np.float32]:
        """Return an array with room for all beats, some of which may yet be left out."""
        shape = (sum(len(beats.samples) for beats in beats_by_name.values()), self._num_steps, len(self.leads))
        return room(shape, np.float32, scratch)

    def _cut(self, name: str, beats: Beats, left_out: Counter[str]) -> tuple[NDArray[np.float32], pl.DataFrame]:
        """Return the beats of one record and what is known of them; add those that are not there to `left_out`."""
        record = read_wfdb(Path(self.folder, name))
        if beats.samples[-1] / beats.rate > record.num_frames / record.rate:
            raise FaultyRecordError(ANNOTATED_BEYOND)
        values = at_one_rate(chosen_leads(record, self.leads), self.sampling_rate, self.max_missing_share)
        starts = np.rint(beats.samples * (self.sampling_rate / beats.rate)).astype(np.int64) - self._steps_before
        features = {
            key: of_beats for key, of_beats in intervals(beats.samples, beats.rate).items() if key in self.features
        }
        is_whole = (starts >= 0) & (starts + self._num_steps <= len(values))
        is_whole &= np.isfinite([is_whole, *features.values()]).all(axis=0)
        is_wanted = np.isin(beats.classes, list(self.classes))
        left_out[OTHER_CLASS] += int((~is_wanted).sum())
        left_out[AT_THE_END] += int((is_wanted & ~is_whole).sum())
        kept = is_wanted & is_whole
        table = pl.DataFrame({
            CASE_ID: [f"{name}_{sample:06d}" for sample in beats.samples[kept]],
            PATIENT_ID: pl.repeat(self._patient_of.get(name, name), int(kept.sum()), eager=True),
            SPLIT_COLUMN: pl.repeat(self._set_of.get(name, NO_SET), int(kept.sum()), eager=True),
            SYMBOL: beats.symbols[kept],
            Y_TRUE: beats.classes[kept],
            **{key: features[key][kept] for key in self.features},
        })  # fmt: skip
        return windows(values, starts[kept], self._num_steps), table

    def _check(self, faults: Mapping[str, str], num_records: int, num_cut: int, left_out: Counter[str]) -> None:
        if len(faults) > self.max_unreadable_share * num_records:
            first = min(faults)
            raise SchemaError(
                f"{self.folder}: {len(faults)} of {num_records} records have files that are absent, damaged or of no "
                f"ECG, the first is {first}{HEADER_SUFFIX}: {faults[first]}: look at data.folder and data.annotations, "
                f"or raise data.max_unreadable_share"
            )
        if not num_cut:
            counts = ", ".join(f"{rule} ({count})" for rule, count in sorted(left_out.items()) if count)
            raise SchemaError(f"{self.folder}: no beat is usable: {counts or 'there is none'}")

    def _raw_cases(
        self, signals: NDArray[np.float32], table: pl.DataFrame, left_out: Counter[str], split_column: str | None
    ) -> RawCases:
        truth, classes = self._truth(table[Y_TRUE])
        roles = [CASE_ID, PATIENT_ID, Y_TRUE, *([] if split_column is None else [split_column])]
        form = self._form
        logger.info("kept %d beats of %d classes", table.height, len(classes))
        return RawCases(
            cases=table.with_columns(truth).select(roles),
            features=table.select(self.features) if self.features else pl.DataFrame(height=table.height),
            classes=classes,
            class_values=_class_values(table[SYMBOL], truth),
            num_read=table.height + left_out.total(),
            exclusions=tuple(Exclusion(rule, count) for rule, count in sorted(left_out.items()) if count),
            has_patients=True,
            card=read_card(Path(self.folder, "records")),
            units={key: unit for key, unit in UNITS.items() if key in self.features},
            cleaning={key: ColumnRule(NUMERIC).as_dict() for key in self.features},
            reference_standard=self.reference_standard,
            inputs=Inputs.of_rows(Modality.SIGNAL, signals, channels=form.channels, settings=form.as_settings()),
        )

    def _truth(self, aami: pl.Series) -> tuple[pl.Series, tuple[str, ...]]:
        """Return the class of each beat and the classes, the negative one of two first."""
        found = [name for name in self.classes if name in aami.unique()]
        positive = [name for name in found if name in (self.positive or ())]
        if len(found) < 2 or (self.positive is not None and not positive):
            raise SchemaError(f"{self.folder} has beats of {', '.join(found)} only: look at data.classes")
        negative = [name for name in found if name not in positive]
        if self.positive is None:
            if len(found) == 2 and NORMAL not in found:
                raise SchemaError(
                    f"{self.folder} has beats of {found[0]} and {found[1]}: say which is positive, "
                    f"data.positive=[{found[0]}] or data.positive=[{found[1]}]"
                )
            return aami, tuple(sorted(found, key=lambda name: len(found) == 2 and name != NORMAL))
        is_plain = len(positive) == 1 and len(negative) == 1
        classes = (negative[0], positive[0]) if is_plain else (NEGATIVE, POSITIVE)
        name_of = dict.fromkeys(negative, classes[0]) | dict.fromkeys(positive, classes[1])
        return aami.replace_strict(name_of, return_dtype=pl.String), classes


def _class_values(symbols: pl.Series, truth: pl.Series) -> tuple[ClassValue, ...]:
    table = pl.DataFrame({"symbol": symbols, "class": truth})
    counts = table.group_by("class", "symbol").len().sort("class", "len", "symbol", descending=[False, True, False])
    return tuple(ClassValue(symbol, name, count) for name, symbol, count in counts.iter_rows())
