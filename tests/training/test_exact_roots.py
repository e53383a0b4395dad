"""Square roots that every processor takes alike, against NumPy's, which are rounded correctly."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from reprodx.training import determinism
from reprodx.training.determinism import reproducible
from reprodx.training.exact_roots import exact_roots


@pytest.fixture
def values() -> torch.Tensor:
    return torch.rand(4001, generator=torch.Generator().manual_seed(0)) * 7


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_roots_are_the_correctly_rounded_ones(values: torch.Tensor, dtype: torch.dtype) -> None:
    given = values.to(dtype)
    expected = torch.from_numpy(np.sqrt(given.numpy()))
    with exact_roots():
        assert torch.equal(torch.sqrt(given), expected)
        assert torch.equal(given.clone().sqrt_(), expected)
        assert torch.equal(torch.sqrt(given, out=torch.empty(0, dtype=dtype)), expected)
        assert torch.equal(given[::2].sqrt(), expected[::2])


def test_types_gradients_and_what_has_no_root_are_as_ever() -> None:
    given = [torch.tensor([4, 9]), torch.tensor([2.0, 9.0]).bfloat16(), torch.tensor(4.0), torch.tensor([-1.0, 0.0])]
    before = [torch.sqrt(each) for each in given]
    with exact_roots():
        found = [torch.sqrt(each) for each in given]
        leaf = torch.tensor([4.0], requires_grad=True)
        leaf.sqrt().backward()
    for one, other in zip(found, before, strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=0, equal_nan=True)
    assert leaf.grad == 0.25


def test_they_hold_in_portable_processes_alone_and_end_with_the_block(
    values: torch.Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, exact = torch.sqrt(values), torch.from_numpy(np.sqrt(values.numpy()))
    for portable in (False, True):
        monkeypatch.setattr(determinism, "is_portable", lambda portable=portable: portable)
        with reproducible(1):
            assert torch.equal(torch.sqrt(values), exact if portable else before)
        assert torch.equal(torch.sqrt(values), before)
