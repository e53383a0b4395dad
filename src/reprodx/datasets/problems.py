"""All that is wrong with a table in one message, so that nobody mends one thing a run."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from reprodx.errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAX_PROBLEMS = 12
"""Problems that a message names; the others are counted."""


class TableError(SchemaError):
    """Several problems of one table."""

    def __init__(self, message: str, problems: Sequence[str]) -> None:
        super().__init__(message)
        self.problems = tuple(problems)
        """Each without the name of the table."""


class Problems:
    """What was found wrong with one table so far."""

    def __init__(self, source: str, found: Sequence[str] = ()) -> None:
        self.source = source
        """What the table is called in messages."""
        self.found = list(found)

    @contextmanager
    def noted(self) -> Iterator[None]:
        """Go on after what the block raises of the table, to raise it with the rest."""
        try:
            yield
        except TableError as error:
            self.found += error.problems
        except SchemaError as error:
            self.found.append(str(error).removeprefix(self.source).lstrip(":, "))

    def refuse(self) -> None:
        """Raise what was found.

        Raises:
            SchemaError: If anything was.
        """
        if len(self.found) == 1:
            raise TableError(f"{self.source}: {self.found[0]}", self.found)
        if self.found:
            listed = "; ".join(f"({number}) {text}" for number, text in enumerate(self.found[:MAX_PROBLEMS], start=1))
            more = f"; and {len(self.found) - MAX_PROBLEMS} more" if len(self.found) > MAX_PROBLEMS else ""
            raise TableError(f"{self.source}: {len(self.found)} problems: {listed}{more}", self.found)
