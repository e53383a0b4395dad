"""A text in a row of numbers, against scikit-learn."""

from __future__ import annotations

import json

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from reprodx.errors import SchemaError
from reprodx.inputs import Inputs, Modality
from reprodx.preparation.summaries import text as module
from reprodx.preparation.summaries.text import TextSummary

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


def test_it_is_scikit_learns_tfidf_with_the_most_telling_terms_first() -> None:
    summary = TextSummary.fit(texts(*TEXTS), TARGETS)
    reference = TfidfVectorizer(sublinear_tf=True, min_df=2).fit(TEXTS)
    assert summary.names == ("angina", "femur", "fracture", "of")
    assert TextSummary.fit(texts(*TEXTS), np.eye(2, dtype=np.int64)[TARGETS]) == summary
    assert set(summary.names) == set(reference.get_feature_names_out())
    new = ["Fracture fracture of unheard", "nothing known", "Angina, angina; ANGINA-of femur"]
    found = summary.apply(texts(*new))
    expected = reference.transform(new)[:, [reference.vocabulary_[name] for name in summary.names]]
    np.testing.assert_allclose(found.toarray(), expected.toarray(), rtol=1e-6)
    assert (found.dtype, found.nnz) == (np.float32, 5)
    assert summary.apply(texts()).shape == (0, 4)


def test_a_block_of_texts_gives_what_all_give(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = TextSummary.fit(texts(*TEXTS), TARGETS)
    monkeypatch.setattr(Inputs.blocks, "__defaults__", (2,))
    assert TextSummary.fit(texts(*TEXTS), TARGETS) == whole
    np.testing.assert_array_equal(
        whole.apply(texts(*TEXTS)).toarray(), np.vstack([whole.apply(texts(one)).toarray() for one in TEXTS])
    )


def test_of_too_many_terms_the_frequent_ones_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_TERMS", 2)
    assert TextSummary.fit(texts(*TEXTS), TARGETS).names == ("angina", "of")


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("\u80c3\u764c\u306e\u7591\u3044", {"\u80c3", "\u764c", "\u306e", "\u7591", "\u3044"}),
        ("\u0623\u0644\u0645 \u062d\u0627\u062f", {"\u0623\u0644\u0645", "\u062d\u0627\u062f"}),
        ("\u0930\u094b\u0917\u0940", {"\u0930\u094b\u0917\u0940"}),
        ("FI\u00c8VRE fie\u0300vre \ufb01\u00e8vre", {"fi\u00e8vre"}),
        ("x-ray of T4, 12.5 mg\0daily", {"ray", "of", "t4", "12", "mg", "daily"}),
        ("\U0001f600 !? -- \ufffd", set()),
    ],
    ids=["han", "arabic", "devanagari", "accents", "signs", "no word"],
)
def test_words_of_other_scripts_are_words(text: str, terms: set[str]) -> None:
    assert set(TextSummary.fit(texts(text, f"{text} of", "of"), np.array([0, 0, 1])).names) == terms | {"of"}


def test_only_training_texts_are_seen() -> None:
    everything = texts(*TEXTS, "angina of fracture", "unheard words")
    assert TextSummary.fit(everything.select(np.arange(6)), TARGETS) == TextSummary.fit(texts(*TEXTS), TARGETS)


def test_json_brings_the_same_summary_back() -> None:
    summary = TextSummary.fit(texts(*TEXTS), TARGETS)
    again = TextSummary.from_json(json.loads(json.dumps(summary.to_json())))
    assert again == summary
    np.testing.assert_array_equal(again.apply(texts(*TEXTS)).toarray(), summary.apply(texts(*TEXTS)).toarray())


def test_texts_without_a_common_word_are_refused() -> None:
    with pytest.raises(SchemaError, match=r"no word stands in 2 training texts"):
        TextSummary.fit(texts("one", "two"), np.array([0, 1]))
