"""`reprodx diff`: on one screen, what differs between two runs: settings, code, data, environment, results."""

from __future__ import annotations

import functools
import sys
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from reprodx.reproduction.difference_lines import (
    Side,
    code_lines,
    data_lines,
    environment_lines,
    result_lines,
    setting_lines,
)
from reprodx.reproduction.opened_run import open_recorded
from reprodx.reproduction.unnamed_cases import write_numbered
from reprodx.tracking.compared_files import ENDINGS, file_source, find_file
from reprodx.tracking.patient_ids import write_hashed
from reprodx.tracking.patient_key import find_own
from reprodx.tracking.store_here import open_store_here

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from reprodx.tracking.store import Store

MAX_LINES = 12
"""Of one part, so that all fit on a screen."""


def diff(names: Sequence[str]) -> None:
    """Print what differs between two runs, and what is the same in a line.

    Args:
        names: Two, each as `open_recorded` takes it, or a file of predictions.

    Raises:
        ConfigError: If nothing has a name, or several runs have it.
        ArtifactError: If what a run left is absent or damaged.
        TrackingError: If the store refuses.
    """
    store = functools.cache(open_store_here)
    with TemporaryDirectory() as temporary:
        folders = [Path(temporary) / name for name in ("first", "second")]
        for folder in folders:
            folder.mkdir()
        sides = [_side(name, store, folder) for name, folder in zip(names, folders, strict=True)]
        sides = [_numbered_as(one, sides, folder) for one, folder in zip(sides, folders, strict=True)]
        first, second = (_hashed_as(one, sides, folder) for one, folder in zip(sides, folders, strict=True))
        sys.stdout.write("\n".join(difference(first, second, Path.cwd())) + "\n")


def difference(first: Side, second: Side, root: Path) -> Iterator[str]:
    """Yield what differs, a line each.

    Args:
        first: What is told in the first place.
        second: What is told beside it.
        root: The root of the project, whose repository is asked about commits.

    Yields:
        A title, then for each part whether it is the same, and in what not.
    """
    yield f"{first.label} | {second.label}"
    if first.run is not None and second.run is not None:
        yield from _part("settings", setting_lines(first.run, second.run))
        yield from _part("code", code_lines(first.run, second.run, root))
        yield from _part("data", data_lines(first.run, second.run))
        yield from _part("environment", environment_lines(first.run, second.run))
    else:
        yield "a file of predictions alone says nothing of settings, code, data and environment"
    yield from _part("results", result_lines(first, second))


def _part(title: str, lines: Iterator[str]) -> Iterator[str]:
    found = list(lines)
    if not found:
        yield f"{title}: the same"
        return
    yield f"{title}:"
    yield from (f"  {line}" for line in found[:MAX_LINES])
    if len(found) > MAX_LINES:
        yield f"  and {len(found) - MAX_LINES} more"


def _side(name: str, store: Callable[[], Store | None], folder: Path) -> Side:
    file = find_file(name) if name.lower().endswith(ENDINGS) or Path(name).is_dir() else None
    if file is not None:
        return Side(file_source(file)[0].label, file, None)
    run = open_recorded(name, store, folder)
    return Side(run.in_words, run.predictions, run)


def _hashed_as(side: Side, sides: Sequence[Side], folder: Path) -> Side:
    """Hash the ids of predictions as those of the other are, so that the two can be matched, if the key is here."""
    if side.predictions is None or side.key is not None:
        return side
    key = next((found for one in sides if one.key is not None and (found := find_own(one.key))), None)
    if key is None:
        return side
    write_hashed(side.predictions, folder / "hashed.parquet", key)
    return replace(side, predictions=folder / "hashed.parquet")


def _numbered_as(side: Side, sides: Sequence[Side], folder: Path) -> Side:
    """Number the cases of a run as a bundle of the same split does, so that the two can be matched."""
    is_asked = any(other.is_numbered and other.split_hash == side.split_hash for other in sides)
    if side.is_numbered or not is_asked or side.run is None or side.predictions is None:
        return side
    target = folder / "numbered.parquet"
    write_numbered(side.predictions, target)
    return Side(side.label, target, replace(side.run, is_numbered=True))
