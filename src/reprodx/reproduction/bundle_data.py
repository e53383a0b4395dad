"""The source data of a bundle: found by their hashes, and packed where their cards let everybody pass them on."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reprodx.errors import DatasetNotFoundError
from reprodx.reproduction.crate import Part
from reprodx.reproduction.data_licence import open_licence
from reprodx.reproduction.placing import put
from reprodx.reproduction.raw_data import RawData, places
from reprodx.schemas import CARD
from reprodx.tracking.record import RAW

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from reprodx.reproduction.raw_data import Place
    from reprodx.reproduction.recorded_run import RecordedRun

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class BundledData:
    """What a bundle has of the data, and what they are called in it."""

    is_here: bool
    """Whether the bundle has them."""
    in_words: str
    parts: tuple[Part, ...]
    paths: Mapping[str, str]
    """From the root of the bundle, by the dotted key of the setting: no folder of a machine."""
    hashes: Mapping[str, str]
    """sha256 by those paths."""


def bundled_data(run: RecordedRun, root: Path, project: Path, content: Path, *, is_asked: bool) -> BundledData:
    """Put the data of a run into a bundle, if they may go there.

    Args:
        run: As it was recorded.
        root: The root of the person's project.
        project: That of a workspace with the run's commit, which the data are put into first.
        content: The folder of the bundle.
        is_asked: Whether they go in whatever their cards say.

    Returns:
        What is in the bundle.

    Raises:
        DatasetNotFoundError: If they are asked for and are nowhere.
    """
    recorded = run.hashes.get(RAW, {})
    found = list(places(root, run.config, recorded))
    is_here, in_words = _judged(run, root, project, found, is_asked=is_asked)
    parts = tuple(_packed(project, content, found)) if is_here else ()
    paths = {one.key: one.goes.as_posix() for one in found if one.key}
    renamed = {one.name: one.goes.as_posix() for one in found}
    hashes = {renamed.get(name, name): digest for name, digest in recorded.items()}
    return BundledData(is_here, in_words, parts, paths, hashes)


def _judged(run: RecordedRun, root: Path, project: Path, found: Sequence[Place], *, is_asked: bool) -> tuple[bool, str]:
    """Return whether the data go in, and why or why not."""
    if not found:
        return True, "whose data its settings make"
    try:
        RawData(root, project, run.commit or "").place(run.config, run.hashes.get(RAW, {}))
    except DatasetNotFoundError:
        if is_asked:
            raise
        return False, "without its data, which are not here"
    licences = {_licence(project, one) for one in found if one.key}
    if is_asked:
        return True, "with its data, as was asked for"
    if None in licences:
        return False, f"without its data: no {CARD} says that everybody may pass them on (--with-data packs them)"
    return True, f"with its data, under {', '.join(sorted(filter(None, licences)))}"


def _licence(project: Path, place: Place) -> str | None:
    path = project / place.goes
    card = path / CARD if path.is_dir() else path.with_name(CARD)
    return open_licence(card.read_text(encoding="utf-8", errors="replace")) if card.is_file() else None


def _packed(project: Path, content: Path, found: Sequence[Place]) -> list[Part]:
    parts: dict[str, Part] = {}
    for one in found:
        name = one.goes.as_posix()
        put(project / one.goes, content / one.goes)
        what = "where the data come from" if one.key is None else f"what the setting {one.key} names"
        parts[name] = Part(name, what, is_input=True, licence=None if one.key is None else _licence(project, one))
    return list(parts.values())
