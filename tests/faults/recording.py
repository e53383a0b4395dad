"""What a command leaves on the disk before each of its operations on files, recorded while it runs.

Python tells an audit hook of every opening, renaming, making and removing before it happens; what compiled libraries
write in between is found as a change of the files themselves. Transactions of SQLite are in its write-ahead log.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
AUDITED = frozenset(
    (
        "open",
        "os.rename",
        "os.remove",
        "os.rmdir",
        "os.mkdir",
        "os.truncate",
        "os.link",
        "os.symlink",
        "sqlite3.connect",
    )
)
"""The events of Python that come before a change of files."""
BY_DESCRIPTOR = ("os.remove", "os.rmdir", "os.mkdir")
"""Of these the last argument is the descriptor of the folder that the name is in, or -1."""
FSYNC = "fsync"
STEPS = "steps.json"
END = "the end"
SOURCE = "/code/reprodx"
"""The copy of the source in a served model: hundreds of files, whose operations are no steps."""
FOLDER = None
"""Stands in a tree for a folder, where a file has the digest of its content."""

Tree = dict[str, str | None]
"""What lies at each path below the root."""


@dataclass(frozen=True)
class Step:
    """The disk just before an operation."""

    operation: str
    """Its name, such as `os.rename`."""
    path: str
    """What it is about, relative to the root."""
    tree: Tree
    unsynced: tuple[str, ...]
    """Files whose content the disk may not have yet."""

    def __str__(self) -> str:
        """Name the operation without the random parts of temporary names."""
        return f"{self.operation.removeprefix('os.')} {nameless(self.path)}"


@dataclass
class Recording:
    """All steps of a command, with the content of the files."""

    steps: list[Step] = field(default_factory=list)
    contents: dict[str, bytes] = field(default_factory=dict)
    """By digest."""

    def keep(self, content: bytes) -> str:
        """Remember a content; return its digest."""
        digest = hashlib.sha256(content).hexdigest()
        self.contents.setdefault(digest, content)
        return digest

    def write(self, folder: Path) -> None:
        """Write the recording for another process: of each tree what is other than in the tree before."""
        folder.mkdir(parents=True)
        for digest, content in self.contents.items():
            (folder / digest).write_bytes(content)
        steps = []
        before: Tree = {}
        for step in self.steps:
            changed = {name: digest for name, digest in step.tree.items() if before.get(name, "") != digest}
            removed = [name for name in before if name not in step.tree]
            steps.append([step.operation, step.path, changed, removed, step.unsynced])
            before = step.tree
        (folder / STEPS).write_text(json.dumps(steps))

    @classmethod
    def read(cls, folder: Path) -> Recording:
        """Read what another process wrote."""
        steps = []
        tree: Tree = {}
        for operation, path, changed, removed, unsynced in json.loads((folder / STEPS).read_text()):
            tree = {name: digest for name, digest in tree.items() if name not in removed} | changed
            steps.append(Step(operation, path, tree, tuple(unsynced)))
        return cls(steps, {file.name: file.read_bytes() for file in folder.iterdir() if file.name != STEPS})


class _Recorder:
    def __init__(self, root: Path, watched: Sequence[str]) -> None:
        self.recording = Recording()
        self._root, self._watched = root, watched
        self._known: dict[tuple[int, int, int], str] = {}
        self._lock = threading.RLock()
        self._is_looking = False
        tree, inodes = self._look()
        # What lay there before is on the disk.
        self._synced = {inode: tree[name] or "" for name, inode in inodes.items()}

    def hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event not in AUDITED or (event == "open" and not arguments[2] & WRITING) or self._is_own_thread():
            return
        named = arguments[1] if event in {"os.rename", "os.link", "os.symlink"} else arguments[0]
        if event in BY_DESCRIPTOR and arguments[-1] != -1:
            # As when a tree is removed.
            named = Path(f"/proc/self/fd/{arguments[-1]}").readlink() / os.fsdecode(named)
        if (path := self._below_root(named)) is not None:
            self.note(event, path)

    def note(self, operation: str, path: str) -> None:
        with self._lock:
            self._is_looking = True
            try:
                tree, inodes = self._look()
                unsynced = tuple(
                    name
                    for name, inode in inodes.items()
                    if self._synced.get(inode) != tree[name] and SOURCE not in name
                )
                self.recording.steps.append(Step(operation, path, tree, unsynced))
            finally:
                self._is_looking = False

    def fsync(self, real: Callable[[int], None]) -> Callable[[int], None]:
        def traced(descriptor: int) -> None:
            path = self._below_root(Path(f"/proc/self/fd/{descriptor}").readlink())
            if path is None:
                real(descriptor)
                return
            self.note(FSYNC, path)
            real(descriptor)
            if digest := self.recording.steps[-1].tree.get(path):
                self._synced[os.fstat(descriptor).st_ino] = digest

        return traced

    def _is_own_thread(self) -> bool:
        """Tell whether the recorder itself is looking, and not another thread of the command."""
        if not self._lock.acquire(blocking=False):
            return False
        try:
            return self._is_looking
        finally:
            self._lock.release()

    def _below_root(self, named: object) -> str | None:
        if not isinstance(named, str | bytes | os.PathLike):
            return None
        path = Path(os.path.abspath(os.fsdecode(named)))  # noqa: PTH100 - links are left as they are
        if not path.is_relative_to(self._root):
            return None
        relative = path.relative_to(self._root).as_posix()
        return relative if relative.startswith(tuple(self._watched)) and SOURCE not in relative else None

    def _look(self) -> tuple[Tree, dict[str, int]]:
        tree: Tree = {}
        inodes: dict[str, int] = {}
        for entry in _below(self._root, self._watched):
            name = entry.path.removeprefix(f"{self._root.as_posix()}/")
            # Another thread may have removed it meanwhile.
            with contextlib.suppress(FileNotFoundError):
                if entry.is_dir():
                    tree[name] = FOLDER
                else:
                    tree[name], inodes[name] = self._content(Path(entry.path))
        return tree, inodes

    def _content(self, path: Path) -> tuple[str, int]:
        found = path.stat()
        state = (found.st_ino, found.st_mtime_ns, found.st_size)
        if state not in self._known:
            self._known[state] = self.recording.keep(path.read_bytes())
        return self._known[state], found.st_ino


@contextlib.contextmanager
def recording(root: Path, watched: Sequence[str]) -> Iterator[Recording]:
    """Record what the block does to files.

    Args:
        root: The project's root.
        watched: Names in it, of files or folders, also as the beginning of names; what lies elsewhere is not recorded.

    Yields:
        The recording, complete when the block has ended.
    """
    recorder = _Recorder(root.resolve(), watched)
    heard = [recorder.hear]
    # A hook cannot be taken away again: it falls silent.
    sys.addaudithook(lambda event, arguments: heard[0](event, arguments) if heard else None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, FSYNC, recorder.fsync(os.fsync))
        try:
            yield recorder.recording
            recorder.note(END, "")
        finally:
            heard.clear()


def place(root: Path, tree: Mapping[str, str | None], contents: Mapping[str, bytes], watched: Sequence[str]) -> None:
    """Make the disk hold a tree in place of what it holds below the watched names."""
    for path in sorted((Path(entry.path) for entry in _below(root, watched)), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    for name, digest in sorted(tree.items()):
        path = root / name
        if digest is FOLDER:
            path.mkdir(parents=True, exist_ok=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(contents[digest])


def nameless(path: str) -> str:
    """Return a path without hashes and random parts, by which the same operation of two runs is known."""
    path = re.sub(r"[0-9a-f]{12,}", "*", path)
    return re.sub(r"\.[\w-]+-\d+\.\w{8}(?=/|$)", ".*", path)


def _below(root: Path, watched: Sequence[str]) -> Iterator[os.DirEntry[str]]:
    """Yield what the names that are watched begin, and all that is in it."""
    folders = [root.as_posix()]
    while folders:
        with contextlib.suppress(FileNotFoundError), os.scandir(folders.pop()) as entries:
            for entry in entries:
                name = entry.path.removeprefix(f"{root.as_posix()}/")
                is_watched = name.startswith(tuple(watched))
                if is_watched:
                    yield entry
                if entry.is_dir() and (is_watched or any(part.startswith(f"{name}/") for part in watched)):
                    folders.append(entry.path)
