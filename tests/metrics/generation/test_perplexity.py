"""Perplexity, bits per character, and models that count."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reprodx.metrics.generation.perplexity import bigram_losses, bits_per_character, perplexity, unigram_losses

TEXTS = st.lists(st.lists(st.integers(1, 6), max_size=8).map(lambda text: np.array(text, np.int32)), min_size=1)


def test_perplexity_of_guessing_is_the_number_of_tokens(resamples):
    counts = np.array([3, 5, 40])
    found = perplexity(counts * math.log(17), counts, np.arange(3), bootstrap=resamples)
    assert found.value == pytest.approx(17)


def test_long_texts_count_more(resamples):
    losses, counts = np.array([10.0, 10.0]), np.array([10, 90])
    assert perplexity(losses, counts, np.arange(2), bootstrap=resamples).value == pytest.approx(math.exp(20 / 100))
    bits = bits_per_character(losses, counts, np.arange(2), bootstrap=resamples)
    assert bits.value == pytest.approx(0.2 / math.log(2))


def test_interval_is_of_the_ratio_of_sums(resamples):
    """Against the delta method for independent texts."""
    rng = np.random.default_rng(0)
    counts = rng.integers(20, 200, size=400)
    losses = counts * rng.normal(3, 0.5, size=400)
    found = perplexity(losses, counts, np.arange(400), bootstrap=resamples)
    mean = losses.sum() / counts.sum()
    se = np.sqrt(((losses - mean * counts) ** 2).sum()) / counts.sum()
    assert math.log(found.ci_low) == pytest.approx(mean - 1.96 * se, abs=0.35 * se)
    assert math.log(found.ci_high) == pytest.approx(mean + 1.96 * se, abs=0.35 * se)


def test_texts_of_one_patient_are_drawn_together(resamples):
    rng = np.random.default_rng(1)
    losses, counts = rng.normal(30, 5, size=50), np.full(50, 10)
    once = perplexity(losses, counts, np.arange(50), bootstrap=resamples)
    twice = perplexity(np.repeat(losses, 2), np.repeat(counts, 2), np.repeat(np.arange(50), 2), bootstrap=resamples)
    assert (twice.ci_low, twice.ci_high) == pytest.approx((once.ci_low, once.ci_high))
    assert twice.method.startswith("percentile bootstrap of patients")


def test_nothing_to_predict_is_undefined(resamples):
    nothing = np.zeros(2), np.zeros(2, int), np.arange(2)
    assert perplexity(*nothing, bootstrap=resamples).reason == "no token to predict"
    assert bits_per_character(*nothing, bootstrap=resamples).reason == "no character to predict"


def test_unigram_example():
    """Counted once more each: the end 2 of 6, token 1 three of 6, token 2 one of 6."""
    losses, counts = unigram_losses([np.array([1, 1])], [np.array([1, 2]), np.array([], int)], vocabulary_size=3)
    assert counts.tolist() == [3, 1]
    assert np.exp(-losses) == pytest.approx([3 / 6 * 1 / 6 * 2 / 6, 2 / 6])


def test_bigram_example():
    """After 1 came 1 and the end, two kinds in two: half of their frequency, and half of the unigram model."""
    losses, _ = bigram_losses([np.array([1, 1])], [np.array([1, 2])], vocabulary_size=3)
    after_begin = (1 + 1 * 3 / 6) / 2
    after_one = (0 + 2 * 1 / 6) / 4
    after_two = 2 / 6
    assert np.exp(-losses[0]) == pytest.approx(after_begin * after_one * after_two)


@given(TEXTS, st.integers(0, 6))
def test_bigram_probabilities_sum_to_one(train, before):
    """Over every token that may follow one: the loss of "a b" less that of "a" leaves b after a, end after b for a."""
    prefix = np.array([before] if before else [], np.int32)

    def loss(text):
        return bigram_losses(train, [np.array(text, np.int32)], vocabulary_size=7)[0][0]

    ends = {token: _end_prob(train, token) for token in range(7)}
    begun = loss(prefix) + math.log(ends[before])
    following = [math.exp(-(loss([*prefix, token]) + math.log(ends[token]) - begun)) for token in range(1, 7)]
    assert sum(following) + ends[before] == pytest.approx(1)


def _end_prob(train, before):
    """The chance of the end after a token, counted one by one."""
    closed = [[0, *text.tolist(), 0] for text in train]
    after = [text[place + 1] for text in closed for place in range(len(text) - 1) if text[place] == before]
    tokens = [token for text in closed for token in text[1:]]
    novel = max(1, len(set(after)))
    return (after.count(0) + novel * (tokens.count(0) + 1) / (len(tokens) + 7)) / (len(after) + novel)


def test_who_knows_order_foresees_ordered_texts(resamples):
    texts = [np.tile(np.arange(1, 11, dtype=np.int32), 5) for _ in range(6)]
    found = {}
    for baseline in (unigram_losses, bigram_losses):
        losses, counts = baseline(texts[:3], texts[3:], vocabulary_size=12)
        found[baseline] = perplexity(losses, counts, np.arange(3), bootstrap=resamples).value
    assert found[bigram_losses] < 2 < 8 < found[unigram_losses]
