"""Names of columns, and what is none."""

from __future__ import annotations

import pytest

from reprodx.datasets.column_names import names_of
from reprodx.errors import SchemaError


def test_names_are_taken_made_or_refused() -> None:
    rows = [["a ", ""], ["1", "2"]]
    assert names_of(rows, None, "t") == ["a", "column_2"]
    assert names_of(rows, False, "t") == ["column_1", "column_2"]
    with pytest.raises(SchemaError, match=r"t has no header.*data\.header=false.*column_1 to column_2") as caught:
        names_of([["63", "Mueller"], ["41", "Meier"]], None, "t")
    assert "Mueller" not in str(caught.value)
    with pytest.raises(SchemaError, match="'a' 2 times"):
        names_of([["a", "a"], ["1", "2"]], True, "t")
