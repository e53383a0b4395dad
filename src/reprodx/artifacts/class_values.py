"""Which values of the source became which class, as the manifest lists them and as people read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from reprodx.schemas import ClassValue

CLASS_VALUES = "class_values"
"""Their key in the manifest and the participant flow; absent from older ones."""
MAX_NAMED = 20
"""Values of a class that are named; there may be more."""
NO_CLASS = "no class"
"""What is said of values that mean that nobody knows."""


def as_entries(class_values: Iterable[ClassValue]) -> list[dict[str, str | int | None]]:
    """Return the entries of the manifest: value, class and count."""
    return [{"value": one.value, "class": one.class_name, "count": one.count} for one in class_values]


def values_by_class(entries: Iterable[Mapping[str, str | int | None]]) -> dict[str, str]:
    """Return in words which values became each class.

    Args:
        entries: As `as_entries` makes them.

    Returns:
        Values as they are written, in quotation marks with their counts, by class; those without one last.

    >>> values_by_class([{"value": "Yes ", "class": "yes", "count": 3}, {"value": "", "class": None, "count": 2}])
    {'yes': "'Yes ' (3)", 'no class': 'empty (2)'}
    """
    named: dict[str, list[str]] = {}
    for entry in entries:
        value = "empty" if entry["value"] == "" else repr(entry["value"])
        named.setdefault(str(entry["class"] or NO_CLASS), []).append(f"{value} ({entry['count']})")
    return {name: _joined(values) for name, values in named.items()}


def _joined(values: list[str]) -> str:
    more = f" and {len(values) - MAX_NAMED} more values" if len(values) > MAX_NAMED else ""
    return ", ".join(values[:MAX_NAMED]) + more
