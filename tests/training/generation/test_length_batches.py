"""Batches of similar lengths hold every case once, in an order that the seed and the epoch decide."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from reprodx.training.generation.length_batches import BATCHES_PER_WINDOW, LengthBatches

LENGTHS = torch.randint(1, 200, (1000,), generator=torch.Generator().manual_seed(0))


def make_batches(lengths=LENGTHS, batch_size=8, seed=0, epoch=1, weights=None) -> list[list[int]]:
    batches = LengthBatches(lengths, batch_size, seed=seed, epoch=lambda: epoch, weights=weights)
    rows = [batch.tolist() for batch in batches]
    assert len(rows) == len(batches)
    return rows


@given(num_cases=st.integers(2, 400), batch_size=st.integers(1, 20), epoch=st.integers(1, 9))
def test_each_case_comes_once_an_epoch(num_cases, batch_size, epoch):
    batches = make_batches(LENGTHS[:num_cases], batch_size, epoch=epoch)

    assert sorted(row for batch in batches for row in batch) == list(range(num_cases))
    assert max(map(len, batches)) <= batch_size + 1


def test_seed_and_epoch_decide_the_order():
    assert make_batches() == make_batches()
    assert make_batches() != make_batches(epoch=2)
    assert make_batches() != make_batches(seed=1)


def test_little_of_a_batch_is_padding():
    def share_of_padding(batches):
        read = sum(len(rows) * int(LENGTHS[rows].max()) for rows in batches)
        return 1 - int(LENGTHS.sum()) / read

    assert share_of_padding(make_batches()) < 0.1
    assert share_of_padding(torch.split(torch.randperm(1000), 8)) > 0.3


def test_short_and_long_texts_are_not_learned_in_turn():
    longest = torch.tensor([int(LENGTHS[rows].max()) for rows in make_batches()[:BATCHES_PER_WINDOW]])

    assert not torch.equal(longest, longest.sort().values)


def test_weights_say_how_often_a_case_is_drawn():
    drawn = make_batches(weights=(torch.arange(1000) < 10).double())

    rows = [row for batch in drawn for row in batch]
    assert len(rows) == 1000
    assert set(rows) == set(range(10))
