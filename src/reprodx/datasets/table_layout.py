"""How a table lies in its file: the keys that every reader of a table takes; what is null is found in the file."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, fields
from typing import Any

from reprodx.datasets.number_format import NumberFormat
from reprodx.errors import ConfigError

DECIMALS = (".", ",")
GROUPINGS = (",", ".", " ", "'", "_")
"""Signs between the thousands of a number; a blank stands for blanks of every width, ' for every apostrophe."""
SIGNS = {
    "comma": ",",
    "point": ".",
    "space": " ",
    "apostrophe": "'",
    "semicolon": ";",
    "bar": "|",
    "tab": "\t",
    "\\t": "\t",
}
"""Words for signs that a shell takes for its own."""


@dataclass(frozen=True, kw_only=True)
class LayoutKeys:
    """The keys of a reader that say how its tables lie in their files.

    Keys of readers that have a default are younger than others: a configuration that is older says nothing of them.
    """

    separator: str | None = None
    """The sign between cells of a text file."""
    decimal: str | None = None
    """The sign before the decimals of a number."""
    thousands: str | None = None
    """The sign between the thousands of a number."""
    encoding: str | None = None
    """How a text file writes letters as bytes, by Python's name."""
    header: bool | None = None
    """Whether the first row holds the names of the columns."""
    comment: str | None = None
    """How a line of a text file begins that is no row."""

    @property
    def layout(self) -> TableLayout:
        """How the tables lie in their files.

        Raises:
            ConfigError: If a key holds what it cannot.
        """
        return TableLayout(**{key.name: getattr(self, key.name) for key in fields(LayoutKeys)})


@dataclass(frozen=True, kw_only=True)
class TableLayout(LayoutKeys):
    """How cells, numbers and names are written, once the keys are checked; None is found in the file."""

    def __post_init__(self) -> None:
        """Check the keys.

        Raises:
            ConfigError: If one holds what it cannot.
        """
        for key in ("separator", "decimal", "thousands"):
            object.__setattr__(self, key, SIGNS.get(getattr(self, key), getattr(self, key)))
        if self.separator is not None and not re.fullmatch(r"[^\w\n\r\"'.+-]", self.separator, flags=re.ASCII):
            raise ConfigError("data.separator: must be one sign, such as semicolon, tab or bar")
        if self.decimal is not None and self.decimal not in DECIMALS:
            raise ConfigError("data.decimal: must be point or comma")
        if self.thousands is not None and self.thousands not in GROUPINGS:
            raise ConfigError("data.thousands: must be comma, point, space or apostrophe")
        if self.thousands is not None and self.thousands == self.decimal:
            raise ConfigError(f"data.thousands: {self.thousands!r} is data.decimal too")
        if self.comment is not None and (not self.comment.strip() or "\n" in self.comment or '"' in self.comment):
            raise ConfigError("data.comment: must be how a line begins that is no row, such as '#'")
        if self.encoding is not None:
            _check_encoding(self.encoding)

    @property
    def numbers(self) -> NumberFormat:
        """How numbers are written as far as that was said."""
        return NumberFormat(self.decimal or ("," if self.thousands == "." else "."), self.thousands)

    def as_dict(self) -> dict[str, Any]:
        """Return the layout as JSON."""
        return asdict(self)


def _check_encoding(encoding: str) -> None:
    try:
        "a".encode(encoding)
    except (LookupError, UnicodeError):
        raise ConfigError(f"data.encoding: {encoding!r} is none that is known; utf-8, cp1252 and utf-16 are") from None
