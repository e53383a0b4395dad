"""The ledger of test openings: how often, and by which experiments, a test split has been scored.

What is counted is experiments: a recipe with its seed, fold and repetition, on data of one version. Each that is scored
on a test split makes the next result a little less new. An experiment that is scored again is opened once more and is
no new look, whoever repeats it: the bytes of its predictions differ between processors and with the code, and decide
nothing.

The ledger is a table of text that is committed with the project and only grows. It lies in no out of DVC, and in the
root of the original repository, so that neither `dvc repro` nor a temporary workspace takes a look back. Beside it lies
a copy that git does not see, because `git checkout` and `dvc exp apply` turn a committed file back; what either of the
two holds was seen.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import astuple, dataclass, fields, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from filelock import FileLock

from reprodx.artifacts.files import write_text
from reprodx.artifacts.locations import DVC_OUTS, home
from reprodx.errors import ArtifactCorruptError
from reprodx.hashing import sha256_of_path
from reprodx.schemas import FOLD, TEST

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from reprodx.artifacts.predictions import Predictions

LEDGER = DVC_OUTS.results / "test_openings.csv"
"""Where the ledger lies, from the root of the original repository."""
COPY = LEDGER.with_name(f".{LEDGER.name}")
"""Where git does not turn it back."""
REMEDY = "take it back with `git checkout`, or move it away"


@dataclass(frozen=True)
class Opening:
    """One time that a test split was scored: a row of the ledger, as text."""

    split_hash: str
    """Of the cases and the split that each belongs to."""
    data_hash: str
    cv_hash: str
    """Empty without cross-validation."""
    config_hash: str
    recipe_hash: str
    """Shared by runs that differ in seed, fold and repetition alone."""
    name: str
    """Of the model."""
    seed: str
    fold: str
    predictions_sha256: str
    """Of the predictions file; empty where nobody noted it."""
    opened_at: str
    """ISO 8601, UTC, to the second."""
    margin: str = ""
    """The `evaluation.margin` that held then; empty where nobody noted it."""

    @property
    def experiment(self) -> tuple[str, str]:
        """What openings of one experiment share: the configuration, which holds seed, fold and repetition, and data."""
        return self.config_hash, self.data_hash


COLUMNS = tuple(field.name for field in fields(Opening))
OLD_COLUMNS = COLUMNS[: COLUMNS.index("margin")]
"""Of ledgers that were written before margins were noted."""


@dataclass(frozen=True)
class TrackedOpening:
    """An opening as the tracking store knows it."""

    opening: Opening
    run_id: str
    is_deleted: bool
    """Whether the run was deleted: that makes no look unseen."""


@dataclass(frozen=True)
class Ledger:
    """How often a test split has been scored, and by what."""

    split_hash: str
    """Of several splits, such as the folds of a cross-validation, their hashes separated by commas."""
    openings: tuple[Opening, ...]
    """Every one, oldest first."""
    runs: tuple[TrackedOpening, ...] = ()
    """What the tracking store knows of these and others."""

    @property
    def num_times(self) -> int:
        """How often the split was scored, with repeats of an experiment that gave other bytes: no new looks."""
        return len(self.openings)

    @property
    def num_experiments(self) -> int:
        """How many experiments were scored on the split."""
        return len(self.entries)

    @property
    def entries(self) -> tuple[Opening, ...]:
        """The first opening by each experiment, oldest first."""
        first: dict[tuple[str, str], Opening] = {}
        for opening in self.openings:
            first.setdefault(opening.experiment, opening)
        return tuple(first.values())

    def margin_change(self, margin: float) -> str:
        """Return that a margin is another than at the first look, as a sentence.

        Args:
            margin: That holds now, of the metric that `evaluation.margin` is about.

        Returns:
            Nothing where it is the same, or no opening notes one.
        """
        noted = next((opening for opening in self.openings if opening.margin), None)
        if noted is None or noted.margin == str(margin):
            return ""
        which = "" if noted is self.openings[0] else " that notes one,"
        return f"The margin was {noted.margin} at the first opening of this test split{which} and is {margin} now."

    def with_runs(self, runs: Iterable[TrackedOpening]) -> Ledger:
        """Return the union with what the tracking store knows, nothing counted twice.

        Args:
            runs: Of the same split.

        Returns:
            The ledger, in which a run of an experiment that it lacked is an opening too.
        """
        runs = tuple(runs)
        known = {opening.experiment for opening in self.openings}
        others = (run.opening for run in runs if run.opening.experiment not in known)
        return replace(self, openings=_by_time([*self.openings, *others]), runs=(*self.runs, *runs))

    def joined(self, other: Ledger) -> Ledger:
        """Return the openings of two test splits together, such as of two folds of one cross-validation."""
        openings = _by_time([*self.openings, *other.openings])
        return Ledger(f"{self.split_hash}, {other.split_hash}", openings, (*self.runs, *other.runs))

    def run_of(self, opening: Opening) -> TrackedOpening | None:
        """Return the first tracked run of an opening's experiment, preferring one that is not deleted."""
        found = [run for run in self.runs if run.opening.experiment == opening.experiment]
        return min(found, key=lambda run: (run.is_deleted, run.opening.opened_at), default=None)


