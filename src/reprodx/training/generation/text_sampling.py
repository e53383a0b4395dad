"""What a text generator says: texts that are drawn from it, and how likely it finds texts that are given."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import numpy as np
import torch

from reprodx.models.char_rnn import END_TOKEN, UNKNOWN_TOKEN
from reprodx.training.generation.token_targets import NOT_PREDICTED, TokenTargets, summed_losses

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor, nn

    from reprodx.inputs import Inputs
    from reprodx.models.char_rnn import CharRNN

TEXTS_PER_BLOCK = 64
"""Texts whose losses are computed at a time."""


def sample_texts(
    network: CharRNN, classes: NDArray[np.int64], *, seed: int, temperature: float, max_tokens: int
) -> list[NDArray[np.int32]]:
    """Draw texts, all at once and token by token; what has been written is carried in the state, never read again.

    Each text has random numbers of its own and the network computes in float64, so that it does not depend on which
    others are drawn beside it. The token for unknown letters is never drawn, and no text is empty.

    Args:
        network: Fitted; it is left as it is.
        classes: Shape (cases,): the class that each text is to be of.
        seed: Equal seeds give equal texts.
        temperature: At least 0: what logits are divided by. 1 draws as the network learned, less keeps closer to what
            is likely, and 0 takes the likeliest token each time.
        max_tokens: Tokens after which a text ends in any case.

    Returns:
        Token numbers of each text, at least one, without begin and end.
    """
    texts = np.full((len(classes), max_tokens), END_TOKEN, dtype=np.int32)
    with torch.inference_mode():
        writer = _in_float64(network)
        chances = torch.from_numpy(_chances(seed, *texts.shape)).to(writer.head.weight.device)
        unfinished = np.arange(len(classes))
        state = writer.start(torch.from_numpy(classes).to(chances.device))
        tokens = torch.full_like(state.classes, END_TOKEN)
        for place in range(max_tokens):
            if not len(unfinished):
                break
            logits, state = writer.step(tokens, state)
            logits[:, UNKNOWN_TOKEN] = -torch.inf
            if place == 0:
                logits[:, END_TOKEN] = -torch.inf
            tokens = draw(logits, chances[:, place], temperature)
            texts[unfinished, place] = tokens.cpu().numpy()
            goes_on = tokens != END_TOKEN
            if not goes_on.all():
                unfinished, state = unfinished[goes_on.cpu().numpy()], state.select(goes_on)
                tokens, chances = tokens[goes_on], chances[goes_on]
    return [text[: np.count_nonzero(text != END_TOKEN)].copy() for text in texts]


def draw(logits: Tensor, chances: Tensor, temperature: float) -> Tensor:
    """Draw a token for each row by inverting the distribution function of softmax(logits / temperature).

    Source: Ackley, Hinton, Sejnowski, A learning algorithm for Boltzmann machines, Cognitive Science 9, 1985
    (temperature); Devroye, Non-uniform random variate generation, 1986, section III.2.

    Args:
        logits: Shape (batch, vocabulary), float64; minus infinity is never drawn.
        chances: Shape (batch,), float64, uniform in [0, 1).
        temperature: At least 0; 0 takes the largest logit.

    Returns:
        Shape (batch,), int64.

    >>> draw(torch.tensor([[0.0, 0.0, -torch.inf, 0.0]] * 3).double(), torch.tensor([0.1, 0.4, 0.7]).double(), 1.0)
    tensor([0, 1, 3])
    """
    if temperature == 0:
        return logits.argmax(dim=1)
    # The largest is taken off first, so that no temperature makes the others' differences overflow to nothing.
    probs = torch.softmax((logits - logits.amax(dim=1, keepdim=True)) / temperature, dim=1)
    cumulative = probs.cumsum(dim=1)
    return torch.searchsorted(cumulative, (chances * cumulative[:, -1])[:, None], right=True)[:, 0]


def text_losses(
    network: CharRNN, inputs: Inputs, classes: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Compute -log p(text | class) of each text and over how many tokens it is summed.

    The exponential of the sum of the first over that of the second is the perplexity.

    Source: Jelinek et al., Perplexity - a measure of the difficulty of speech recognition tasks, Journal of the
    Acoustical Society of America 62 S63, 1977.

    Args:
        network: Fitted; it is left as it is.
        inputs: Texts as prepared. A text's end is one of its tokens, unless its settings say that it may have been cut.
        classes: Shape (cases,).

    Returns:
        Nats, and predicted tokens, both of shape (cases,).
    """
    return losses_of(_in_float64(network), TokenTargets(inputs, torch.from_numpy(classes)))


def losses_of(network: nn.Module, texts: TokenTargets) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Compute what `text_losses` does, by a network in the precision and the mode in which it is.

    Args:
        network: A `CharRNN` with dropout off.
        texts: Of some cases.

    Returns:
        Nats, and predicted tokens, both of shape (cases,).
    """
    device = next(network.parameters()).device
    losses, counts = np.zeros(len(texts)), np.zeros(len(texts), dtype=np.int64)
    with torch.inference_mode():
        # Texts of similar length together, so that little is computed of padding.
        for rows in torch.split(texts.lengths.argsort(stable=True), TEXTS_PER_BLOCK):
            batch = texts.take(rows).to(device)
            logits = network(batch.tokens, batch.classes)
            losses[rows.numpy()] = summed_losses(logits, batch.targets).cpu().numpy()
            counts[rows.numpy()] = (batch.targets != NOT_PREDICTED).sum(dim=1).cpu().numpy()
    return losses, counts


def _in_float64(network: CharRNN) -> CharRNN:
    return copy.deepcopy(network).double().eval()


def _chances(seed: int, num_texts: int, num_tokens: int) -> NDArray[np.float64]:
    chances = np.empty((num_texts, num_tokens))
    for number in range(num_texts):
        chances[number] = np.random.default_rng((seed, number)).random(num_tokens)
    return chances
