"""Which values of which column mean that there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reprodx.datasets.cleaning import as_plain
from reprodx.datasets.keys import checked_names
from reprodx.datasets.missing_words import USUAL_WORDS

EVERY_COLUMN = "*"
"""The key whose values mean missing in every column."""
KEY = "data.missing"


@dataclass(frozen=True)
class MissingValues:
    """Values that mean missing, in plain form; an empty cell always does."""

    everywhere: tuple[str, ...]
    by_column: Mapping[str, tuple[str, ...]]

    @property
    def is_usual(self) -> bool:
        """Whether nothing was said of every column; then further words mean missing among numbers."""
        return self.everywhere == USUAL_WORDS

    @classmethod
    def from_config(cls, content: object) -> MissingValues:
        """Return what `data.missing` says.

        Args:
            content: A list for every column; or lists by column, with `EVERY_COLUMN` for every column; or None.

        Returns:
            With `USUAL_WORDS` for every column where nothing else was said of every column.

        Raises:
            ConfigError: If it is anything else.

        >>> MissingValues.from_config({"*": ["?"], "chol": [0]}).of("chol")
        ('?', '0')
        """
        given = dict(content) if isinstance(content, Mapping) else {EVERY_COLUMN: content}
        everywhere = given.pop(EVERY_COLUMN, None)
        by_column = {column: _plain(values) for column, values in given.items()}
        return cls(_plain(USUAL_WORDS if everywhere is None else everywhere), by_column)

    def of(self, column: str) -> tuple[str, ...]:
        """Return the values that mean missing in one column."""
        return (*self.everywhere, *self.by_column.get(column, ()))


def _plain(values: object) -> tuple[str, ...]:
    return tuple(as_plain(value) for value in checked_names(KEY, values))