def record_opening(predictions: Predictions, predictions_path: Path) -> None:
    """Note that the test split of a predictions file is scored; without test cases there is nothing to note.

    Args:
        predictions: What the file holds.
        predictions_path: The file, as it was written.

    Raises:
        ArtifactCorruptError: If the ledger is damaged, or something else lies in its place.
    """
    tested = predictions.of(TEST).table
    if tested.is_empty():
        return
    fold = tested[FOLD][0] if FOLD in tested.columns else None
    record_scored({**predictions.metadata, "fold": fold}, predictions_path)


def record_scored(metadata: Mapping[str, Any], path: Path) -> None:
    """Note that a test split is scored, also where nothing is predicted of single cases, as by a generator.

    Args:
        metadata: What `COLUMNS` names, as far as it is known.
        path: The file that the look left.

    Raises:
        ArtifactCorruptError: If the ledger is damaged, or something else lies in its place.
    """
    known = {
        **metadata,
        "predictions_sha256": sha256_of_path(path),
        "opened_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    # Missing and null are both unknown.
    row = Opening(*("" if known.get(column) is None else str(known[column]) for column in COLUMNS))
    # Trials in parallel append at once; the lock lies where git does not see it.
    lock = home() / ".cache" / f"{LEDGER.name}.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(lock):
        if any(_is_repeated(one, row) for one in _rows(LEDGER)):
            return
        text = _as_text([*_read(), row])
        for file in (LEDGER, COPY):
            write_text(home() / file, text)


def openings(split_hash: str) -> list[Opening]:
    """Return every opening of a test split.

    Args:
        split_hash: Of the split.

    Returns:
        Oldest first; empty where nobody has scored it.

    Raises:
        ArtifactCorruptError: If the ledger is damaged, or something else lies in its place.
    """
    return [opening for opening in _read() if opening.split_hash == split_hash]


def ledger(split_hash: str) -> Ledger:
    """Return all that is noted of a test split.

    Args:
        split_hash: Of the split.

    Returns:
        Its openings up to now.

    Raises:
        ArtifactCorruptError: If the ledger is damaged, or something else lies in its place.
    """
    return Ledger(split_hash, tuple(openings(split_hash)))


def ledger_before(config_hash: str, split_hash: str) -> Ledger:
    """Return what was noted of a test split when a configuration was first scored on it.

    What came later is left out, so that the report of a run that is repeated is the same report.

    Args:
        config_hash: Of the configuration.
        split_hash: Of the split.

    Returns:
        Its openings up to and with the configuration's first one; all of them where it has none.

    Raises:
        ArtifactCorruptError: If the ledger is damaged, or something else lies in its place.
    """
    found = openings(split_hash)
    hashes = [opening.config_hash for opening in found]
    end = hashes.index(config_hash) + 1 if config_hash in hashes else len(found)
    return Ledger(split_hash, tuple(found[:end]))


def _is_repeated(one: Opening, other: Opening) -> bool:
    return replace(one, opened_at=other.opened_at) == other


def _by_time(found: Iterable[Opening]) -> tuple[Opening, ...]:
    return tuple(sorted(found, key=lambda opening: opening.opened_at))


def _read() -> tuple[Opening, ...]:
    """Return all that either file holds, by time, since merging branches in git does not keep the order."""
    kept, copied = _rows(LEDGER), _rows(COPY)
    return _by_time([*kept, *(Counter(copied) - Counter(kept)).elements()])


def _rows(relative: Path) -> list[Opening]:
    path = home() / relative
    if not path.exists():
        return []
    try:
        lines = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig")), strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ArtifactCorruptError(f"{relative} is no ledger of test openings ({error}): {REMEDY}") from error
    if tuple(lines[0] if lines else ()) not in (COLUMNS, OLD_COLUMNS):
        raise ArtifactCorruptError(f"{relative} is no ledger of test openings (its columns are others): {REMEDY}")
    for number, line in enumerate(lines, start=1):
        # Git may have merged rows of before margins were noted under the new header.
        if line and len(line) not in (len(COLUMNS), len(OLD_COLUMNS)):
            raise ArtifactCorruptError(f"{relative}: line {number} is not a test opening: {REMEDY}")
    return [Opening(*line) for line in lines[1:] if line]


def _as_text(found: Iterable[Opening]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([COLUMNS, *map(astuple, found)])
    return text.getvalue()
