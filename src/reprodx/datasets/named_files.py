"""Files of a folder by the names that a table gives them, which other machines spelled."""

from __future__ import annotations

import os
import re
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

from reprodx.folder_links import leads_out

if TYPE_CHECKING:
    from collections.abc import Sequence

WITH_POINT = re.compile(r"(?<=\d)\.0$")
"""The end of a whole number that was written as a decimal."""


class NamedFiles:
    """The files below one folder; a link that leads out of it is followed where DVC or git-annex put it."""

    def __init__(self, folder: Path, suffixes: Sequence[str]) -> None:
        """Take the folder.

        Args:
            folder: Where the files lie.
            suffixes: Endings, in small letters, that a name may leave out.
        """
        self._folder = Path(os.path.normpath(folder.absolute()))
        self._suffixes = tuple(suffixes)
        self._listings: dict[Path, dict[str, list[Path]]] = {}

    def find(self, name: str) -> list[Path] | None:
        """Return the files that a name may mean.

        A file of just this name is the only one. Else backslashes are taken for slashes, the ending may be left out,
        and letter case, the encoding of accents and `.0` behind a whole number do not count.

        Args:
            name: From the folder, or an absolute path within it.

        Returns:
            None where the name, or a link that it names, leads out of the folder; empty where there is no such file.
        """
        exact = self._inside(name)
        if exact is not None and _is_file(exact):
            return None if leads_out(exact, self._folder) else [exact]
        asked = self._inside(name.replace("\\", "/"))
        if asked is None:
            return None
        places = [self._folder]
        *parents, last = asked.relative_to(self._folder).parts or ("",)
        for part in parents:
            places = [folder for place in places for folder in self._alike(place, part) if folder.is_dir()]
        endings = ("",) if last.lower().endswith(self._suffixes) else ("", *self._suffixes)
        found = [file for place in places for ending in endings for file in self._files(place, last + ending)]
        if any(leads_out(file, self._folder) for file in found):
            return None
        # Whole numbers get a point where one of their column is missing.
        return found if found or not WITH_POINT.search(name) else self.find(WITH_POINT.sub("", name))

    def _inside(self, name: str) -> Path | None:
        path = Path(os.path.normpath(self._folder / name))
        return path if path.is_relative_to(self._folder) else None

    def _files(self, place: Path, name: str) -> list[Path]:
        exact = place / name
        return [exact] if _is_file(exact) else [file for file in self._alike(place, name) if _is_file(file)]

    def _alike(self, place: Path, name: str) -> list[Path]:
        """Return the entries of a folder that differ from a name in its spelling at most."""
        if place not in self._listings:
            self._listings[place] = _listing(place)
        return self._listings[place].get(_folded(name), [])


def _listing(place: Path) -> dict[str, list[Path]]:
    """Return the entries of a folder by what they are called whatever the spelling; none where it may not be read."""
    entries: dict[str, list[Path]] = {}
    try:
        for entry in sorted(place.iterdir()):
            entries.setdefault(_folded(entry.name), []).append(entry)
    except OSError:
        return {}
    return entries


def _is_file(path: Path) -> bool:
    """Return whether a path is taken that is no folder; a link that leads nowhere is a file that is missing."""
    return os.path.lexists(path) and not path.is_dir()


def _folded(name: str) -> str:
    """Return a name without what nobody sees: letter case, how accents are encoded, signs of no width."""
    visible = "".join(sign for sign in name if unicodedata.category(sign) != "Cf")
    return unicodedata.normalize("NFC", visible).casefold()
