"""Where a token stands, as a vector."""

import math

import torch
from jaxtyping import Float
from torch import Tensor


def sinusoidal_encoding(num_steps: int, size: int, like: Tensor) -> Float[Tensor, "time size"]:
    """Return sines and cosines of each position at geometric wavelengths.

    Source: Vaswani et al., Attention is all you need, NeurIPS 2017, section 3.5.

    Args:
        num_steps: Positions, from 0.
        size: Of each vector, even.
        like: Decides type and device.

    Returns:
        sin(position / 10000^(2i / size)) in column 2i and the cosine in column 2i + 1.

    >>> sinusoidal_encoding(2, 2, torch.zeros(1)).round(decimals=2)
    tensor([[0.0000, 1.0000],
            [0.8400, 0.5400]])
    """
    positions = torch.arange(num_steps, dtype=like.dtype, device=like.device).unsqueeze(1)
    exponents = torch.arange(0, size, 2, dtype=like.dtype, device=like.device) / size
    angles = positions * torch.exp(-math.log(10_000) * exponents)
    return torch.stack([angles.sin(), angles.cos()], dim=2).flatten(1)
