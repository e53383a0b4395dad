"""Which code made a run: no user name, no path of the machine, no patient's row."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from reprodx.hashing import sha256_of_json
from reprodx.tracking.git import ask_git
from reprodx.tracking.masked_patch import masked_patch
from reprodx.tracking.names import CODE_HASH, DIRTY, OBSTACLES, REPRODUCIBLE
from reprodx.tracking.result_code import PACKAGE, code_hash, uncommitted

REWRITTEN = ("params.yaml", "dvc.lock", "results/")
"""What the stages themselves rewrite: never a sign of changed code."""
SOURCES = ("src/*", "conf/*", "*.py", "*.toml", "*.lock", "dvc.yaml", "Makefile")
"""What a diff may show. Tables and notebooks may hold patients' rows, so other files only count as dirty."""
OWN = f"src/{PACKAGE.name}"
PATCH = ("diff", "--no-color", "--no-ext-diff", "--no-textconv", "--no-relative", "--unified=3")
"""A patch that can be applied, whatever a person's settings of git make of one for reading."""
UNKNOWN = "unknown"
EDITED = "the source was edited while the run went on"
TRAINED_BEFORE = "the model was trained by other code than judged it"


@dataclass(frozen=True)
class Provenance:
    """The state of the code, all of one moment."""

    commit: str
    """The commit's sha, `unknown` outside git."""
    dirty: str
    """`false` where the commit holds the code that was imported and nothing else differs, `true`, or `unknown` outside
    git."""
    diff: str
    """The uncommitted changes of sources, new files included, as a patch without passwords; empty where none are."""
    code_hash: str
    """Of the code that was imported, see `result_code.code_hash`."""
    is_recorded: bool = True
    """Whether commit and patch hold it: not where it was imported from elsewhere than the working tree."""
    masked: tuple[str, ...] = ()
    """The files whose changes hold a secret, which the patch does not."""


def provenance(root: Path, package: Path = PACKAGE) -> Provenance:
    """Return the state of the code in a working tree.

    Args:
        root: The root of the project.
        package: The folder of the package that was imported.

    Returns:
        The state; `unknown` where git is absent or nothing was ever committed.
    """
    imported = code_hash(package)
    commit = ask_git(root, "rev-parse", "--verify", "--quiet", "HEAD").strip()
    if not commit:
        return Provenance(UNKNOWN, UNKNOWN, "", imported)
    left_out = [f":(exclude){path}" for path in REWRITTEN]
    changed = uncommitted(root, package)
    if not changed and not ask_git(root, "status", "--porcelain", "--", ".", *left_out):
        return Provenance(commit, "false", "", imported)
    diff, masked = masked_patch(_changes(root, left_out) + _new_files(root, left_out, changed))
    is_recorded = not changed or package.resolve() == (root / OWN).resolve()
    return Provenance(commit, "true", diff, imported, is_recorded, masked)


@functools.cache
def provenance_of_process(root: Path) -> Provenance:
    """Return the state of the code when this process first asked: what it imported does not follow later edits."""
    return provenance(root)


def edit_tags(root: Path) -> dict[str, str]:
    """Return what is to be noted of a run where the source was edited since this process first looked at it.

    What was imported before is of one state and what was imported later of another, so the code is that of no commit
    and of no other run.

    Args:
        root: The root of the project.

    Returns:
        Values by tag; none where the source is as it was.
    """
    now = code_hash()
    return {} if now == provenance_of_process(root).code_hash else mixed_tags(root, now, EDITED)


def mixed_tags(root: Path, other: str, why: str) -> dict[str, str]:
    """Return the tags of a run that other code than that of this process had a part in.

    Args:
        root: The root of the project.
        other: A hash of that code, or of what it made.
        why: Such as `EDITED`.

    Returns:
        Values by tag; the hash is that of no code, and differs from that of every run of one.
    """
    mixed = sha256_of_json([provenance_of_process(root).code_hash, other])
    return {DIRTY: "true", CODE_HASH: mixed, REPRODUCIBLE: "false", OBSTACLES: why}


def _changes(root: Path, left_out: list[str]) -> str:
    """Return the patch of the sources that git knows; of the package also those that it was told not to look at."""
    show = [*PATCH, "--src-prefix=a/", "--dst-prefix=b/", "HEAD", "--"]
    with TemporaryDirectory() as folder:
        index = Path(folder) / "index"
        ask_git(root, "read-tree", "HEAD", index=index)
        own = ask_git(root, *show, OWN, index=index)
    return own + ask_git(root, *show, *SOURCES, *left_out, f":(exclude){OWN}")


def _new_files(root: Path, left_out: list[str], changed: set[str]) -> str:
    """Return the patch that adds the sources that git does not know yet, such as the file of a new network."""
    listed = ["ls-files", "-z", "--others"]
    names = ask_git(root, *listed, "--exclude-standard", "--", *SOURCES, *left_out).split("\0")
    if changed:
        names += ask_git(root, *listed, "--", *(f"{OWN}/{name}" for name in changed)).split("\0")
    # Which git writes from the folder here, and all else from the root of the repository.
    place = ask_git(root, "rev-parse", "--show-prefix").strip()
    show = [*PATCH, f"--src-prefix=a/{place}", f"--dst-prefix=b/{place}", "--no-index", "--", "/dev/null"]
    return "".join(ask_git(root, *show, name) for name in sorted({*names} - {""}))
