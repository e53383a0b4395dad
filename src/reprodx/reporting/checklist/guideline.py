"""The guidelines' items, which lie as data beside this file."""

from __future__ import annotations

import functools
import tomllib
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent
"""Where the items lie."""
FILES = ("tripod_ai", "claim_2024", "stard_ai")
"""One for each guideline, in the order in which they are shown."""


@dataclass(frozen=True)
class Item:
    """One thing that a guideline asks a report to say."""

    number: str
    """As in the paper, such as "12a"."""
    topic: str
    """What it is about; items of several guidelines share one where they ask the same."""
    asks: str
    """In our own words."""


@dataclass(frozen=True)
class Guideline:
    """A reporting guideline."""

    name: str
    citation: str
    about: str
    """Which studies it is for, in words."""
    items: tuple[Item, ...]

    @property
    def key(self) -> str:
        """Letters and hyphens, unique among guidelines."""
        return "".join(letter if letter.isalpha() else "-" for letter in self.name.lower()).strip("-")


@functools.cache
def guidelines() -> tuple[Guideline, ...]:
    """Return TRIPOD+AI, CLAIM 2024 and STARD-AI.

    Source: Collins et al, BMJ 2024;385:e078378, table 2; Tejani et al, Radiol Artif Intell 2024;6:e240300, checklist;
    Sounderajah et al, Nat Med 2025;31:3283, table 2.
    """
    found = []
    for name in FILES:
        content = tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
        items = tuple(Item(**item) for item in content.pop("items"))
        found.append(Guideline(items=items, **content))
    return tuple(found)


@functools.cache
def questions() -> dict[str, str]:
    """Return by topic what a person is asked where a report cannot say it."""
    return tomllib.loads((FOLDER / "questions.toml").read_text(encoding="utf-8"))
