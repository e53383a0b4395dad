"""Padding of sequences: which steps are a case's own, and joining steps without reading what is not."""

import torch
from jaxtyping import Bool, Float, Int, Shaped
from torch import Tensor
from torch.nn import functional


def step_mask(lengths: Int[Tensor, " batch"], num_steps: int) -> Bool[Tensor, "batch time"]:
    """Mark the steps that are a case's own.

    Args:
        lengths: Steps of each case.
        num_steps: Steps of the longest case, or more.

    Returns:
        True for a case's own step, False for padding.

    >>> step_mask(torch.tensor([1, 3]), 3).tolist()
    [[True, False, False], [True, True, True]]
    """
    return torch.arange(num_steps, device=lengths.device) < lengths.unsqueeze(1)


def clear_padding(
    values: Shaped[Tensor, "batch time ..."], lengths: Int[Tensor, " batch"] | None
) -> tuple[Shaped[Tensor, "batch time ..."], Int[Tensor, " batch"] | None]:
    """Set padding to zero.

    Args:
        values: Steps or tokens.
        lengths: Steps of each case; None where all count.

    Returns:
        The values, and the lengths: None if there is no padding. A case without steps counts as one step of zeros.
    """
    if lengths is None or bool((lengths >= values.shape[1]).all()):
        return values, None
    own = step_mask(lengths, values.shape[1])
    return values.masked_fill(~own.view(*own.shape, *[1] * (values.dim() - 2)), 0), lengths.clamp(min=1)


def reversed_steps(
    values: Float[Tensor, "batch time size"], lengths: Int[Tensor, " batch"] | None
) -> Float[Tensor, "batch time size"]:
    """Put each case's own steps in the opposite order and leave padding behind them.

    Args:
        values: Steps.
        lengths: Steps of each case; None where all count.

    Returns:
        The same steps.
    """
    if lengths is None:
        return values.flip(1)
    steps = torch.arange(values.shape[1], device=values.device)
    ends = lengths.unsqueeze(1)
    rows = torch.arange(len(values), device=values.device).unsqueeze(1)
    return values[rows, torch.where(steps < ends, ends - 1 - steps, steps)]


def in_groups(values: Float[Tensor, "batch time size"], group_size: int) -> Float[Tensor, "batch groups steps size"]:
    """Put consecutive steps in groups, with steps of zeros behind the last one where a group is not full.

    Args:
        values: Steps.
        group_size: Steps of a group, at least 1.

    Returns:
        The same steps.
    """
    missing = -values.shape[1] % group_size
    return functional.pad(values, (0, 0, 0, missing)).view(len(values), -1, group_size, values.shape[2])


def num_groups(lengths: Int[Tensor, " batch"] | None, group_size: int) -> Int[Tensor, " batch"] | None:
    """Return how many groups hold a step of each case, as after a convolution of this stride.

    Args:
        lengths: Steps of each case; None where all count.
        group_size: Steps of a group, at least 1.

    Returns:
        The groups of each case; None where all count.
    """
    return None if lengths is None else (lengths + group_size - 1).div(group_size, rounding_mode="floor")


def group_means(
    values: Float[Tensor, "batch time size"], lengths: Int[Tensor, " batch"] | None, group_size: int
) -> Float[Tensor, "batch groups size"]:
    """Average consecutive steps, each group over the steps that are the case's own.

    Args:
        values: Steps; padding is zero.
        lengths: Steps of each case; None where all count.
        group_size: Steps of a group, at least 1.

    Returns:
        The means; zero where a group is all padding.
    """
    if group_size == 1:
        return values
    groups = in_groups(values, group_size)
    first = torch.arange(groups.shape[1], device=values.device) * group_size
    ends = first.new_tensor([[values.shape[1]]]) if lengths is None else lengths.unsqueeze(1)
    counts = (ends - first).clamp(1, group_size).unsqueeze(2).to(values.dtype)
    return groups.sum(2) / counts
