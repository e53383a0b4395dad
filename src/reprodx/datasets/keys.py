"""Checks of what a person wrote under `data` in the configuration."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence

from reprodx.errors import ConfigError, SchemaError


def checked_names(key: str, value: object) -> tuple[str, ...]:
    """Return a list of the configuration as text.

    Args:
        key: Where the value stands, for the message.
        value: What stands there.

    Returns:
        The items as text.

    Raises:
        ConfigError: If it is not a list.

    >>> checked_names("data.drop", ["name", 7])
    ('name', '7')
    """
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise ConfigError(f"{key}: must be a list, such as [first,second]")
    return tuple(str(item) for item in value)


def checked_numbers(key: str, value: object) -> tuple[float, ...]:
    """Return a list of ascending numbers.

    Args:
        key: Where the value stands, for the message.
        value: What stands there.

    Returns:
        The numbers.

    Raises:
        ConfigError: If it is anything else.

    >>> checked_numbers("data.ranges.age", [18, 100])
    (18.0, 100.0)
    """
    if isinstance(value, str) or not isinstance(value, Sequence) or not value:
        raise ConfigError(f"{key}: must be a list of numbers, such as [1,2]")
    if not all(isinstance(item, int | float) and not isinstance(item, bool) for item in value):
        raise ConfigError(f"{key}: must hold numbers only")
    numbers = tuple(float(item) for item in value)
    if list(numbers) != sorted(set(numbers)):
        raise ConfigError(f"{key}: its numbers must ascend")
    return numbers


def require_columns(available: Sequence[str], named: Mapping[str, Iterable[str]], source: str) -> None:
    """Refuse keys that name a column which the table does not have.

    Args:
        available: Columns of the table.
        named: Columns by the key of the configuration that names them.
        source: What the table is called in messages.

    Raises:
        SchemaError: With the nearest columns there are.
    """
    for key, columns in named.items():
        for column in columns:
            if column not in available:
                near = difflib.get_close_matches(column, available, n=3, cutoff=0.4)
                hint = (
                    f"did you mean {' or '.join(map(repr, near))}?" if near else f"it has {', '.join(available[:20])}"
                )
                raise SchemaError(f"{key}: {source} has no column {column!r}: {hint}")


def refuse_split_column(split_column: str | None, source: str) -> None:
    """Refuse a split that is read from a column, for data that name none.

    Args:
        split_column: What the split asks for; None where it asks for nothing.
        source: What the data are called in messages.

    Raises:
        ConfigError: If a column is asked for.
    """
    if split_column is not None:
        raise ConfigError(f"split.column: {source} has no column {split_column!r}: take another split")
