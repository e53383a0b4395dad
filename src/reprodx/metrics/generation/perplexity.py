"""How well a generator of texts foresees held-out ones, beside models that merely count.

Source: Jelinek, Mercer, Bahl & Baker, J Acoust Soc Am 1977;62:S63, for perplexity.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from reprodx.metrics.scored_cases import renumbered
from reprodx.schemas import Estimate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from reprodx.metrics.bootstrap import Bootstrap

BOUNDARY = 0
"""The token that stands for the begin and the end of a text."""


def perplexity(
    losses: NDArray[np.float64],
    num_tokens: NDArray[np.int64],
    patients: NDArray[np.int64],
    *,
    bootstrap: Bootstrap,
) -> Estimate:
    """Return the exponential of the mean loss per token: among how many equally likely tokens the model hesitates.

    Args:
        losses: Shape (texts,), negative log-likelihood of each text in nats, summed over its tokens.
        num_tokens: Shape (texts,), how many were predicted.
        patients: Shape (texts,).
        bootstrap: How the interval is made.

    Returns:
        Of all tokens together, so that long texts count more; undefined without tokens.
    """
    return _ratio_of_sums(losses, num_tokens, patients, bootstrap, unit="token", of_mean=np.exp)


def bits_per_character(
    losses: NDArray[np.float64],
    num_characters: NDArray[np.int64],
    patients: NDArray[np.int64],
    *,
    bootstrap: Bootstrap,
) -> Estimate:
    """Return the loss in bits per character, which compares models with different tokens.

    Args:
        losses: Shape (texts,), negative log-likelihood of each text in nats, summed over its tokens.
        num_characters: Shape (texts,), of the texts in words.
        patients: Shape (texts,).
        bootstrap: How the interval is made.

    Returns:
        Undefined without characters.
    """
    bits = losses / math.log(2)
    return _ratio_of_sums(bits, num_characters, patients, bootstrap, unit="character", of_mean=np.positive)


def unigram_losses(
    train: Sequence[NDArray[np.int32]], texts: Sequence[NDArray[np.int32]], *, vocabulary_size: int
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the losses of a model that knows how frequent tokens are and nothing else, each counted once more.

    Args:
        train: Token numbers of each training text, without begin and end.
        texts: Token numbers of each text to be predicted.
        vocabulary_size: Tokens are in [0, vocabulary_size); 0 is the end of a text.

    Returns:
        Losses in nats, shape (texts,), and how many tokens were predicted: those of the text and its end.

    >>> losses, counts = unigram_losses([np.array([1])], [np.array([1])], vocabulary_size=2)
    >>> float(np.exp(losses[0] / counts[0]))
    2.0
    """
    _, tokens = _pairs(texts)
    return _summed(-np.log(_frequencies(train, vocabulary_size)[tokens]), texts)


def bigram_losses(
    train: Sequence[NDArray[np.int32]], texts: Sequence[NDArray[np.int32]], *, vocabulary_size: int
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the losses of a model that knows how frequent tokens are after the one before.

    Args:
        train: Token numbers of each training text, without begin and end.
        texts: Token numbers of each text to be predicted.
        vocabulary_size: Tokens are in [0, vocabulary_size); 0 is the begin and the end of a text.

    Returns:
        Losses in nats, shape (texts,), and how many tokens were predicted: those of the text and its end.

    Source: Witten & Bell, IEEE Trans Inf Theory 1991;37:1085, method C, interpolated with the unigram model as in Chen
    & Goodman, Comput Speech Lang 1999;13:359, equation 16.
    """
    before, tokens = _pairs(train)
    codes, counts = np.unique(before * vocabulary_size + tokens, return_counts=True)
    num_after = np.bincount(before, minlength=vocabulary_size)
    num_kinds_after = np.bincount(codes // vocabulary_size, minlength=vocabulary_size)
    before, tokens = _pairs(texts)
    wanted = before * vocabulary_size + tokens
    places = np.searchsorted(codes, wanted).clip(max=codes.size - 1)
    num_seen = np.where(codes[places] == wanted, counts[places], 0)
    novel = np.maximum(num_kinds_after[before], 1)
    probs = num_seen + novel * _frequencies(train, vocabulary_size)[tokens]
    return _summed(-np.log(probs / (num_after[before] + novel)), texts)


def _ratio_of_sums(
    sums: NDArray[np.float64],
    counts: NDArray[np.int64],
    patients: NDArray[np.int64],
    bootstrap: Bootstrap,
    *,
    unit: str,
    of_mean: np.ufunc,
) -> Estimate:
    if not counts.sum():
        return Estimate.undefined(f"no {unit} to predict", n=counts.size)

    def statistic(weights: NDArray[np.float64]) -> NDArray[np.float64]:
        totals = np.einsum("rt,kt->kr", weights, np.stack([sums, counts]))
        values: NDArray[np.float64] = of_mean(totals[0] / totals[1])
        return values

    strata = np.zeros(counts.size, np.int64)
    return bootstrap.estimate(statistic, strata, renumbered(patients), n_events=None)


def _pairs(texts: Sequence[NDArray[np.int32]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return every token and end of the texts with the token before it, each of shape (tokens + texts,)."""
    closed = [np.append(text, BOUNDARY) for text in texts]
    tokens = np.concatenate([np.array([BOUNDARY]), *closed]).astype(np.int64)
    return tokens[:-1], tokens[1:]


def _frequencies(train: Sequence[NDArray[np.int32]], vocabulary_size: int) -> NDArray[np.float64]:
    counts = 1 + np.bincount(_pairs(train)[1], minlength=vocabulary_size)
    frequencies: NDArray[np.float64] = counts / counts.sum()
    return frequencies


def _summed(
    losses: NDArray[np.float64], texts: Sequence[NDArray[np.int32]]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    counts = np.array([text.size + 1 for text in texts], dtype=np.int64)
    return np.add.reduceat(losses, np.cumsum(counts) - counts), counts
