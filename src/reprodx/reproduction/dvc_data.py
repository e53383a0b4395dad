"""Data that DVC keeps: read from its cache by the hash that a `.dvc` file names, or fetched from its remote."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reprodx.reproduction.placing import put, remove
from reprodx.tracking.dvc_pointers import POINTER, outs_of

if TYPE_CHECKING:
    from collections.abc import Iterator

LISTING = ".dir"
"""How the hash of a folder ends, under which its files are listed."""
CACHE = Path(".dvc/cache")
"""Where the cache is unless its configuration says otherwise."""


def from_cache(project: Path, root: Path, path: Path, target: Path) -> bool:
    """Put data where they are needed, out of DVC's cache.

    Args:
        project: Where the `.dvc` file lies, as it was or as it is.
        root: The root of the person's project, whose cache it is.
        path: Of the data, from the project's root.
        target: Where they go.

    Returns:
        Whether the cache had them.
    """
    if not (hashes := list(_md5s(project, path))):
        return False
    return any(_put_object(cache / "files" / "md5", md5, target) for cache in _caches(root) for md5 in hashes)


def from_remote(project: Path, root: Path, commit: str, path: Path, target: Path) -> bool:
    """Put data where they are needed, out of the remote that DVC's configuration names.

    Args:
        project: The root of the workspace.
        root: The root of the person's project.
        commit: Whose `.dvc` file is read; where it has none, that of the person's own tree.
        path: Of the data, from the project's root.
        target: Where they go.

    Returns:
        Whether there is a remote that had them.
    """
    remove(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    get = [sys.executable, "-m", "dvc", "get", "--quiet", "--force"]
    command = [*get, "--out", str(target), str(root), path.as_posix()]
    for noted_in, of_commit in ((project, ["--rev", commit]), (root, [])):
        # Asking DVC takes seconds.
        if not any(_md5s(noted_in, path)):
            continue
        done = subprocess.run([*command, *of_commit], capture_output=True, check=False, cwd=root)
        if done.returncode == 0 and target.exists():
            return True
    return False


def _caches(root: Path) -> Iterator[Path]:
    asked = subprocess.run(
        [sys.executable, "-m", "dvc", "cache", "dir"], capture_output=True, check=False, cwd=root, text=True
    )
    yield Path(asked.stdout.strip()) if asked.returncode == 0 and asked.stdout.strip() else root / CACHE


def _md5s(project: Path, path: Path) -> Iterator[str]:
    """Yield the hash of a file or folder, by its own `.dvc` file or by that of a folder that it lies in."""
    for tracked in (path, *path.parents):
        md5 = outs_of(project / f"{tracked}{POINTER}").get(tracked.name, {}).get("md5")
        if isinstance(md5, str):
            yield md5 if tracked == path else f"{md5}/{path.relative_to(tracked).as_posix()}"


def _put_object(objects: Path, md5: str, target: Path) -> bool:
    md5, _, inside = md5.partition("/")
    stored = objects / md5[:2] / md5[2:]
    if not stored.is_file():
        return False
    if not md5.endswith(LISTING):
        put(stored, target)
        return True
    return _put_listed(objects, json.loads(stored.read_text(encoding="utf-8")), inside, target)


def _put_listed(objects: Path, listed: list[dict[str, Any]], inside: str, target: Path) -> bool:
    """Put the files of a folder, or of a part of it, at the target; all or none."""
    chosen = {one["relpath"]: objects / one["md5"][:2] / one["md5"][2:] for one in listed}
    if inside:
        chosen = {
            name.removeprefix(inside).lstrip("/"): stored
            for name, stored in chosen.items()
            if name == inside or name.startswith(f"{inside}/")
        }
    if not chosen or not all(stored.is_file() for stored in chosen.values()):
        return False
    for name, stored in chosen.items():
        put(stored, target / name if name else target)
    return True
