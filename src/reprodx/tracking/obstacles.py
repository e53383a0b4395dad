"""Why a run cannot be made again from what is recorded of it, asked when it begins: code, data, packages, processor.

What is asked is cheap: git lists files and their states once, and of data that DVC keeps sizes and times are compared.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from reprodx.config.identity import cards_of, named_files
from reprodx.errors import first_of
from reprodx.tracking.dvc_pointers import POINTER, outs_of
from reprodx.tracking.environment import installed
from reprodx.tracking.git import ask_git
from reprodx.tracking.names import OBSTACLES, REPRODUCIBLE
from reprodx.tracking.provenance import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from reprodx.config import Config
    from reprodx.tracking.provenance import Provenance

SOURCE_FOLDERS = ("src", "conf")
"""Whose files a run may use without being told their names."""
CODE_ENDINGS = (".j2", ".json", ".py", ".pyd", ".so", ".toml", ".yaml", ".yml")
"""Of files there that a run may use; others, such as an editor's, are of no account."""
BUILT = ".egg-info"
"""Ends the name of a folder that installers make among the sources."""
UNDECODABLE = "\N{REPLACEMENT CHARACTER}"
BINARY = "Binary files "
"""How a patch tells that a file changed whose bytes it does not show."""
IGNORED = "!!"
"""What git calls the state of a file that it does not look at."""


def obstacles(config: Config, code: Provenance, root: Path) -> tuple[str, ...]:
    """Return why a run that begins now cannot be made again elsewhere, one line each.

    Args:
        config: The validated configuration.
        code: The state of the code, as it is recorded.
        root: The root of the project.

    Returns:
        Nothing where commit, recorded changes, data under git or DVC, and an index of packages are enough.
    """
    without_git = ("the code is in no git commit: `git init` and commit it",)
    of_files = without_git if code.commit == UNKNOWN else (*_of_code(code, root), *_of_data(config, root))
    return (*of_files, *_of_packages(), *_of_accelerator(config))


def reproducibility_tags(found: Sequence[str]) -> dict[str, str]:
    """Return the tags that tell whether a run can be made again, and why not."""
    tags = {REPRODUCIBLE: "false" if found else "true"}
    return {**tags, OBSTACLES: "; ".join(found)} if found else tags


def _of_code(code: Provenance, root: Path) -> Iterator[str]:
    changed = [line.removeprefix(BINARY) for line in code.diff.splitlines() if line.startswith(BINARY)]
    if changed:
        yield f"a change that is not text is not recorded ({first_of(_changed_names(changed))}): commit it"
    if code.masked:
        yield f"a password in an uncommitted change is not recorded ({first_of(code.masked)}): take it out, and commit"
    if not code.is_recorded:
        yield "reprodx was imported from elsewhere, and the commit holds other code: run a checkout that has its source"
    if UNDECODABLE in code.diff:
        yield "an uncommitted change is not UTF-8 text, and is recorded damaged: commit it"
    states = _states(root, SOURCE_FOLDERS)
    unseen = [name for state, name in states if state == IGNORED for name in _used(root, name)]
    # Ours are compared with the commit by their bytes; what is left is what a user put beside them.
    unseen = [name for name in unseen if f"+++ b/{name}" not in code.diff]
    if unseen:
        yield f"git ignores what the run may have used ({first_of(unseen)}): take it out of .gitignore, or away"


def _used(root: Path, name: str) -> Iterator[str]:
    """Yield the files that count of an ignored file or folder."""
    path = root / name
    files = [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.is_file())
    for file in files:
        inside = file.relative_to(root)
        is_made = "__pycache__" in inside.parts or any(part.endswith(BUILT) for part in inside.parts)
        if file.suffix in CODE_ENDINGS and not is_made:
            yield inside.as_posix()


def _changed_names(told: Sequence[str]) -> list[str]:
    """Return the files of git's `a/x and b/x differ`."""
    return [line.removesuffix(" differ").rpartition(" and ")[2].removeprefix("b/") for line in told]


