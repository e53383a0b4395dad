"""Values of classes in words."""

from __future__ import annotations

from reprodx.artifacts.class_values import as_entries, values_by_class
from reprodx.schemas import ClassValue


def test_values_are_named_as_they_are_written_with_their_rows() -> None:
    entries = as_entries([ClassValue("n\u200bo ", "no", 2), ClassValue("No", "no", 1), ClassValue("", None, 3)])
    assert entries[0] == {"value": "n\u200bo ", "class": "no", "count": 2}
    assert values_by_class(entries) == {"no": "'n\\u200bo ' (2), 'No' (1)", "no class": "empty (3)"}


def test_many_values_are_cut_short() -> None:
    entries = as_entries(ClassValue(str(place), "positive", 1) for place in range(23))
    assert values_by_class(entries)["positive"].endswith("'19' (1) and 3 more values")
