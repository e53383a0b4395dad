"""A text in a row of numbers, against scikit-learn."""

from __future__ import annotations

import json

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from reprodx.errors import SchemaError
from reprodx.inputs import Inputs, Modality
from reprodx.preparation.summaries import text as module
from reprodx.preparation.summaries.text import TYPICAL_SIZE, TextSummary

TEXTS = [
    "fracture of femur",
    "fracture of tibia",
    "femur broken",
    "angina pectoris",
    "unstable angina",
    "heart angina of",
]
TARGETS = np.array([0, 0, 0, 1, 1, 1])


def texts(*words: str) -> Inputs:
    return Inputs.of_rows(Modality.TEXT, np.array([*words, None], dtype=object)[:-1])


def test_with_room_for_all_terms_it_is_scikit_learns_tfidf() -> None:
    summary = TextSummary.fit(texts(*TEXTS), TARGETS)
    reference = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2)
    expected = reference.fit(TEXTS).transform(["Fracture fracture of unheard", "nothing known"]).toarray()
    assert summary.names == tuple(reference.get_feature_names_out())
    scale = TYPICAL_SIZE * np.sqrt(len(summary.names))
    np.testing.assert_allclose(
        summary.apply(texts("Fracture fracture of unheard", "nothing known")), expected * scale, rtol=1e-6
    )


def test_the_numbers_have_the_stated_size() -> None:
    numbers = TextSummary.fit(texts(*TEXTS), TARGETS).apply(texts(*TEXTS))
    assert numbers.dtype == np.float32
    np.testing.assert_allclose(np.sqrt((numbers**2).mean(axis=1)), TYPICAL_SIZE, rtol=1e-5)


def test_terms_that_tell_the_classes_apart_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_TERMS", 2)
    assert TextSummary.fit(texts(*TEXTS), TARGETS).names == ("angina", "femur")
    labels = np.eye(2, dtype=np.int64)[TARGETS]
    assert "angina" in TextSummary.fit(texts(*TEXTS), labels).names


def test_only_training_texts_are_seen() -> None:
    everything = texts(*TEXTS, "angina of fracture", "unheard words")
    some = TextSummary.fit(everything.select(np.arange(6)), TARGETS)
    assert some == TextSummary.fit(texts(*TEXTS), TARGETS)


def test_json_brings_the_same_summary_back() -> None:
    summary = TextSummary.fit(texts(*TEXTS), TARGETS)
    again = TextSummary.from_json(json.loads(json.dumps(summary.to_json())))
    assert again == summary
    np.testing.assert_array_equal(again.apply(texts(*TEXTS)), summary.apply(texts(*TEXTS)))


def test_texts_without_a_common_word_are_refused() -> None:
    with pytest.raises(SchemaError, match=r"no word stands in 2 training texts"):
        TextSummary.fit(texts("one", "two"), np.array([0, 1]))
