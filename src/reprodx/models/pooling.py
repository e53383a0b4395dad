"""From the states of all steps to one vector per case; padding is never read."""

from typing import Literal

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from reprodx.models.padding import step_mask


class LastState(nn.Module):
    """The state after the last step; for two directions, each direction's own last."""

    def __init__(self, *, bidirectional: bool) -> None:
        """Choose the directions.

        Args:
            bidirectional: Whether the second half of each state belongs to a backward pass, which ends at step 0.
        """
        super().__init__()
        self.bidirectional = bidirectional

    def forward(
        self, states: Float[Tensor, "batch time size"], lengths: Int[Tensor, " batch"] | None
    ) -> Float[Tensor, "batch size"]:
        """Choose the states.

        Args:
            states: Of every step.
            lengths: Steps of each case, at least 1; None where all count.

        Returns:
            One vector per case.
        """
        if lengths is None:
            last = states[:, -1]
        else:
            last = states[torch.arange(len(states), device=states.device), lengths - 1]
        if not self.bidirectional:
            return last
        half = states.shape[2] // 2
        return torch.cat([last[:, :half], states[:, 0, half:]], dim=1)


class FirstState(nn.Module):
    """The first state, where a network puts a token that stands for the whole case."""

    def forward(
        self, states: Float[Tensor, "batch time size"], lengths: Int[Tensor, " batch"] | None
    ) -> Float[Tensor, "batch size"]:
        """Choose the states.

        Args:
            states: Of every step.
            lengths: Not used.

        Returns:
            One vector per case.
        """
        return states[:, 0]


class MeanPooling(nn.Module):
    """The mean over a case's own steps."""

    def forward(
        self, states: Float[Tensor, "batch time size"], lengths: Int[Tensor, " batch"] | None
    ) -> Float[Tensor, "batch size"]:
        """Average the states.

        Args:
            states: Of every step.
            lengths: Steps of each case, at least 1; None where all count.

        Returns:
            One vector per case.
        """
        if lengths is None:
            return states.mean(1)
        own = step_mask(lengths, states.shape[1])
        return states.masked_fill(~own.unsqueeze(2), 0).sum(1) / lengths.unsqueeze(1).to(states.dtype)


class MaxPooling(nn.Module):
    """The largest value of each unit over a case's own steps."""

    def forward(
        self, states: Float[Tensor, "batch time size"], lengths: Int[Tensor, " batch"] | None
    ) -> Float[Tensor, "batch size"]:
        """Choose the largest values.

        Args:
            states: Of every step.
            lengths: Steps of each case, at least 1; None where all count.

        Returns:
            One vector per case.
        """
        if lengths is not None:
            own = step_mask(lengths, states.shape[1])
            states = states.masked_fill(~own.unsqueeze(2), -torch.inf)
        return states.amax(1)


class AttentionPooling(nn.Module):
    """A mean whose weights are learnt: softmax over the steps of v . tanh(W h + b).

    Source: Bahdanau et al., Neural machine translation by jointly learning to align and translate, ICLR 2015,
    appendix A.1.2; for one vector per text Yang et al., Hierarchical attention networks, NAACL 2016, equations 5-7.
    """

    def __init__(self, *, size: int) -> None:
        """Build the layers.

        Args:
            size: Units of a state.
        """
        super().__init__()
        self.hidden = nn.Linear(size, size)
        self.score = nn.Linear(size, 1, bias=False)

    def forward(
        self, states: Float[Tensor, "batch time size"], lengths: Int[Tensor, " batch"] | None
    ) -> Float[Tensor, "batch size"]:
        """Average the states.

        Args:
            states: Of every step.
            lengths: Steps of each case, at least 1; None where all count.

        Returns:
            One vector per case.
        """
        scores = self.score(torch.tanh(self.hidden(states)))
        if lengths is not None:
            own = step_mask(lengths, states.shape[1]).unsqueeze(2)
            scores, states = scores.masked_fill(~own, -torch.inf), states.masked_fill(~own, 0)
        pooled: Tensor = (scores.softmax(1) * states).sum(1)
        return pooled


def sequence_pooling(
    kind: Literal["last", "first", "mean", "max", "attention"], size: int, *, bidirectional: bool = False
) -> nn.Module:
    """Return a pooling by its name.

    Args:
        kind: Its name.
        size: Units of a state.
        bidirectional: Whether the second half of each state belongs to a backward pass.

    Returns:
        A module that takes states and lengths.
    """
    match kind:
        case "last":
            return LastState(bidirectional=bidirectional)
        case "first":
            return FirstState()
        case "mean":
            return MeanPooling()
        case "max":
            return MaxPooling()
        case "attention":
            return AttentionPooling(size=size)
