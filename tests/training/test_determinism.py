"""Seeds, streams and threads."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from reprodx.training.determinism import Stream, generator, reproducible, reseed_network, stream_seed

keys = st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 10_000), st.sampled_from(Stream))


@given(first=keys, second=keys)
def test_every_stream_of_every_epoch_has_a_seed_of_its_own(first, second):
    assert (stream_seed(*first) == stream_seed(*second)) == (first == second)


def test_an_epoch_draws_the_same_numbers_whatever_was_drawn_before():
    with torch.random.fork_rng():
        reseed_network(3, 5)
        first = torch.rand(4)
        torch.rand(100)
        reseed_network(3, 5)

        assert torch.equal(torch.rand(4), first)


def test_streams_do_not_disturb_each_other():
    order = torch.randperm(50, generator=generator(0, 1, Stream.ORDER))

    assert torch.equal(torch.randperm(50, generator=generator(0, 1, Stream.ORDER)), order)
    assert not torch.equal(torch.randperm(50, generator=generator(0, 1, Stream.AUGMENTATION)), order)


@pytest.mark.parametrize("fails", [False, True])
def test_threads_and_random_state_are_put_back(fails):
    before = torch.get_num_threads(), torch.get_rng_state().tolist()

    def use() -> None:
        with reproducible(before[0] + 1):
            assert torch.get_num_threads() == before[0] + 1
            assert torch.are_deterministic_algorithms_enabled()
            torch.rand(3)
            if fails:
                raise InterruptedError

    if fails:
        with pytest.raises(InterruptedError):
            use()
    else:
        use()

    assert (torch.get_num_threads(), torch.get_rng_state().tolist()) == before
    assert not torch.are_deterministic_algorithms_enabled()
    assert torch.utils.deterministic.fill_uninitialized_memory
