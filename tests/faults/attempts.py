"""The attempts that were made, kept in a file, so that a later call goes on where an earlier one ended."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from reprodx.artifacts.files import write_json

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable
    from pathlib import Path

SURVIVED = ""
"""The result of an attempt after which nothing is lost; another result says what is."""


class Attempts:
    """Results by the kind and the name of the attempt."""

    def __init__(self, path: Path) -> None:
        """Read the file, if there is one."""
        self._path = path
        self._results: dict[str, dict[str, str]] = json.loads(path.read_text()) if path.is_file() else {}

    def make(self, kind: str, name: str, attempt: Callable[[], str]) -> str:
        """Make an attempt, unless it was made before; return its result.

        Args:
            kind: Of attempts, a row of the table.
            name: Of the attempt.
            attempt: Returns what was lost, empty where nothing was.
        """
        results = self._results.setdefault(kind, {})
        if name not in results:
            results[name] = attempt()
            write_json(self._path, self._results)
            sys.stdout.write(f"{kind}, {name}: {results[name] or 'survived'}\n")
            sys.stdout.flush()
        return results[name]

    def lost(self) -> list[str]:
        """Return the attempts that lost something, with what."""
        return [
            f"{kind}, {name}: {result}"
            for kind, results in self._results.items()
            for name, result in results.items()
            if result != SURVIVED
        ]

    def table(self, planned: Counter[str]) -> list[str]:
        """Return a line for each kind: survived, attempted, planned."""
        rows = [f"{'kind':40} survived / attempted (of)"]
        for kind in sorted(planned):
            results = self._results.get(kind, {})
            survived = sum(result == SURVIVED for result in results.values())
            rows.append(f"{kind:40} {survived:8} / {len(results)} ({planned[kind]})")
        return rows
