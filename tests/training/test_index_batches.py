"""Every case once an epoch, whatever the sizes."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from reprodx.training.index_batches import MAX_GROUP, IndexBatches, balanced_weights, batch_sizes, group_size


@given(num_cases=st.integers(1, 300), batch_size=st.integers(1, 320), group=st.integers(1, 70))
def test_an_epoch_holds_every_case_once(num_cases, batch_size, group):
    batches = IndexBatches(num_cases, batch_size, group, seed=0, epoch=lambda: 1)

    groups = list(batches)

    assert len(groups) == len(batches)
    assert all(1 <= len(each) <= group for each in groups)
    rows = [batch for each in groups for batch in each]
    assert [len(batch) for batch in rows] == batches.sizes
    assert sorted(torch.cat(rows).tolist()) == list(range(num_cases))


@given(num_cases=st.integers(2, 300), batch_size=st.integers(2, 320))
def test_no_mini_batch_is_a_single_case_unless_all_are(num_cases, batch_size):
    sizes = batch_sizes(num_cases, batch_size)

    assert min(sizes) > 1
    assert max(sizes) <= batch_size + 1


def test_the_order_depends_on_seed_and_epoch_and_not_on_the_groups():
    def order(group: int, seed: int, epoch: int) -> list[int]:
        batches = IndexBatches(40, 7, group, seed=seed, epoch=lambda: epoch)
        return [int(row) for each in batches for batch in each for row in batch]

    assert order(1, 0, 1) == order(3, 0, 1)
    assert order(1, 0, 1) != order(1, 0, 2)
    assert order(1, 0, 1) != order(1, 1, 1)


@given(num_parameters=st.integers(1, 10**9), batch_size=st.integers(1, 10**6))
def test_groups_are_never_empty_nor_too_large(num_parameters, batch_size):
    assert 1 <= group_size(num_parameters, batch_size) <= MAX_GROUP


def test_balanced_sampling_draws_each_class_as_often():
    targets = torch.tensor([0] * 900 + [1] * 90 + [2] * 10)
    batches = IndexBatches(1000, 50, 1, seed=0, epoch=lambda: 1, weights=balanced_weights(targets))

    drawn = targets[torch.cat([rows for group in batches for rows in group])]

    assert batches.sizes == [50] * 20
    assert drawn.bincount().tolist() == pytest.approx([333, 333, 333], abs=60)


def test_a_case_with_several_labels_counts_as_of_its_rarest():
    targets = torch.tensor([[1.0, 1.0]] * 2 + [[1.0, 0.0]] * 6 + [[0.0, 0.0]] * 4)

    weights = balanced_weights(targets)

    assert weights.tolist() == pytest.approx([1 / 2] * 2 + [1 / 6] * 6 + [1 / 4] * 4)
