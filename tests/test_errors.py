"""How a message lists names."""

from __future__ import annotations

import pytest

from reprodx.errors import first_of


@pytest.mark.parametrize(
    ("names", "listed"),
    [([], ""), (["a"], "a"), ([1, 2], "1, 2"), (range(5), "0, 1 and 3 more")],
)
def test_the_first_names_are_told_and_how_many_more_there_are(names: list[object], listed: str) -> None:
    assert first_of(names, 2) == listed
