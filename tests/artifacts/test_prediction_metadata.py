"""Metadata of files: ours are held to their form, and what pandas never writes is passed over."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reprodx.artifacts.prediction_metadata import pandas_index, read_metadata
from reprodx.errors import ArtifactCorruptError

PATH = Path("p.parquet")
THRESHOLD = {"value": 0.5, "rule": "fixed", "chosen_on": "val"}


@pytest.mark.parametrize("written", [b"", b"no json", b"\xff\xfe", b"[1]", b"null", b"3", b"[" * 5000])
def test_metadata_of_ours_that_are_no_mapping_are_refused(written: bytes) -> None:
    with pytest.raises(ArtifactCorruptError, match=r"^p\.parquet: its metadata 'reprodx' are no"):
        read_metadata(PATH, {b"reprodx": written})


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("classes", 3), ("classes", "01"), ("classes", []), ("classes", ["a", "a"]), ("classes", ["a", 1]),
        ("task", "nonsense"), ("task", ["a"]), ("sampling", "x"), ("name", 3), ("margin", "a"), ("margin", -1),
        ("threshold", 0.5), ("threshold", {"value": "a", "rule": "", "chosen_on": "val"}), ("threshold", {"value": 1}),
        ("thresholds", [1]), ("thresholds", {"a": 1}),
    ],
)  # fmt: skip
def test_what_ours_never_say_is_refused_by_its_key(key: str, value: object) -> None:
    with pytest.raises(ArtifactCorruptError, match=f"^p.parquet: '{key}' in its metadata 'reprodx' must be"):
        read_metadata(PATH, {b"reprodx": json.dumps({key: value}).encode()})


def test_what_ours_say_is_read() -> None:
    said = {"classes": ["a", "b"], "task": "binary", "margin": 0.02, "threshold": THRESHOLD, "x": [1], "name": "m"}
    assert read_metadata(PATH, {b"reprodx": json.dumps(said).encode(), b"pandas": b"\xff"}) == said
    assert (
        read_metadata(PATH, {b"reprodx": b'{"task": "generation", "thresholds": {"a": null}}'})["task"] == "generation"
    )
    assert read_metadata(PATH, {}) == {}


RANGE = {"kind": "range", "name": None, "start": 5, "stop": 9, "step": 1}


@pytest.mark.parametrize(
    ("levels", "found"),
    [
        (["id"], ["id"]), ([RANGE], [RANGE]), (3, []), (None, []), ([3, "id"], ["id"]), ([{}], []),
        ([{**RANGE, "step": 0}], []), ([{**RANGE, "start": "a"}], []), ([{**RANGE, "name": 3}], []),
    ],
)  # fmt: skip
def test_what_pandas_never_says_of_its_index_is_passed_over(levels: object, found: list[object]) -> None:
    assert pandas_index({b"pandas": json.dumps({"index_columns": levels}).encode()}) == found
    assert pandas_index({b"pandas": json.dumps([levels]).encode()}) == []


def test_metadata_of_pandas_that_are_no_json_are_passed_over() -> None:
    assert pandas_index({b"pandas": b"\xff"}) == pandas_index({b"pandas": b"{"}) == pandas_index({}) == []
