"""Padding: masks, and joining steps."""

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from reprodx.models.padding import clear_padding, group_means, in_groups, num_groups, reversed_steps, step_mask


def test_marks_own_steps():
    assert step_mask(torch.tensor([0, 2, 3]), 3).int().tolist() == [[0, 0, 0], [1, 1, 0], [1, 1, 1]]


def test_clears_padding_of_values_and_tokens():
    values, lengths = clear_padding(torch.full((2, 3, 2), torch.nan), torch.tensor([0, 3]))
    tokens, _ = clear_padding(torch.tensor([[4, 5], [6, 7]]), torch.tensor([1, 2]))

    assert values[0].tolist() == [[0, 0]] * 3
    assert values[1].isnan().all()
    assert lengths.tolist() == [1, 3]
    assert tokens.tolist() == [[4, 0], [6, 7]]


def test_full_lengths_are_no_lengths():
    values = torch.randn(2, 3, 1)

    assert clear_padding(values, torch.tensor([3, 3])) == (values, None)
    assert clear_padding(values, None) == (values, None)


@given(num_steps=st.integers(1, 12), group_size=st.integers(1, 5), missing=st.integers(0, 11))
def test_group_means_are_means_of_own_steps(num_steps, group_size, missing):
    length = max(num_steps - missing, 1)
    values = torch.randn(1, num_steps, 2, dtype=torch.float64)
    values[:, length:] = 0
    lengths = torch.tensor([length])

    means = group_means(values, lengths, group_size)[0, : num_groups(lengths, group_size)]

    own = values[0, :length].numpy()
    expected = [own[start : start + group_size].mean(0) for start in range(0, length, group_size)]
    np.testing.assert_allclose(means, expected, atol=1e-12)


def test_a_last_group_that_is_not_full_is_averaged_over_what_it_holds():
    values = torch.tensor([[[1.0], [3.0], [5.0]]])

    assert group_means(values, None, 2).tolist() == [[[2.0], [5.0]]]
    assert num_groups(None, 2) is None


def test_groups_are_filled_with_zeros():
    assert in_groups(torch.tensor([[[1.0], [3.0], [5.0]]]), 2).tolist() == [[[[1.0], [3.0]], [[5.0], [0.0]]]]


def test_reverses_own_steps_and_leaves_padding():
    values = torch.tensor([[[1], [2], [3]], [[4], [5], [0]], [[6], [0], [0]]])

    assert reversed_steps(values, torch.tensor([3, 2, 1])).flatten(1).tolist() == [[3, 2, 1], [5, 4, 0], [6, 0, 0]]
    assert torch.equal(reversed_steps(values, None), values.flip(1))
