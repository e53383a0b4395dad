"""The number that is attributed: the log odds of a yes, from a network's outputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch.nn import functional

from reprodx.training.links import Link

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor


def log_odds(outputs: Tensor, link: Link, yes: Sequence[int]) -> Tensor:
    """Return log(P / (1 - P)) of a set of classes, with gradients.

    Unlike one class's logit it does not change when the same number is added to the logits of all classes.

    Source: for `CUMULATIVE` McCullagh, J R Stat Soc B 1980;42:109; see `links.class_logits`.

    Args:
        outputs: A network's, shape (cases, outputs).
        link: How outputs become probabilities.
        yes: Positions of the classes, in order: one label with `SIGMOID`, the upper classes with `CUMULATIVE`.

    Returns:
        Shape (cases,).

    >>> log_odds(torch.tensor([[1.0, 2.0, 2.0]]), Link.SOFTMAX, [1, 2]) - torch.log(torch.tensor(2.0))
    tensor([1.])
    """
    if link == Link.SIGMOID:
        return outputs[:, yes[0]]
    if link == Link.CUMULATIVE:
        return outputs[:, 0] - functional.softplus(outputs[:, 1 : yes[0]]).sum(dim=1)
    if outputs.shape[1] == 1:
        return outputs[:, 0]
    no = [position for position in range(outputs.shape[1]) if position not in yes]
    return torch.logsumexp(outputs[:, list(yes)], dim=1) - torch.logsumexp(outputs[:, no], dim=1)
