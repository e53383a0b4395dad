"""The source that decides what a run leaves, its hash, and whether a commit holds it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from reprodx.hashing import sha256_of_files
from reprodx.tracking.git import ask_git

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(__file__).parents[1]
"""What was imported."""
AFTERWARDS = (
    *("__main__", "cli", "comparison", "doctor", "last_result", "record", "reporting/comparison"),
    *("reporting/comparison_json", "reporting/comparison_table", "reproduction", "serving", "stages/compare", "sweep"),
    "tracking",
)
"""Sources without a part in what a run computes: they name a run, keep it, or judge and use it when it has ended."""
ENDINGS = {".css", ".j2", ".py", ".toml"}
"""Of sources: code, and what the report is filled in from."""


def code_hash(package: Path = PACKAGE) -> str:
    """Return the sha256, as hex, of the source that decides what a run leaves.

    All of the package counts but `AFTERWARDS`, so that a new room counts until somebody says that it need not. Which
    model, cases and metrics there are is not enough: `pipeline` decides what is called, `start` and `portability` how
    processors compute, `hashing` and `config` which settings hold and which files are taken for the same,
    `explanation` and `reporting` the numbers of `explanations.json`, the model card and the report. Equal hashes
    therefore promise equal files, the report's included; the price is that an edited sentence of the report makes
    another code.

    Args:
        package: The folder of the package.

    Returns:
        64 hexadecimal digits.
    """
    return sha256_of_files(package, (package / name for name in _names(package)))


def uncommitted(root: Path, package: Path = PACKAGE) -> set[str]:
    """Return which of the source that decides what a run leaves is not in the commit that a working tree stands on.

    By content, not by git's own list of changes: that leaves out ignored files, those that it was told not to look
    at, and a package that was imported from elsewhere.

    Args:
        root: The root of the project.
        package: The folder of the package.

    Returns:
        Names from the package's folder of files that differ, are absent, or that the commit does not have.
    """
    folder = f"src/{PACKAGE.name}/"
    entries = ask_git(root, "ls-tree", "-r", "-z", "HEAD", "--", folder).split("\0")
    pairs = (entry.partition("\t") for entry in entries if entry)
    held = {name.removeprefix(folder): about.split()[2] for about, _, name in pairs}
    names = sorted(_names(package))
    # In the words of git, which may keep a file with other ends of lines than the working tree has.
    paths = [str(package.absolute() / name) for name in names]
    blobs = ask_git(root, "hash-object", "--stdin-paths", given="\n".join(paths)).split()
    here = dict(zip(names, blobs, strict=False))
    decisive = {name for name in held if _counts(name)}
    return {name for name in decisive | set(names) if held.get(name) != here.get(name, "")}


def _names(package: Path) -> Iterator[str]:
    names = (path.relative_to(package).as_posix() for path in package.rglob("*"))
    return (name for name in names if _counts(name))


def _counts(name: str) -> bool:
    return Path(name).suffix in ENDINGS and not name.startswith(
        tuple(f"{one}{end}" for one in AFTERWARDS for end in "/.")
    )
