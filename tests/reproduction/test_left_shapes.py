"""What was edited into another shape is said in a line."""

from __future__ import annotations

from pathlib import Path

import pytest

from reprodx.errors import ArtifactCorruptError
from reprodx.reproduction.left_shapes import Environment, Hashes, Manifest, Metrics, Settings, check_shape


@pytest.mark.parametrize(
    ("content", "shape"),
    [
        ([1, 2], Environment),
        ({"packages": "numpy"}, Environment),
        ({"processor": 3}, Environment),
        ({"raw": "abc"}, Hashes),
        ({"raw": {"table.csv": 3}}, Hashes),
        ([], Metrics),
        ({"test": {"auroc": {"value": "high"}}}, Metrics),
        ({"files": []}, Manifest),
        (["a"], Settings),
        ({"data": 1}, Settings),
    ],
)
def test_another_shape_is_damage(content: object, shape: object) -> None:
    with pytest.raises(ArtifactCorruptError, match=r"left\.json is not as a run writes it"):
        check_shape(content, shape, Path("left.json"))


def test_what_is_absent_or_says_more_is_whole() -> None:
    check_shape(None, Hashes, Path("left.json"))
    check_shape({"threads": 1, "more": [1]}, Environment, Path("left.json"))
    check_shape({"test": {"auroc": {"value": 1, "n": 3}, "loss": {"value": None}}}, Metrics, Path("left.json"))
