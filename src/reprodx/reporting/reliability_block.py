"""When not to trust the model: what it cannot exclude, where it is unsure, and which cases are foreign to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reprodx.reporting.novelty_block import novelty_blocks
from reprodx.reporting.page import Section
from reprodx.reporting.prediction_set_block import prediction_set_blocks
from reprodx.reporting.selective_block import selective_blocks

if TYPE_CHECKING:
    from reprodx.reporting.evaluation import Evaluation


def reliability_section(evaluation: Evaluation) -> Section:
    """Return prediction sets, selective prediction, and how far test cases lie from those of training."""
    blocks = [*prediction_set_blocks(evaluation), *selective_blocks(evaluation), *novelty_blocks(evaluation)]
    return Section("reliability", "When not to trust it", blocks)
