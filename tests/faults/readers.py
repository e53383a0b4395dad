"""Every reader against seeded mutants of a source that it reads: `python -m tests.faults.readers --mutants 300`.

A mutant may be refused in one line, or read as it can be meant; damaged files may be left out if they are counted. What
else happens is a fault: a traceback, a hang, something half-written, a value in the message, or another value than any
that the mutant can mean.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from reprodx.artifacts.predictions import read_predictions
from reprodx.artifacts.prepared import read_prepared
from reprodx.errors import ReprodxError
from tests.faults import configurations, files, sources, tables
from tests.faults.judging import CLASS, Judge, Reading, folded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tests.faults.files import FileMutant
    from tests.faults.tables import Table, TableMutant

SECONDS = 60
"""How long a reader may think about one small mutant."""


@dataclass(frozen=True)
class Trial:
    """A mutant in a folder, ready to be read."""

    name: str
    read: Callable[[], Reading]
    judge: Judge | None
    """None: it must be refused."""
    unseen: str | None = None
    words: Sequence[str] = ()
    """What no message may hold: ids of patients."""


@dataclass
class Tally:
    """What became of a reader's mutants."""

    counts: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    unseen: Counter[str] = field(default_factory=Counter)


def _table(make: Callable[[], Table], read: Callable[[Path, str], Reading], folder: Path, random: Random) -> Trial:
    return _of_table(tables.mutate(make(), random), read, folder, [row[0] for row in make().rows])


def _stays(folder: Path, random: Random) -> Trial:
    return _of_table(files.mutate_stays(random), sources.read_stays, folder, [])


def _of_table(mutant: TableMutant, read: Callable[[Path, str], Reading], folder: Path, ids: Sequence[str]) -> Trial:
    (folder / mutant.file).write_bytes(mutant.content)
    return Trial(mutant.name, partial(read, folder, mutant.file), mutant.judge, words=ids)


def _files(
    write: Callable[[Path], None],
    mutate: Callable[[Path, Random, Reading], FileMutant],
    read: Callable[[Path], Reading],
    folder: Path,
    random: Random,
) -> Trial:
    write(folder)
    mutant = mutate(folder, random, _original(write, read))
    return Trial(mutant.name, partial(read, folder), mutant.judge, mutant.unseen)


_ORIGINALS: dict[Callable[[Path], None], Reading] = {}


def _original(write: Callable[[Path], None], read: Callable[[Path], Reading]) -> Reading:
    if write not in _ORIGINALS:
        with tempfile.TemporaryDirectory() as folder:
            write(Path(folder))
            _ORIGINALS[write] = read(Path(folder))
    return _ORIGINALS[write]


def _predictions(folder: Path, random: Random) -> Trial:
    table = sources.predictions()
    mutant = tables.mutate(table, random)
    file = folder / f"predictions{Path(mutant.file).suffix}"
    file.write_bytes(mutant.content)
    return Trial(mutant.name, partial(_read_predictions, file), mutant.judge, words=[row[0] for row in table.rows])


def _read_predictions(file: Path) -> Reading:
    table = read_predictions(file).table
    names = [name for name in table.columns if name.startswith("prob_")]
    rows = table.iter_rows(named=True)
    return Reading(
        {folded(row["case_id"]): {CLASS: row["y_true"], **{name: row[name] for name in names}} for row in rows}
    )


def _conf(folder: Path, random: Random) -> Trial:
    configurations.write_conf(folder)
    file, how = configurations.mutate_conf(folder, random)

    def read() -> Reading:
        with contextlib.chdir(folder):
            return configurations.compose_here(file)

    return Trial(f"{file}, {how}", read, configurations.meaning_of(folder / "conf" / file))


READERS: dict[str, Callable[[Path, Random], Trial]] = {
    "csv_table": partial(_table, sources.patients, sources.read_patients),
    "text_table": partial(_table, sources.notes, sources.read_notes),
    "time_series_table": _stays,
    "image_table": partial(_files, sources.write_pictures, files.mutate_pictures, sources.read_pictures),
    "image_table, DICOM": partial(_files, sources.write_dicom, files.mutate_dicom, sources.read_pictures),
    "wfdb_records": partial(_files, sources.write_records, files.mutate_records, sources.read_records),
    "wfdb_beats": partial(_files, sources.write_beats, files.mutate_beats, sources.read_beats),
    "medmnist": partial(_files, sources.write_medmnist, files.mutate_medmnist, sources.read_medmnist),
    "predictions": _predictions,
    "conf": _conf,
}


