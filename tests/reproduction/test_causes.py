"""A cause is what differs and can decide the stage; where nothing does, that is said."""

from __future__ import annotations

import pytest

from reprodx.reproduction.causes import NOTHING_KNOWN, causes
from reprodx.reproduction.comparison import Comparison, Equality, StageComparison
from reprodx.tracking.environment_differences import Difference, Kind
from reprodx.tracking.record import METRICS, PREDICTIONS, PREPARED, REPORT, SPLIT, STAGES, WEIGHTS

TORCH = Difference(Kind.PACKAGE, "torch", "2.13.0", "2.14.0")
POLARS = Difference(Kind.PACKAGE, "polars", "1.30", "1.31")
RICH = Difference(Kind.PACKAGE, "rich", "1", "2")
PROCESSOR = Difference(Kind.PROCESSOR, "", "Xeon", "EPYC")
CODE = Difference(Kind.CODE, "", "sources a", "the commit holds b")
DATA = Difference(Kind.DATA, "data/raw/x.csv", "sha256 a", "sha256 b")
COMMIT = Difference(Kind.COMMIT, "", "a", "b", is_undone=True)


def differing(*stages: str) -> Comparison:
    found = (
        StageComparison(one, Equality.DIFFERENT if one in stages else Equality.SAME_BYTES, None, "") for one in STAGES
    )
    return Comparison(tuple(found), None, 0.001)


@pytest.mark.parametrize(
    ("stage", "differences", "cause"),
    [
        (WEIGHTS, [RICH, POLARS, TORCH], "package torch: 2.13.0 then, 2.14.0 here"),
        (PREPARED, [PROCESSOR, RICH, POLARS], f"{POLARS.in_words}; {PROCESSOR.in_words}"),
        (WEIGHTS, [TORCH, PROCESSOR], f"{TORCH.in_words}; {PROCESSOR.in_words}"),
        (WEIGHTS, [TORCH, CODE], CODE.in_words),
        (SPLIT, [DATA, CODE], DATA.in_words),
        (WEIGHTS, [RICH], f"{RICH.in_words}; none of them is known to decide this stage"),
        (WEIGHTS, [COMMIT], NOTHING_KNOWN),
        (REPORT, [RICH, PROCESSOR], "what the page tells of its surroundings"),
    ],
)
def test_the_nearest_difference_is_named(stage: str, differences: list[Difference], cause: str) -> None:
    assert cause in causes(differing(stage), differences)[stage]


def test_later_stages_follow_from_the_first() -> None:
    found = causes(differing(WEIGHTS, PREDICTIONS, METRICS), [TORCH])
    assert found == {WEIGHTS: TORCH.in_words, PREDICTIONS: "follows from weights", METRICS: "follows from weights"}
