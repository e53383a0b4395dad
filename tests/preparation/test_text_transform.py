"""Texts as tokens: learnt from training texts alone, the same in every process."""

from __future__ import annotations

import functools
import json
import subprocess
import sys

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reprodx.errors import SchemaError
from reprodx.inputs import Inputs, Modality
from reprodx.preparation.text_transform import LONGEST_WORD, PADDING, TextTransform

WORDS = ["fracture", "femur", "left", "right", "angina", "unstable", "pectoris", "of", "the", "initial", "encounter"]
SCRIPT = """
import json, sys
import numpy as np
from tests.preparation.test_text_transform import corpus
from reprodx.preparation.text_transform import TextTransform
fitted = TextTransform.fit(corpus())
sys.stdout.write(json.dumps([fitted.to_json(), fitted.apply(corpus()).values.tolist()]))
"""


def texts(*words: str, vocabulary_size: int = 150, max_tokens: int = 8) -> Inputs:
    settings = {"vocabulary_size": vocabulary_size, "max_tokens": max_tokens}
    return Inputs.of_rows(Modality.TEXT, np.array([*words, None], dtype=object)[:-1], settings=settings)


def corpus(**settings: int) -> Inputs:
    rng = np.random.default_rng(0)
    return texts(*(" ".join(rng.choice(WORDS, size=rng.integers(1, 12))) for _ in range(300)), **settings)


@pytest.fixture(scope="module")
def fitted() -> TextTransform:
    """Return a transform of a few hundred texts."""
    return TextTransform.fit(corpus())


def test_the_smallest_vocabulary_is_letters_alone() -> None:
    transform = TextTransform.fit(corpus(vocabulary_size=2))
    letters = {letter for word in WORDS for letter in word}
    assert transform.vocabulary_size == len(letters) + 3, "a space, padding and unknown beside the letters"
    tokens = transform.apply(texts("left femur"))
    assert tokens.lengths is not None
    assert tokens.lengths.tolist() == [8], "cut"


def test_frequent_words_are_tokens_whatever_their_case(fitted: TextTransform) -> None:
    tokens = fitted.apply(texts("Fracture of the LEFT femur", "fracture  of the\nleft femur"))
    assert tokens.values.dtype == np.int32
    assert tokens.lengths is not None
    assert tokens.lengths.tolist() == [5, 5]
    np.testing.assert_array_equal(tokens[0], tokens[1])
    assert (tokens.values > 1).all()
    assert tokens.modality == Modality.TEXT


def test_unknown_letters_are_token_one_and_nothing_is_padding(fitted: TextTransform) -> None:
    tokens = fitted.apply(texts("ÿ", "", "  ", f"{PADDING} femur"))
    assert 1 in tokens[0]
    assert tokens[1].tolist() == tokens[2].tolist() == [1]
    assert tokens[3][0] == 1
    assert (tokens.values != 0).all()


def test_long_texts_are_cut_and_counted(fitted: TextTransform) -> None:
    long = " ".join(["femur"] * 20)
    tokens = fitted.apply(texts(long))
    assert tokens.lengths is not None
    assert tokens.lengths.tolist() == [8]
    half = TextTransform.fit(texts(*[long] * 10, *["femur"] * 10))
    assert half.description() == {
        "vocabulary_size": half.vocabulary_size,
        "max_tokens": 8,
        "share_of_training_texts_cut": 0.5,
    }


def test_a_file_that_got_into_a_cell_is_read_in_time() -> None:
    transform = TextTransform.fit(texts("x1y2" * 50_000, "fever x1y2", "fever"))
    longest = max(len(token) for token in transform._loaded.get_vocab())
    assert longest <= LONGEST_WORD
    assert len(transform.apply(texts("x1y2" * 50_000))[0]) <= 16


def test_the_vocabulary_is_no_larger_than_asked(fitted: TextTransform) -> None:
    assert fitted.vocabulary_size <= 150
    tokens = fitted.apply(corpus())
    assert tokens.values.max() < fitted.vocabulary_size
    rich = TextTransform.fit(texts(*(f"word{number} word{number}" for number in range(500)), vocabulary_size=120))
    assert rich.vocabulary_size == 120


def test_only_training_texts_are_seen(fitted: TextTransform) -> None:
    more = texts(*corpus(), *["zygapophyseal"] * 50)
    assert TextTransform.fit(more.select(np.arange(300))) == fitted
    assert TextTransform.fit(more).tokenizer != fitted.tokenizer


def test_every_process_learns_the_same_tokenizer(fitted: TextTransform) -> None:
    made = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    transform, tokens = json.loads(made.stdout)
    assert transform == fitted.to_json()
    assert tokens == fitted.apply(corpus()).values.tolist()


def test_json_brings_the_same_transform_back(fitted: TextTransform) -> None:
    again = TextTransform.from_json(json.loads(json.dumps(fitted.to_json())))
    assert again.to_json() == fitted.to_json()
    np.testing.assert_array_equal(again.apply(corpus()).values, fitted.apply(corpus()).values)
    assert fitted.scaling() is None


@given(st.lists(st.text(max_size=40), max_size=5))
def test_any_text_has_one_to_max_tokens(written: list[str]) -> None:
    transform = _small()
    tokens = transform.apply(texts(*written))
    assert tokens.lengths is not None
    assert len(tokens) == len(written)
    assert all(1 <= length <= 8 for length in tokens.lengths)
    assert (tokens.values >= 1).all()
    for one, text in zip(tokens, written, strict=True):
        np.testing.assert_array_equal(one, transform.apply(texts(text))[0])


def test_new_cases_come_as_text(fitted: TextTransform) -> None:
    raw = fitted.read_raw(pl.DataFrame({"text": ["left femur", "angina"], "other": [1, 2]}))
    assert list(raw) == ["left femur", "angina"]
    np.testing.assert_array_equal(fitted.apply(raw).values, fitted.apply(texts("left femur", "angina")).values)
    with pytest.raises(SchemaError, match="row 3: column 'text' is empty"):
        fitted.read_raw(pl.DataFrame({"text": ["femur", " "]}))
    example = fitted.apply(fitted.read_raw(pl.DataFrame([fitted.example()])))
    assert len(example) == 1


@functools.cache
def _small() -> TextTransform:
    return TextTransform.fit(corpus())
