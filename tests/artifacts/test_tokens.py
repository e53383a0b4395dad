"""From token numbers to words."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from reprodx.artifacts.tokens import read_tokens, text_of
from reprodx.errors import ArtifactMissingError
from reprodx.inputs import Inputs, Modality
from reprodx.preparation.text_transform import TextTransform

if TYPE_CHECKING:
    from pathlib import Path

import numpy as np

TEXTS = ["Fracture of the left hip, initial encounter.", "Fracture of the right hip", "No fracture of the hip."]


@pytest.fixture
def transform() -> TextTransform:
    texts = np.array([*TEXTS, None], dtype=object)[:-1]
    settings = {"vocabulary_size": 100, "max_tokens": 100}
    return TextTransform.fit(Inputs.of_rows(Modality.TEXT, texts, settings=settings))


def test_tokens_become_the_text_that_they_were_made_from(transform: TextTransform, tmp_path: Path) -> None:
    content = {"inputs": transform.to_json()}
    (tmp_path / "transforms.json").write_text(json.dumps(content), encoding="utf-8")
    tokens = read_tokens(tmp_path)
    raw = Inputs.of_rows(Modality.TEXT, np.array([*TEXTS, None], dtype=object)[:-1])
    assert len(tokens) == transform.vocabulary_size
    assert [text_of(tokens, numbers) for numbers in transform.apply(raw)] == [text.lower() for text in TEXTS]


def test_tells_which_stage_is_missing(tmp_path: Path) -> None:
    with pytest.raises(ArtifactMissingError, match="prepare"):
        read_tokens(tmp_path)
