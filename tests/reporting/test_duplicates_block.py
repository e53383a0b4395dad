"""What a report says of cases with the same inputs."""

from __future__ import annotations

import numpy as np
import polars as pl

from reprodx.artifacts.duplicates import Duplicates, Pair
from reprodx.reporting.duplicates_block import duplicates_blocks
from reprodx.reporting.page import Paragraph, Pictures

TABLE = pl.DataFrame({"group": [1, 1, 2, 2], "y_true": ["ill", "well", "ill", "ill"]})


def test_nothing_is_said_without_any() -> None:
    assert duplicates_blocks(None) == []
    assert duplicates_blocks(Duplicates(TABLE.clear())) == []


def test_groups_are_counted_and_pairs_shown_with_their_labels() -> None:
    (text,) = duplicates_blocks(Duplicates(TABLE))
    assert isinstance(text, Paragraph)
    assert text.text.startswith("4 cases in 2 groups have the same inputs or nearly so; 1 group has different labels.")
    pair = Pair(1, np.zeros((2, 8, 8, 3), np.uint8), ("train", "train"), ("ill", "well"))
    text, pictures = duplicates_blocks(Duplicates(TABLE, (pair,)))
    assert isinstance(text, Paragraph)
    assert isinstance(pictures, Pictures)
    assert "Shown are 1, those with different labels first" in text.text
    (picture,) = pictures.items
    assert (picture.title, picture.description) == (
        "Group 1, labelled ill and well",
        "Two pictures of group 1, side by side, labelled ill and well, of training.",
    )
