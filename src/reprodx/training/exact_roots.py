"""The square root of torch on the processor, rounded correctly as IEEE 754 asks, so that each processor gives the same.

MKL, which torch takes it from, starts from an approximation that differs between makers of processors. Optimizers that
are not fused, and distances, rest on it. NumPy takes the processor's own root.
"""

from __future__ import annotations

import contextlib
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import Tensor


@contextlib.contextmanager
def exact_roots() -> Iterator[None]:
    """Let `torch.sqrt` of tensors in the processor's memory be exact within the block.

    `x ** 0.5` and `torch.atan`, which take the same way through MKL, are not reached.
    """
    registry: Any = torch.library  # Any, because torch leaves it without types.
    library = registry.Library("aten", "IMPL")
    with warnings.catch_warnings():
        # Of the replacement, which is meant.
        warnings.simplefilter("ignore")
        for name, root in (("sqrt", _root), ("sqrt_", _root_in_place), ("sqrt.out", _root_into)):
            library.impl(name, root, "CPU", allow_override=True)
    try:
        yield
    finally:
        library._destroy()


def _root(values: Tensor) -> Tensor:
    # As torch itself does: whole numbers become floats, and half precision is taken in single.
    if not (values.is_floating_point() or values.is_complex()):
        values = values.to(torch.get_default_dtype())
    is_half = values.dtype in (torch.float16, torch.bfloat16)
    found = (values.float() if is_half else values).numpy(force=True)
    with np.errstate(invalid="ignore"):
        root = torch.from_numpy(np.asarray(np.sqrt(found)))
    return root.to(values.dtype) if is_half else root


def _root_in_place(values: Tensor) -> Tensor:
    return values.copy_(_root(values))


def _root_into(values: Tensor, *, out: Tensor) -> Tensor:
    root = _root(values)
    return out.resize_(root.shape).copy_(root)
