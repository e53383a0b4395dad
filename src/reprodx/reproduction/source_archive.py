"""The source of a run as one file: code and settings, no table, picture or notebook that may hold patients' rows."""

from __future__ import annotations

import io
import logging
import tarfile
from typing import TYPE_CHECKING

from reprodx.errors import ConfigError, first_of
from reprodx.redaction import without_secrets
from reprodx.tracking.git import ask_git
from reprodx.tracking.provenance import SOURCES

if TYPE_CHECKING:
    from pathlib import Path

logger = logging.getLogger(__name__)

BESIDE = ("LICENSE*", "NOTICE*", "README.md", "CITATION.cff", ".gitignore", ".dvcignore")
"""What belongs to sources that are handed on, and what they are read with."""
LEFT_OUT = (":(exclude)data/*", ":(exclude)results/*", ":(exclude)params.yaml")
"""Never source, whatever it is called: settings of the last experiment, and what it left."""
MODES = {True: 0o755, False: 0o644}
"""Of files that can be executed, and of others."""


def write_source_archive(project: Path, target: Path) -> None:
    """Write the sources of a checked-out project, passwords in them masked; the same sources give the same bytes.

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
    masked = []
    with tarfile.open(target, "w", format=tarfile.PAX_FORMAT) as archive:
        for name in names:
            path = project / name
            content = path.read_bytes()
            # Those of tests are made up.
            public = content if name.startswith("tests/") else _public(content, is_code=path.suffix == ".py")
            masked += [name] if public != content else []
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(public), MODES[bool(path.stat().st_mode & 0o100)]
            archive.addfile(entry, io.BytesIO(public))
    if masked:
        logger.warning("bundle: a password in %s is masked: whoever has the repository has it", first_of(masked))


def _public(content: bytes, *, is_code: bool) -> bytes:
    if b"\0" in content:
        return content
    text = content.decode("utf-8", "surrogateescape")
    return without_secrets(text, is_code=is_code).encode("utf-8", "surrogateescape")
