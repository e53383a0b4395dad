"""Grad-CAM: which places of a picture the last maps of a convolutional network rest on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from reprodx.explanation.contributions import Contributions, coarse_sums

if TYPE_CHECKING:
    from collections.abc import Callable

    from reprodx.training.cases import Batch

MOST_CELLS = 16
"""Rows and columns of cells that a picture is summed to at most."""
FEWEST_CELLS = 4
"""Rows and columns that maps should have; fewer are taken where there are no larger ones."""


def last_maps(network: nn.Module, batch: Batch) -> nn.Module | None:
    """Return the last module that holds a two-dimensional convolution and gives maps rather than vectors.

    Args:
        network: Ours or another library's, with dropout off.
        batch: What it is called with.

    Returns:
        The last of those with maps of `FEWEST_CELLS` or more, else the last with more than one pixel; None where there
        is none.
    """
    sizes: list[tuple[int, nn.Module]] = []

    def remember(module: nn.Module, _: Any, output: Any) -> None:
        if isinstance(output, Tensor) and output.dim() == 4:
            sizes.append((min(output.shape[2:]), module))

    holders = [module for module in network.modules() if any(isinstance(part, nn.Conv2d) for part in module.modules())]
    hooks = [module.register_forward_hook(remember) for module in holders]
    try:
        with torch.no_grad():
            network(*batch)
    finally:
        for hook in hooks:
            hook.remove()
    for fewest in (FEWEST_CELLS, 2):
        if found := [module for size, module in sizes if size >= fewest]:
            return found[-1]
    return None


def grad_cam(answer: Callable[..., Tensor], layer: nn.Module, batch: Batch) -> Contributions:
    """Attribute an answer to places: the sum over maps of each map times its mean gradient.

    Negative sums are kept: they speak against the answer, which the published ReLU drops.

    Source: Selvaraju et al., Grad-CAM, ICCV 2017, equations 1 and 2 without the ReLU; `captum.attr.LayerGradCam`.

    Args:
        answer: From what the network is called with to the log odds.
        layer: What `last_maps` returned.
        batch: Of one case.

    Returns:
        A grid of `MOST_CELLS` rows and columns at most.
    """
    from captum.attr import LayerGradCam

    maps = LayerGradCam(answer, layer).attribute(batch[0], additional_forward_args=batch[1:] or None)
    assert isinstance(maps, Tensor), "one layer gives one tensor"
    values = maps.detach()[0, 0].numpy()
    with torch.no_grad():
        log_odds = float(answer(*batch))
    return Contributions(values.ravel()[:0], coarse_sums(values, MOST_CELLS, MOST_CELLS), log_odds, None)
