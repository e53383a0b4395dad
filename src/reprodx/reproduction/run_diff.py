"""`reprodx diff`: on one screen, what differs between two runs: settings, code, data, environment, results."""

from __future__ import annotations

import functools
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from reprodx.reproduction.difference_lines import (
    code_lines,
    data_lines,
    environment_lines,
    result_lines,
    setting_lines,
)
from reprodx.reproduction.recorded_run import open_recorded
from reprodx.tracking.compared_files import ENDINGS, file_source, find_file
from reprodx.tracking.store_here import open_store_here

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from reprodx.reproduction.recorded_run import RecordedRun
    from reprodx.tracking.store import Store

MAX_LINES = 12
"""Of one part, so that all fit on a screen."""


@dataclass(frozen=True)
class Side:
    """One of the two that are told apart."""

    label: str
    predictions: Path | None
    run: RecordedRun | None
    """None of a file of predictions."""


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
        first, second = (_side(name, store, folder) for name, folder in zip(names, folders, strict=True))
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
    metrics = [None if side.run is None else side.run.metrics for side in (first, second)]
    yield from _part("results", result_lines((first.predictions, second.predictions), (metrics[0], metrics[1])))


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
