"""What may lie on the disk when a recorded command is stopped: by a signal, or with the power.

After a signal the disk holds what was done (`cut`). After a power failure (Pillai et al., All File Systems Are Not
Created Equal, OSDI 2014) a file that was not synced may be shorter or empty though its name is there (`torn`,
`unsynced`), and of names that were not synced a later one may be kept and an earlier one lost (`reordered`). SQLite
answers for its own files; its transactions are cut at each end and in the middle (`transaction`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.faults.recording import FOLDER, FSYNC

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.faults.recording import Recording, Step, Tree

TEMPORARY = re.compile(r"(^|/)\.[^/]+\.([\w-]+-\d+\.\w+|half)(/|$)")
"""Names under which `artifacts.files` and the spool write; no reader looks there."""
RENAME = "os.rename"
SQLITE = re.compile(r"\.db(-wal|-shm|-journal)?$")
WAL, SHARED = "-wal", "-shm"
OF_SPOOL = re.compile(r"^\.cache/tracking/spool/\w+\.db")
"""What waits for the store; the power takes the last of it."""
WAL_HEADER, FRAME_HEADER = 32, 24
"""Bytes, https://www.sqlite.org/fileformat2.html#the_write_ahead_log."""
OF_MLFLOW = re.compile(r"^mlruns/|^\.cache/tracking/spool/\w+/tmp\w+/")
"""MLflow writes there by itself, without syncing; a served model holds the hashes of its files."""


@dataclass(frozen=True)
class CrashState:
    """What one crash leaves."""

    kind: str
    """cut, torn, unsynced, reordered or transaction."""
    number: int
    """Of the step before which it happens, from 0."""
    name: str
    tree: Tree


def crash_states(recording: Recording) -> Iterator[CrashState]:
    """Yield each distinct state that a crash may leave, in the order of the steps.

    Args:
        recording: Of the command; the contents of damaged files are added to it.
    """
    seen = set()
    for number, step in enumerate(recording.steps):
        for kind, tree in _of_step(recording, number):
            state = frozenset((name, digest) for name, digest in tree.items() if not name.endswith(SHARED))
            if state not in seen:
                seen.add(state)
                yield CrashState(kind, number, f"{kind} before {step}", tree)


def unsynced_names(recording: Recording) -> set[str]:
    """Return the lasting names of files whose content the disk may lack: a power failure may empty them."""
    return {name for step in recording.steps for name in _unsynced(recording, step)}


def _of_step(recording: Recording, number: int) -> Iterator[tuple[str, Tree]]:
    step = recording.steps[number]
    before = recording.steps[number - 1].tree if number else step.tree
    yield from (("transaction", tree) for tree in _transactions(recording, before, step.tree))
    yield from (("torn", tree) for tree in _torn(recording, before, step.tree))
    yield "cut", step.tree
    if not number or _unsynced(recording, step) != _unsynced(recording, recording.steps[number - 1]):
        yield from (("unsynced", tree) for tree in _emptied(recording, step))
    # What came later is kept for sure where something was synced since.
    if number and recording.steps[number - 1].operation == FSYNC:
        yield from (("reordered", tree) for tree in _reordered(recording, number))


def _torn(recording: Recording, before: Tree, after: Tree) -> Iterator[Tree]:
    written = [
        name
        for name, digest in after.items()
        if digest
        and before.get(name) != digest
        and not SQLITE.search(name)
        and recording.contents[digest]
        # A rename writes nothing.
        and digest not in before.values()
    ]
    if written:
        yield after | {name: _half(recording, after[name]) for name in written}


def _unsynced(recording: Recording, step: Step) -> list[str]:
    return [
        name
        for name in step.unsynced
        if not (TEMPORARY.search(name) or SQLITE.search(name) or OF_MLFLOW.search(name))
        and recording.contents[step.tree[name] or ""]
    ]


def _emptied(recording: Recording, step: Step) -> Iterator[Tree]:
    if names := _unsynced(recording, step):
        yield step.tree | dict.fromkeys(names, recording.keep(b""))
        yield step.tree | {name: _half(recording, step.tree[name]) for name in names}
        yield step.tree | {name: recording.keep(bytes(_size(recording, step.tree[name]))) for name in names}


def _reordered(recording: Recording, number: int) -> Iterator[Tree]:
    """Undo each rename but the last that no sync of the folder has made last."""
    tree = recording.steps[number].tree
    for earlier in range(number - 2, -1, -1):
        done, following = recording.steps[earlier], recording.steps[earlier + 1]
        if done.operation == FSYNC and following.tree.get(done.path, "") is FOLDER:
            return
        if done.operation != RENAME:
            continue
        changed = {name for name in done.tree.keys() ^ following.tree.keys() if not _is_left_out(name)}
        if changed and all(tree.get(name, "") == following.tree.get(name, "") for name in changed):
            undone = {name: digest for name, digest in tree.items() if name not in changed}
            undone |= {name: done.tree[name] for name in changed & done.tree.keys()}
            if undone != done.tree and _has_its_folders(undone, changed, tree):
                yield undone


def _has_its_folders(undone: Tree, changed: set[str], tree: Tree) -> bool:
    """Tell whether names were undone that others need, or that need others."""
    restored = (name for name in changed if name in undone and "/" in name)
    lacking = tuple(f"{name}/" for name in changed if name in tree and name not in undone)
    return all(undone.get(name.rpartition("/")[0], "") is FOLDER for name in restored) and not any(
        name.startswith(lacking) for name in undone
    )


def _is_left_out(name: str) -> bool:
    return bool(SQLITE.search(name) or OF_MLFLOW.search(name))


def _transactions(recording: Recording, before: Tree, after: Tree) -> Iterator[Tree]:
    """Cut what SQLite appended to a write-ahead log at the end of each transaction, and in the middle of it."""
    for name, digest in after.items():
        database = name.removesuffix(WAL)
        if digest is FOLDER or not name.endswith(WAL) or before.get(database) != after.get(database):
            continue
        old, new = recording.contents.get(before.get(name) or "", b""), recording.contents[digest]
        if len(new) <= len(old) or not new.startswith(old):
            continue
        rest = {other: kept for other, kept in after.items() if other != database + SHARED}
        if not OF_SPOOL.match(name):
            # MLflow's database is synced at each commit: nothing that a spool notes afterwards is there without it.
            rest |= {other: kept for other, kept in before.items() if OF_SPOOL.match(other) and other in after}
        for end in _ends(new, len(old)):
            yield rest | {name: recording.keep(new[:end])}


def _ends(log: bytes, known: int) -> Iterator[int]:
    frame = FRAME_HEADER + int.from_bytes(log[8:12], "big")
    begun = max(known, WAL_HEADER)
    for start in range(begun, len(log) - frame + 1, frame):
        # The header of a frame that ends a transaction says how large the database is afterwards.
        if log[start + 4 : start + 8] != bytes(4):
            yield (begun + start + frame) // 2
            yield start + frame
            begun = start + frame


def _half(recording: Recording, digest: str | None) -> str:
    return recording.keep(recording.contents[digest or ""][: _size(recording, digest) // 2])


def _size(recording: Recording, digest: str | None) -> int:
    return len(recording.contents[digest or ""])
