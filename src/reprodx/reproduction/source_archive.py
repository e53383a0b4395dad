"""The source of a run as one file: code and settings, no table, picture or notebook that may hold patients' rows."""

from __future__ import annotations

import tarfile
from typing import TYPE_CHECKING

from reprodx.errors import ConfigError
from reprodx.tracking.git import ask_git
from reprodx.tracking.provenance import SOURCES

if TYPE_CHECKING:
    from pathlib import Path

BESIDE = ("LICENSE*", "NOTICE*", "README.md", "CITATION.cff", ".gitignore", ".dvcignore")
"""What belongs to sources that are handed on, and what they are read with."""
LEFT_OUT = (":(exclude)data/*", ":(exclude)results/*", ":(exclude)params.yaml")
"""Never source, whatever it is called: settings of the last experiment, and what it left."""
MODES = {True: 0o755, False: 0o644}
"""Of files that can be executed, and of others."""


def write_source_archive(project: Path, target: Path) -> None:
    """Write the sources of a checked-out project; the same sources give the same bytes.

    Args:
        project: The root of the project, a working tree of git's with the commit and the changes of a run alone.
        target: The new tar file.

    Raises:
        ConfigError: If there are no sources.
    """
    listed = ask_git(project, "ls-files", "-z", "--cached", "--others", "--", *SOURCES, *BESIDE, *LEFT_OUT)
    # What a link leads to out of the project is no source of it.
    root = project.resolve()
    places = {name: (project / name).resolve() for name in listed.split("\0") if name}
    names = sorted(name for name, place in places.items() if place.is_file() and place.is_relative_to(root))
    if not names:
        raise ConfigError("the commit of the run holds no source: it was made in another repository")
    with tarfile.open(target, "w", format=tarfile.PAX_FORMAT) as archive:
        for name in names:
            path = project / name
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = path.stat().st_size, MODES[bool(path.stat().st_mode & 0o100)]
            with path.open("rb") as file:
                archive.addfile(entry, file)
