"""Cases with the same inputs: how many, and pictures side by side, so that a person can say which is the mistake."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reprodx.artifacts.prepared import DUPLICATES_FILE
from reprodx.reporting.evaluation import SPLIT_NAMES
from reprodx.reporting.page import Paragraph, Pictures
from reprodx.reporting.thumbnails import side_by_side
from reprodx.reporting.wording import count, counted

if TYPE_CHECKING:
    from reprodx.artifacts.duplicates import Duplicates, Pair
    from reprodx.reporting.page import Block, Picture


def duplicates_blocks(duplicates: Duplicates | None) -> list[Block]:
    """Return how many cases share their inputs with another, and the first pairs of pictures; nothing without any."""
    if duplicates is None or not duplicates.num_groups:
        return []
    conflicting = counted(duplicates.num_conflicting, "group has", "groups have")
    groups = counted(duplicates.num_groups, "group")
    text = (
        f"{counted(duplicates.table.height, 'case')} in {groups} have the same inputs or nearly so; "
        f"{conflicting} different labels. Prepared cases list them in {DUPLICATES_FILE}."
    )
    if not duplicates.pairs:
        return [Paragraph(text)]
    more = f" Shown are {count(len(duplicates.pairs))}, those with different labels first."
    shown = more if len(duplicates.pairs) < duplicates.num_groups else ""
    return [Paragraph(text + shown), Pictures(tuple(map(_picture, duplicates.pairs)))]


def _picture(pair: Pair) -> Picture:
    (one, other), (left, right) = pair.classes, (SPLIT_NAMES[split] for split in pair.splits)
    labels = one if one == other else f"{one} and {other}"
    where = left if left == right else f"{left} and {right}"
    return side_by_side(
        pair.images,
        max_columns=2,
        title=f"Group {pair.group}, labelled {labels}",
        description=f"Two pictures of group {pair.group}, side by side, labelled {labels}, of {where}.",
    )
