"""What is asked of an evaluation more than once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from reprodx.schemas import TEST, VAL

if TYPE_CHECKING:
    from collections.abc import Callable

    from reprodx.artifacts.samples import Samples
    from reprodx.metrics.generation.scorecard import GeneratorScores
    from reprodx.reporting.generation.evaluation import GeneratorEvaluation

    Evaluated = Callable[..., GeneratorEvaluation]


def test_it_knows_what_is_made_and_of_which_classes(evaluated: Evaluated, sampled: Callable[..., Samples]) -> None:
    assert (evaluated().kind, evaluated(is_text=True).kind) == ("pictures", "texts")
    assert evaluated().is_of_classes
    assert not evaluated(samples=sampled(is_text=False, names=("",))).is_of_classes
    assert evaluated().title == "dcgan on ward"
    assert evaluated().confidence == "95%\N{NO-BREAK SPACE}CI"


def test_copying_that_validation_alone_shows_counts_too_and_the_test_split_speaks_first(
    evaluated: Evaluated, scored: Callable[..., GeneratorScores]
) -> None:
    clean = scored(is_text=False)
    shown = {split: replace(clean, copies=f"seen on {split}") for split in (TEST, VAL)}
    assert evaluated().copies is None
    assert evaluated(scores={VAL: shown[VAL], TEST: clean}).copies == "seen on val"
    assert evaluated(scores={VAL: shown[VAL], TEST: shown[TEST]}).copies == "seen on test"
