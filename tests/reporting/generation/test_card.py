"""The card of a generator: Markdown with its metadata, and none of what it made."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import yaml

from reprodx.reporting.generation.card import metadata, write_generator_card
from reprodx.schemas import TEST, VAL

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from reprodx.metrics.generation.scorecard import GeneratorScores
    from reprodx.reporting.generation.evaluation import GeneratorEvaluation

    Evaluated = Callable[..., GeneratorEvaluation]


@pytest.mark.parametrize("is_text", [False, True])
def test_a_card_is_whole_and_the_same_each_time(tmp_path: Path, evaluated: Evaluated, is_text: bool) -> None:
    for name in ("one.md", "other.md"):
        write_generator_card(tmp_path / name, evaluated(is_text=is_text))
    text = (tmp_path / "one.md").read_text(encoding="utf-8")
    assert text == (tmp_path / "other.md").read_text(encoding="utf-8")
    _, front, body = text.split("---\n", 2)
    assert yaml.safe_load(front) == metadata(evaluated(is_text=is_text))
    headings = [line for line in body.splitlines() if line.startswith("## ")]
    assert headings == [f"## {name}" for name in HEADINGS]
    assert "| Told from real ones, AUROC | 0.900 (0.850 to 0.950) | 0.910 (0.860 to 0.960) |" in body
    assert "no fever" not in body
    assert "/home/" not in body


HEADINGS = ("Model details", "Uses", "Quality", "Privacy", "Limits", "Training", "Technical specifications")


def test_doubts_are_tags_and_notices(
    tmp_path: Path, evaluated: Evaluated, scored: Callable[..., GeneratorScores]
) -> None:
    copying = replace(scored(is_text=False), copies="23% are copies")
    doubtful = evaluated(scores={VAL: copying, TEST: copying}, manifest={"is_synthetic": True})
    assert metadata(doubtful)["tags"][-2:] == ["synthetic-data", "copies-training-cases"]
    assert metadata(evaluated())["tags"] == ["reprodx", "generation", "image"]
    write_generator_card(tmp_path / "card.md", doubtful)
    text = (tmp_path / "card.md").read_text(encoding="utf-8")
    assert text.index("> **It gives training patients away.** 23% are copies.") < text.index("## Model details")
