"""The data that a run read, by their sha256: from its commit, from here, from DVC's cache or remote."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reprodx.artifacts.locations import RAW
from reprodx.config.identity import data_paths, texts_of
from reprodx.errors import DatasetNotFoundError
from reprodx.hashing import sha256_of_path
from reprodx.reproduction.dvc_data import from_cache, from_remote
from reprodx.reproduction.placing import put
from reprodx.schemas import CARD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

logger = logging.getLogger(__name__)

OUTSIDE = RAW / "outside"
"""Where data that lay outside `data/raw` go in a workspace: the stage that prepares takes no others."""


@dataclass(frozen=True)
class Place:
    """Where data, or a card beside them, lay when the run read them, and where they go."""

    name: str
    """As `hashes.json` calls them."""
    lay: Path
    """From the project's root, or absolute."""
    goes: Path
    """From the root of the workspace."""
    key: str | None
    """Dotted, of the setting; None of a card."""


@dataclass(frozen=True)
class FoundData:
    """Where the data of a run were found."""

    paths: Mapping[str, str]
    """By the dotted key of the setting, from the root of the workspace."""
    hashes: Mapping[str, str]
    """sha256 by name, as in the stage `raw` of `hashes.json`."""
    origins: Mapping[str, str]
    """By the same names, in words."""


class RawData:
    """What there is to look in for the data of one run."""

    def __init__(self, root: Path, project: Path, commit: str, extra: Path | None = None) -> None:
        """Look here.

        Args:
            root: The root of the person's project.
            project: The root of the workspace.
            commit: Of the run.
            extra: A folder that holds files under the same paths, such as an unpacked bundle.
        """
        self.root = root
        self.project = project
        self.commit = commit
        self.extra = extra

    def place(self, config: Mapping[str, Any], recorded: Mapping[str, str]) -> FoundData:
        """Put the data of a run, and what else its settings name, into its workspace.

        Args:
            config: The recorded sections.
            recorded: sha256 by name, the stage `raw` of `hashes.json`; empty of a run that did not record it.

        Returns:
            Where they are.

        Raises:
            DatasetNotFoundError: If something is nowhere; the message says which file with which sha256.
        """
        found = list(places(self.root, config, recorded))
        origins: dict[str, str] = {}
        brought: dict[Path, str] = {}
        # A folder first: what lies in it comes with it.
        for one in sorted(found, key=lambda place: len(place.goes.parts)):
            wanted = recorded.get(one.name)
            holders = [origin for folder, origin in brought.items() if folder in one.goes.parents]
            is_here = bool(holders) and _is_as_wanted(self.project / one.goes, wanted)
            origins[one.name] = brought[one.goes] = holders[0] if is_here else self._bring(one, wanted)
        return FoundData(
            {one.key: one.goes.as_posix() for one in found if one.key is not None},
            {one.name: sha256_of_path(self.project / one.goes) for one in found},
            origins,
        )

    def _bring(self, place: Place, wanted: str | None) -> str:
        """Put one thing where it goes, and return where it was found."""
        target = self.project / place.goes
        ways = list(self._ways(place, target, wanted))
        if wanted is None and (self.root / place.lay).is_dir():
            # What git holds of a folder is mostly its card alone.
            ways.sort(key=lambda way: way[0] != "here")
        for origin, bring in ways:
            if bring() and _is_as_wanted(target, wanted):
                return origin
        raise DatasetNotFoundError(self._missing(place, wanted))

    def _ways(self, place: Place, target: Path, wanted: str | None) -> Iterator[tuple[str, Callable[[], bool]]]:
        yield "the commit", lambda: not place.lay.is_absolute() and _put_if_there(self.project / place.lay, target)
        if self.extra is not None:
            extra = self.extra / place.lay
            yield "the bundle", lambda: not place.lay.is_absolute() and _put_if_there(extra, target)
        yield "here", lambda: _put_if_there(self.root / place.lay, target)
        yield "here, under another name", lambda: self._of_other_name(place, target, wanted)
        if place.lay.is_absolute():
            return
        yield "DVC's cache", lambda: from_cache(self.project, self.root, place.lay, target)
        yield "DVC's cache", lambda: from_cache(self.root, self.root, place.lay, target)
        yield "DVC's remote", lambda: from_remote(self.project, self.root, self.commit, place.lay, target)

    def _of_other_name(self, place: Place, target: Path, wanted: str | None) -> bool:
        if wanted is None or not place.lay.suffix:
            return False
        for file in sorted((self.root / RAW).rglob(f"*{place.lay.suffix}")):
            if file.is_file() and sha256_of_path(file) == wanted:
                put(file, target)
                return True
        return False

    def _missing(self, place: Place, wanted: str | None) -> str:
        here = self.root / place.lay
        what = place.name if wanted is None else f"{place.name} with sha256 {wanted}"
        found = f", which here has sha256 {sha256_of_path(here)}," if here.exists() else ""
        return (
            f"the run's data are missing: {what}{found} is neither in its commit nor in {RAW}, DVC's cache or remote; "
            "put it back and reproduce again"
        )


