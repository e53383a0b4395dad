"""The code of a run, from wherever it can be had: the repository's history, or the archive of a bundle."""

from __future__ import annotations

import tarfile
from contextlib import contextmanager
from typing import TYPE_CHECKING

from reprodx.errors import ArtifactCorruptError, ReproductionError
from reprodx.reproduction.workspace import CODE, own_folder, workspace
from reprodx.tracking.description import DIFF_FILE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from reprodx.reproduction.recorded_run import RecordedRun


@contextmanager
def code_of(run: RecordedRun, root: Path) -> Iterator[Path]:
    """Yield the project as it was when a run was made, in a folder that goes when the block ends.

    Args:
        run: As it was recorded.
        root: The root of the person's project.

    Yields:
        The root of the project in the workspace.

    Raises:
        ConfigError: If the repository does not have the commit.
        ArtifactCorruptError: If archive or changes are damaged.
        ReproductionError: If nothing says which code it was.
    """
    if run.source_archive is not None:
        with own_folder(root) as folder:
            _unpack(run.source_archive, folder / CODE)
            yield folder / CODE
        return
    if run.commit is None:
        raise ReproductionError(
            f"{run.in_words} does not say of which commit its code was: it cannot be made again from here"
        )
    changes = run.folder / DIFF_FILE
    # As bytes: lines may end with a carriage return.
    with workspace(root, run.commit, changes.read_bytes() if changes.is_file() else run.diff.encode()) as project:
        yield project


def _unpack(archive: Path, folder: Path) -> None:
    try:
        with tarfile.open(archive) as opened:
            # The filter refuses names and links that lead out, and devices.
            opened.extractall(folder, filter="data")
    except (tarfile.TarError, OSError, EOFError) as error:
        raise ArtifactCorruptError(f"{archive.name} is damaged ({error}): it cannot be unpacked") from error
