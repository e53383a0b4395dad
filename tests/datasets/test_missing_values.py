"""What `data.missing` may say."""

from __future__ import annotations

from typing import Any

import pytest

from reprodx.datasets.missing_values import MissingValues
from reprodx.datasets.missing_words import USUAL_WORDS
from reprodx.errors import ConfigError


@pytest.mark.parametrize("content", [None, {}, {"*": None}])
def test_the_usual_words_mean_missing_where_nothing_is_said(content: Any) -> None:
    assert MissingValues.from_config(content).of("age") == USUAL_WORDS


def test_a_column_adds_to_what_holds_for_every_column() -> None:
    missing = MissingValues.from_config({"chol": [0, 9.0]})
    assert missing.of("chol") == (*USUAL_WORDS, "0", "9")
    assert missing.of("age") == USUAL_WORDS
    assert list(missing.by_column) == ["chol"]


@pytest.mark.parametrize("content", [[-9], {"*": [-9]}, ["-9.0"]])
def test_a_list_for_every_column_replaces_the_usual_words(content: Any) -> None:
    assert MissingValues.from_config(content).of("age") == ("-9",)


@pytest.mark.parametrize("content", ["NA", 0, {"chol": 0}, {"*": "NA"}])
def test_values_come_in_lists(content: Any) -> None:
    with pytest.raises(ConfigError, match=r"data\.missing: must be a list"):
        MissingValues.from_config(content)
