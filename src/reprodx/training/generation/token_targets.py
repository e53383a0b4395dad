"""Texts as a network reads them, the token that it is to predict at each place, and the loss of its predictions."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import torch
from torch.nn import functional

from reprodx.models.char_rnn import END_TOKEN
from reprodx.training.cases import InputTensors

if TYPE_CHECKING:
    from torch import Tensor

    from reprodx.inputs import Inputs

NOT_PREDICTED = -100
"""The target of a place whose prediction carries no loss: padding, and the end of a text that was cut off."""
MAX_TOKENS = "max_tokens"
"""The setting of texts that says where they were cut off."""


class TextBatch(NamedTuple):
    """Some texts."""

    tokens: Tensor
    """Shape (batch, time), int64: `END_TOKEN`, then the text, then padding."""
    classes: Tensor
    """Shape (batch,), int64."""
    targets: Tensor
    """Shape (batch, time), int64: the token after each place, `END_TOKEN` after the last; or `NOT_PREDICTED`."""

    def to(self, device: torch.device) -> TextBatch:
        """Return the batch on a device."""
        return TextBatch(*(tensor.to(device) for tensor in self))


class TokenTargets:
    """All texts of some cases, of which batches are made.

    A text of as many tokens as the settings of the inputs allow may have been cut off there, so nothing is learned
    from where it ends.
    """

    def __init__(self, inputs: Inputs, classes: Tensor) -> None:
        """Share the memory of the inputs.

        Args:
            inputs: Texts as prepared; their settings say `max_tokens`, where texts were cut.
            classes: Shape (cases,), int64.
        """
        assert inputs.lengths is not None, "texts have lengths"
        self._inputs, self._classes = InputTensors(inputs), classes
        self.lengths = torch.from_numpy(inputs.lengths)
        self._max_tokens: int | None = inputs.settings.get(MAX_TOKENS)

    def __len__(self) -> int:
        """Return the number of texts."""
        return len(self.lengths)

    def take(self, rows: Tensor) -> TextBatch:
        """Return some texts.

        Args:
            rows: Their numbers.

        Returns:
            The texts, padded to one step more than the longest has tokens.
        """
        texts, lengths = self._inputs.take(rows)
        assert lengths is not None, "texts have lengths"
        end = texts.new_full((len(texts), 1), END_TOKEN)
        num_predicted = lengths + 1 if self._max_tokens is None else lengths + (lengths < self._max_tokens)
        targets = torch.cat([texts, end], dim=1)
        is_predicted = torch.arange(targets.shape[1]) < num_predicted[:, None]
        return TextBatch(
            torch.cat([end, texts], dim=1),
            self._classes.index_select(0, rows),
            targets.masked_fill_(~is_predicted, NOT_PREDICTED),
        )


def mean_loss(logits: Tensor, targets: Tensor) -> Tensor:
    """Compute -mean log p(target) over the places that are predicted, in nats.

    Source: Goodfellow, Bengio, Courville, Deep learning, 2016, equation 10.14, divided by the number of places.

    Args:
        logits: Shape (batch, time, vocabulary).
        targets: Shape (batch, time), as in `TextBatch`.

    Returns:
        A single number.
    """
    return functional.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=NOT_PREDICTED)


def summed_losses(logits: Tensor, targets: Tensor) -> Tensor:
    """Compute -sum log p(target) of each text over the places that are predicted, in nats.

    Args:
        logits: Shape (batch, time, vocabulary).
        targets: Shape (batch, time), as in `TextBatch`.

    Returns:
        Shape (batch,), float64.
    """
    losses = functional.cross_entropy(
        logits.double().transpose(1, 2), targets, ignore_index=NOT_PREDICTED, reduction="none"
    )
    return losses.sum(dim=1)