def try_reader(name: str, numbers: Sequence[int], seed: int = 0) -> Tally:
    """Read mutants.

    Args:
        name: One of `READERS`.
        numbers: Which mutants; equal numbers and seeds are equal mutants.
        seed: Decides what becomes of each.

    Returns:
        What became of them.
    """
    tally = Tally()
    for number in numbers:
        with tempfile.TemporaryDirectory() as folder:
            trial = READERS[name](Path(folder), Random(f"{name} {seed} {number}"))
            before = _tree(Path(folder))
            outcome, complaint = _outcome(trial, Path(folder), before)
        tally.counts[outcome] += 1
        if outcome == "listed":
            tally.unseen[f"{trial.name} ({trial.unseen})"] += 1
        elif complaint:
            tally.faults.append(f"{name} {number}, {trial.name}: {outcome}: {complaint}")
    return tally


def _outcome(trial: Trial, folder: Path, before: set[str]) -> tuple[str, str | None]:
    try:
        with _deadline(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = trial.read()
    except ReprodxError as error:
        if left := _tree(folder) - before:
            return "half-written", f"left {sorted(left)[:3]}"
        if told := [word for word in trial.words if word in str(error)]:
            return "told an id", f"{len(told)} in: {error}"
        return ("refused", None) if "\n" not in str(error) else ("not one line", str(error))
    except TimeoutError:
        return "hang", f"over {SECONDS} s"
    except Exception as error:  # noqa: BLE001 - whatever is raised here is what is looked for
        place = traceback.extract_tb(error.__traceback__)[-1]
        return (
            "traceback",
            f"{type(error).__name__} in {Path(place.filename).name}, line {place.lineno}: {str(error)[:150]}",
        )
    return _accepted(trial, found, folder)


def _accepted(trial: Trial, found: Reading, folder: Path) -> tuple[str, str | None]:
    if trial.judge is None:
        return "read wrongly", "it must be refused"
    if (folder / "prepared").is_dir():
        read_prepared(folder / "prepared")
    complaint = trial.judge(found)
    if complaint is None:
        return ("read, some left out" if found.num_left_out else "read"), None
    return ("listed", None) if trial.unseen else ("read wrongly", complaint)


@contextlib.contextmanager
def _deadline() -> Iterator[None]:
    def stop(_signal: int, _frame: object) -> None:
        raise TimeoutError

    old = signal.signal(signal.SIGALRM, stop)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, old)


def _tree(folder: Path) -> set[str]:
    """Return the names in a folder, but for the tables that a reader's source is written in on the way."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")} - {"outcomes.csv"}


OUTCOMES = ("read", "read, some left out", "listed", "refused")
"""What may become of a mutant; anything else is a fault."""


def main() -> int:
    """Print the table and every fault; return 1 where there is one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mutants", type=int, default=300, help="of each reader")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", nargs="*", default=list(READERS), choices=list(READERS))
    parser.add_argument("--number", type=int, help="one mutant alone")
    given = parser.parse_args()
    numbers = range(given.mutants) if given.number is None else [given.number]
    logging.disable(logging.CRITICAL)
    found = {}
    for name in given.only:
        start = time.monotonic()
        found[name] = try_reader(name, numbers, given.seed)
        line = ", ".join(f"{outcome} {count}" for outcome, count in sorted(found[name].counts.items()))
        sys.stdout.write(f"{name}: {line} ({time.monotonic() - start:.0f} s){os.linesep}")
        for fault in found[name].faults:
            sys.stdout.write(f"    {fault}{os.linesep}")
        for what, count in sorted(found[name].unseen.items()):
            sys.stdout.write(f"    listed: {what}: {count}{os.linesep}")
        sys.stdout.flush()
    return int(any(tally.faults for tally in found.values()))


if __name__ == "__main__":
    sys.exit(main())
