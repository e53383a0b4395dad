"""One thread and one seed for every equation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch

from reprodx.training.determinism import reproducible

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True, scope="module")
def fixed_threads_and_seed() -> Iterator[None]:
    """Keep torch from sharing small sums between threads."""
    with reproducible(1):
        torch.manual_seed(0)
        yield