def _of_data(config: Config, root: Path) -> Iterator[str]:
    named = [*named_files(config).items(), *(("card", card) for card in cards_of(config))]
    # Not resolved: what lies behind a link is not in the commit that holds the link.
    places = [(what, Path(os.path.normpath(root / path))) for what, path in named]
    inside = [(what, place.relative_to(root)) for what, place in places if place.is_relative_to(root)]
    pointers = {path: _pointer(root, path) for _, path in inside}
    asked = [str(path) for path in (*pointers, *filter(None, pointers.values()))]
    kept = _Kept(root, asked) if asked else None
    for what, place in places:
        path = place.relative_to(root) if place.is_relative_to(root) else None
        pointer = None if path is None else pointers[path]
        if path is None or (pointer is None and not place.resolve().is_relative_to(root.resolve())):
            yield f"{what} ({place.name}) lies outside the repository: move it there, under git or DVC"
        elif pointer is not None and kept is not None and kept.has(pointer):
            if _is_changed(root, pointer):
                yield f"{what} ({path}) is not what {pointer} says: `dvc add` it again and commit"
        elif kept is not None and not kept.has(path):
            yield f"{what} ({path}) is not as in a commit, nor kept by DVC: `dvc add` it, or commit what all may see"


class _Kept:
    """What git has of some paths, as it is in the last commit."""

    def __init__(self, root: Path, paths: Sequence[str]) -> None:
        """Ask git once."""
        self._known = [name for name in ask_git(root, "ls-files", "-z", "--", *paths).split("\0") if name]
        self._touched = [name for _, name in _states(root, paths)]

    def has(self, path: Path) -> bool:
        """Tell whether git has all of a file or folder."""
        name = str(path)
        below = f"{name}/"
        is_known = any(one == name or one.startswith(below) for one in self._known)
        return is_known and not any(
            one == name or one.startswith(below) or below.startswith(f"{one}/") for one in self._touched
        )


def _pointer(root: Path, path: Path) -> Path | None:
    """Return the file by which DVC keeps a path, or a folder that it lies in."""
    candidates = (place.with_name(f"{place.name}{POINTER}") for place in (path, *path.parents) if place.name)
    return next((one for one in candidates if (root / one).is_file()), None)


def _is_changed(root: Path, pointer: Path) -> bool:
    """Tell whether data are other than what DVC noted, by their size and, of a file that is newer, by their md5."""
    noted = outs_of(root / pointer).get(pointer.name.removesuffix(POINTER))
    kept = root / pointer.with_name(pointer.name.removesuffix(POINTER))
    if noted is None:
        return True
    if kept.is_dir():
        files = [file for file in kept.rglob("*") if file.is_file()]
        size = sum(file.stat().st_size for file in files)
        return (size, len(files)) != (noted.get("size", size), noted.get("nfiles", len(files)))
    if not kept.is_file() or kept.stat().st_size != noted.get("size", kept.stat().st_size):
        return True
    is_newer = kept.stat().st_mtime_ns > (root / pointer).stat().st_mtime_ns
    return is_newer and _md5(kept) != noted.get("md5")


def _md5(path: Path) -> str:
    import hashlib

    with path.open("rb") as file:
        # DVC's name of a file, and no matter of security.
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def _of_packages() -> Iterator[str]:
    lost = [one.name for one in installed() if not one.is_recoverable]
    if lost:
        yield f"packages came from a folder or repository, or have no version ({first_of(lost)}): install released ones"


def _of_accelerator(config: Config) -> Iterator[str]:
    if config.trainer.accelerator == "cpu":
        return
    import torch

    if config.trainer.accelerator == "gpu" or torch.cuda.is_available():
        yield "it was computed on a GPU: the same bytes come of the same model of GPU with the same driver alone"


def _states(root: Path, paths: Sequence[str]) -> list[tuple[str, str]]:
    """Return the state and name of what is changed, unknown to git or ignored by it, below some paths."""
    options = ("status", "--porcelain", "-z", "--no-renames", "--ignored=matching", "--untracked-files=all")
    found = ask_git(root, *options, "--", *paths).split("\0")
    # Git tells them from the root of the repository, in which the project may be a folder.
    prefix = ask_git(root, "rev-parse", "--show-prefix").strip()
    return [(entry[:2], entry[3:].rstrip("/").removeprefix(prefix)) for entry in found if entry]
