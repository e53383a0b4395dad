"""What a source knows of itself."""

from collections.abc import Callable
from dataclasses import replace

from reprodx.comparison.source import Source, TrackedRun


def test_the_code_of_a_run_is_known_and_that_of_a_file_is_not(make_source: Callable[..., Source]) -> None:
    file = make_source("predictions.csv")
    assert file.code_hash is None
    assert replace(file, run=TrackedRun("1", "mlp", "ward", {}, {}, code_hash="a")).code_hash == "a"