def raw_changes(root: Path, config: Mapping[str, Any], recorded: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Yield what of a run's data is another thing here.

    Args:
        root: The root of the person's project.
        config: The recorded sections.
        recorded: sha256 by name.

    Yields:
        The name, its recorded sha256, and that of what lies here, or `absent`.
    """
    for place in places(root, config, recorded):
        here = root / place.lay
        now = sha256_of_path(here) if here.exists() else "absent"
        if place.name in recorded and recorded[place.name] != now:
            yield place.name, recorded[place.name], now


def places(root: Path, config: Mapping[str, Any], recorded: Mapping[str, str]) -> Iterator[Place]:
    """Yield where the data of a run lay, and what else its settings name, with cards.

    Args:
        root: The root of the person's project.
        config: The recorded sections.
        recorded: sha256 by name.

    Yields:
        Data, each followed by its card, then other files.
    """
    for name, path in data_paths(config.get("data", {})).items():
        key, lay = f"data.{name}", _from_root(root, path)
        goes = lay if not lay.is_absolute() and lay.is_relative_to(RAW) else OUTSIDE / name / path.name
        yield Place(_called(key, lay, path.name), lay, goes, key)
        # Beside what the setting names, which may be a link to somewhere else.
        card = _from_root(root, path.with_name(CARD))
        is_beside = (root / card).is_file() and (root / lay).is_file()
        if _called("card", card, CARD) in recorded or (not recorded and is_beside):
            yield Place(_called("card", card, CARD), card, goes.with_name(CARD), None)
    for key, text in texts_of(config):
        lay, name = _from_root(root, Path(text)), Path(text).name
        if not key.startswith("data.") and _called(key, lay, name) in recorded:
            yield Place(_called(key, lay, name), lay, OUTSIDE / key / name if lay.is_absolute() else lay, key)


def _called(key: str, lay: Path, name: str) -> str:
    """Return how `hashes.json` calls what a setting names: if it is a link that leads out, by the name of the link."""
    return f"{key}: {name}" if lay.is_absolute() else lay.as_posix()


def _from_root(root: Path, path: Path) -> Path:
    """Return a path from the project's root where it lies inside, else absolute."""
    whole = Path(*(root / path).parts)
    resolved = whole.resolve()
    return resolved.relative_to(root.resolve()) if resolved.is_relative_to(root.resolve()) else resolved


def _is_as_wanted(path: Path, wanted: str | None) -> bool:
    return path.exists() and (wanted is None or sha256_of_path(path) == wanted)


def _put_if_there(source: Path, target: Path) -> bool:
    if not source.exists():
        return False
    if source.resolve() != target.resolve():
        put(source, target)
    return True
