"""The scores of a generator: each question asked of the right cases, and what cannot be asked said so."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from reprodx.metrics.bootstrap import Bootstrap
from reprodx.metrics.generation.case_vectors import CaseVectors
from reprodx.metrics.generation.membership import membership_auroc
from reprodx.metrics.generation.perplexity import perplexity
from reprodx.metrics.generation.scorecard import NO_CLASS, GeneratorScores, MeasuredCases, Writing, score_generator
from reprodx.metrics.generation.two_sample import two_sample_test

BOOTSTRAP = Bootstrap(num_resamples=100, seed=0, confidence_level=0.95)
VOCABULARY_SIZE = 12
OF_ALL = {
    *("two_sample_auroc", "two_sample_accuracy", "tstr_auroc", "trtr_auroc", "tstr_minus_trtr", "diversity"),
    *("closer_to_train_share", "distance_ratio", "copied_share", "membership_auroc"),
}
OF_TEXTS = {
    *("perplexity", "perplexity_unigram", "perplexity_bigram", "bits_per_character"),
    *("distinct_trigrams", "distinct_trigrams_heldout"),
    *("verbatim_share", "verbatim_share_heldout", "longest_verbatim_run"),
}


def cases(seed: int, num: int = 60, *, shift: float = 0.0, is_text: bool = False) -> MeasuredCases:
    """Return cases of two classes that differ in the first number."""
    rng = np.random.default_rng(seed)
    classes = np.arange(num) % 2
    summary = (rng.normal(size=(num, 5)) + 2 * np.eye(5)[0] * classes[:, None] + shift).astype(np.float32)
    patients = 1000 * seed + np.arange(num)
    return MeasuredCases(summary, summary, classes, patients, writing(rng, num) if is_text else None)


def writing(rng: np.random.Generator, num: int) -> Writing:
    tokens = [rng.integers(2, VOCABULARY_SIZE, size=int(size)).astype(np.int32) for size in rng.integers(4, 70, num)]
    counts = np.array([len(text) + 1 for text in tokens])
    words = ["".join(chr(97 + token) for token in text) for text in tokens]
    return Writing(tokens, words, counts * rng.uniform(1, 2, size=num), counts)


@cache
def scores(seed: int, *, shift: float = 0.0, num_classes: int = 2, is_text: bool = False) -> GeneratorScores:
    return score_generator(
        cases(seed, shift=shift, is_text=is_text),
        cases(1, is_text=is_text),
        cases(2, is_text=is_text),
        num_classes=num_classes,
        vocabulary_size=VOCABULARY_SIZE if is_text else None,
        bootstrap=BOOTSTRAP,
    )


def test_pictures_have_these_scores_and_texts_more() -> None:
    assert set(scores(3).estimates) == OF_ALL
    assert set(scores(3, is_text=True).estimates) == OF_ALL | OF_TEXTS


def test_cases_of_the_same_kind_are_useful_and_accused_of_nothing() -> None:
    found = scores(3)
    assert found.copies is None
    assert found.num_duplicates == 0
    difference = found.estimates["tstr_minus_trtr"]
    assert difference.ci_low is not None
    assert difference.ci_high is not None
    assert difference.ci_low < 0 < difference.ci_high
    assert found.p_value is not None
    assert found.p_value > 0.01


def test_training_cases_given_back_are_seen() -> None:
    found = scores(1)
    assert found.num_duplicates == 60
    assert found.copies is not None
    assert found.estimates["copied_share"].value == 1


def test_other_cases_are_told_from_real_ones() -> None:
    found = scores(3, shift=3.0)
    told = two_sample_test(
        CaseVectors(cases(2).summary, cases(2).patients), cases(3, shift=3.0).summary, seed=0, bootstrap=BOOTSTRAP
    )
    assert found.estimates["two_sample_auroc"] == told.auroc
    assert found.p_value == told.p_value
    assert found.p_value is not None
    assert found.p_value < 0.001


def test_cases_of_no_class_teach_nothing_and_their_diversity_is_that_of_all() -> None:
    found = scores(3, num_classes=1)
    assert {found.estimates[name].reason for name in ("tstr_auroc", "trtr_auroc", "tstr_minus_trtr")} == {NO_CLASS}
    assert found.estimates["two_sample_auroc"] == scores(3).estimates["two_sample_auroc"]
    assert found.estimates["diversity"].value != scores(3).estimates["diversity"].value


def test_texts_are_attacked_by_their_losses_and_judged_by_those_of_held_out_ones() -> None:
    found = scores(3, is_text=True).estimates
    train, heldout = (cases(seed, is_text=True) for seed in (1, 2))
    assert train.writing is not None
    assert heldout.writing is not None
    assert found["membership_auroc"] == membership_auroc(
        -train.writing.losses / train.writing.num_predicted,
        train.patients,
        -heldout.writing.losses / heldout.writing.num_predicted,
        heldout.patients,
        seed=0,
        confidence_level=0.95,
    )
    assert found["perplexity"] == perplexity(
        heldout.writing.losses, heldout.writing.num_predicted, heldout.patients, bootstrap=BOOTSTRAP
    )
    bits = heldout.writing.losses.sum() / np.log(2) / sum(len(text) for text in heldout.writing.words)
    assert found["bits_per_character"].value == pytest.approx(bits, rel=1e-12)
