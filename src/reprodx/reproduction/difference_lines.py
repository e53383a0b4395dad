"""In what two recorded runs differ, part by part, as lines; what neither says is no difference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reprodx.artifacts.predictions import read_predictions
from reprodx.errors import first_of
from reprodx.reporting.provenance import flat_settings
from reprodx.reporting.wording import counted
from reprodx.reproduction.prediction_difference import difference_of_predictions
from reprodx.reproduction.results import read_metrics
from reprodx.schemas import CASE_ID, SPLIT
from reprodx.tracking.environment_differences import environment_differences, record_of_lock
from reprodx.tracking.git import ask_git
from reprodx.tracking.names import CODE_HASH, DATA_HASH, PORTABLE, SHORT, SPLIT_HASH
from reprodx.tracking.patient_ids import key_of
from reprodx.tracking.provenance import REWRITTEN, SOURCES
from reprodx.tracking.record import RAW

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from reprodx.reproduction.recorded_run import RecordedRun


@dataclass(frozen=True)
class Side:
    """One of the two that are told apart."""

    label: str
    predictions: Path | None
    run: RecordedRun | None
    """None of a file of predictions."""

    @property
    def is_numbered(self) -> bool:
        """Whether its predictions have numbers in the place of ids."""
        return self.run is not None and self.run.is_numbered

    @property
    def key(self) -> str | None:
        """The fingerprint of the key that ids of its predictions are hashed with; None where they are not."""
        return None if self.predictions is None else key_of(read_predictions(self.predictions))

    @property
    def split_hash(self) -> str | None:
        """Of cases and the split that each belongs to; None where nobody noted it."""
        return None if self.run is None else self.run.tags.get(SPLIT_HASH)


ABSENT = "absent"
MAX_NAMED = 5
"""Files of a change that a line names."""
FIRST_SPLIT = "test"
"""The split whose scores come first."""


def setting_lines(first: RecordedRun, second: RecordedRun) -> Iterator[str]:
    """Yield each setting that differs, under the dotted key by which it is overridden."""
    one, other = (dict(flat_settings(run.config)) for run in (first, second))
    for key in sorted(one.keys() | other.keys()):
        if one.get(key) != other.get(key):
            yield f"{key}: {one.get(key, ABSENT)} | {other.get(key, ABSENT)}"


def code_lines(first: RecordedRun, second: RecordedRun, root: Path) -> Iterator[str]:
    """Yield in what the code differs: commits, the files between them, and what was not committed."""
    if first.commit != second.commit:
        yield f"commit: {_short(first.commit)} | {_short(second.commit)}{_between(first, second, root)}"
    if first.diff != second.diff:
        yield f"uncommitted changes: {_changes(first)} | {_changes(second)}"
    one, other = (run.tags.get(CODE_HASH) for run in (first, second))
    if one and other and one != other:
        yield f"sources that decide a result, by their hash: {_short(one)} | {_short(other)}"
    elif one and one == other and (first.commit != second.commit or first.diff != second.diff):
        yield "the sources that decide a result are the same"


def data_lines(first: RecordedRun, second: RecordedRun) -> Iterator[str]:
    """Yield which files of the data differ, and how many cases have another split."""
    one, other = (run.hashes.get(RAW, {}) for run in (first, second))
    if one and other:
        for name in sorted(one.keys() | other.keys()):
            if one.get(name) != other.get(name):
                yield f"{name}: sha256 {_short(one.get(name))} | {_short(other.get(name))}"
    if _differ(first, second, DATA_HASH):
        yield f"cases as they were read: {_tagged(first, DATA_HASH)} | {_tagged(second, DATA_HASH)}"
    if _differ(first, second, SPLIT_HASH):
        yield f"split: {_tagged(first, SPLIT_HASH)} | {_tagged(second, SPLIT_HASH)}{_moved(first, second)}"


def environment_lines(first: RecordedRun, second: RecordedRun) -> Iterator[str]:
    """Yield packages, processor and the like that differ."""
    if _differ(first, second, PORTABLE):
        yield f"portable arithmetic: {first.tags[PORTABLE]} | {second.tags[PORTABLE]}"
    records = [run.environment or record_of_lock(run.lock or "") for run in (first, second)]
    for one in environment_differences(records[0], records[1]):
        yield f"{f'{one.kind} {one.name}'.strip()}: {one.recorded} | {one.here}"


def result_lines(first: Side, second: Side) -> Iterator[str]:
    """Yield how far predictions lie apart, and each score that differs with its difference.

    Args:
        first: What is told in the first place.
        second: What is told beside it.

    Yields:
        Nothing where files are the same bytes.
    """
    one, other = first.predictions, second.predictions
    if one is None or other is None:
        if one is not other:
            yield "predictions: one of them has none"
    elif not _can_be_matched(first, second):
        yield "predictions: a bundle numbers its cases, which cannot be matched with those of another split"
    elif first.key != second.key:
        yield "predictions: ids are hashed with a key that is not here, and cannot be matched with others"
    elif one.read_bytes() != other.read_bytes():
        found = difference_of_predictions(one, other)
        largest = f"largest difference of a probability {found.largest:.3g}; {found.in_words}"
        yield f"predictions: {largest if found.num_cases else 'no case is in both'}"
    metrics = [side.run.metrics for side in (first, second) if side.run is not None]
    scores = [_values(path) for path in metrics if path is not None]
    if len(scores) == len((first, second)):
        yield from _score_lines(*scores)


def _can_be_matched(first: Side, second: Side) -> bool:
    """Tell whether cases of the same name are the same ones: numbers are only within one split, and among numbers."""
    if first.is_numbered != second.is_numbered:
        return False
    return not first.is_numbered or first.split_hash == second.split_hash


def _score_lines(one: Mapping[str, Any], other: Mapping[str, Any]) -> Iterator[str]:
    names = sorted(one.keys() | other.keys(), key=lambda name: (not name.startswith(f"{FIRST_SPLIT}/"), name))
    for name in names:
        old, new = one.get(name), other.get(name)
        if old == new:
            continue
        apart = f" ({new - old:+.3g})" if isinstance(old, float) and isinstance(new, float) else ""
        yield f"{name}: {_number(old)} | {_number(new)}{apart}"


def _values(path: Path) -> dict[str, float | None]:
    """Return each score by its split and name; None where it is undefined."""
    return {
        f"{split}/{name}": None if entry["value"] is None else float(entry["value"])
        for split, block in read_metrics(path).items()
        for name, entry in block.items()
        if "value" in entry
    }


def _number(value: float | None) -> str:
    return ABSENT if value is None else f"{value:.4g}"


def _between(first: RecordedRun, second: RecordedRun, root: Path) -> str:
    """Return which files differ between two commits, as far as the repository here has them."""
    commits = (first.commit, second.commit)
    if not all(commit and commit.isalnum() for commit in commits):
        return ""
    left_out = [f":(exclude){path}" for path in REWRITTEN]
    names = ask_git(root, "diff", "--name-only", *map(str, commits), "--", *SOURCES, *left_out).splitlines()
    if not names:
        return ""
    return f"; {counted(len(names), 'source')} between them: {first_of(names, MAX_NAMED)}"


def _changes(run: RecordedRun) -> str:
    if not run.diff:
        return "not of sources" if run.dirty else "none"
    num_files = sum(line.startswith("diff --git ") for line in run.diff.splitlines())
    return f"in {counted(num_files, 'file')}"


def _moved(first: RecordedRun, second: RecordedRun) -> str:
    """Return how many cases are in another split, where both say which case is which, and some are in both."""
    if first.predictions is None or second.predictions is None or first.is_numbered or second.is_numbered:
        return ""
    splits = [read_predictions(path).table for path in (first.predictions, second.predictions)]
    one, other = (dict(zip(table[CASE_ID], table[SPLIT], strict=True)) for table in splits)
    if one.keys().isdisjoint(other):
        return ""
    moved = sum(one.get(case) != other.get(case) for case in one.keys() | other.keys())
    return f"; {counted(moved, 'case')} moved from or to validation or test"


def _differ(first: RecordedRun, second: RecordedRun, tag: str) -> bool:
    one, other = first.tags.get(tag), second.tags.get(tag)
    return bool(one and other and one != other)


def _tagged(run: RecordedRun, tag: str) -> str:
    return _short(run.tags.get(tag))


def _short(text: str | None) -> str:
    return ABSENT if text is None else text[:SHORT]
