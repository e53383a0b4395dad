"""What makes a training repeatable: its seeds and its threads.

Every epoch starts its random streams anew from (seed, epoch). A training that goes on from the end of an epoch thereby
draws the same numbers as one that was never interrupted.
"""

from __future__ import annotations

import contextlib
from enum import IntEnum
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from reprodx.portability import is_portable
from reprodx.training.exact_roots import exact_roots

if TYPE_CHECKING:
    from collections.abc import Iterator

INITIAL = 0
"""The "epoch" of what is drawn before the first one."""


class Stream(IntEnum):
    """What random numbers are drawn for; streams do not disturb each other."""

    NETWORK = 0
    """Initial weights and dropout."""
    ORDER = 1
    """The order of the cases."""
    AUGMENTATION = 2
    NOISE = 3
    """What a generator makes pictures of."""


def stream_seed(seed: int, epoch: int, stream: Stream) -> int:
    """Derive the seed of one stream in one epoch.

    Args:
        seed: The run's, at least 0.
        epoch: From 1; `INITIAL` is before the first.
        stream: What is drawn.

    Returns:
        A number of 64 bits.

    >>> stream_seed(0, 1, Stream.ORDER) == stream_seed(0, 2, Stream.ORDER)
    False
    """
    return int(np.random.SeedSequence((seed, epoch, stream)).generate_state(1, np.uint64)[0])


def generator(seed: int, epoch: int, stream: Stream, device: torch.device | str = "cpu") -> torch.Generator:
    """Return a generator at the start of one stream in one epoch."""
    return torch.Generator(device).manual_seed(stream_seed(seed, epoch, stream))


def reseed_network(seed: int, epoch: int) -> None:
    """Start torch's global random state, from which weights and dropout come, anew for an epoch."""
    number = stream_seed(seed, epoch, Stream.NETWORK)
    # torch.manual_seed does this too, and takes a stack trace each time for devices that are not in use.
    for state in (torch.default_generator, *torch.cuda.default_generators):
        state.manual_seed(number)


@contextlib.contextmanager
def reproducible(num_threads: int) -> Iterator[None]:
    """Run the block on a fixed number of threads with deterministic kernels, and put everything back afterwards.

    In a portable process square roots are exact, see `exact_roots`.

    Args:
        num_threads: Of torch, BLAS and OpenMP; sums differ in their last bits between numbers of threads.
    """
    from threadpoolctl import threadpool_limits

    threads, mode = torch.get_num_threads(), torch.get_deterministic_debug_mode()
    memory: Any = torch.utils.deterministic  # Any, because torch makes its one attribute at run time.
    fills = memory.fill_uninitialized_memory
    roots = exact_roots() if is_portable() else contextlib.nullcontext()
    with torch.random.fork_rng(), threadpool_limits(num_threads), roots:
        torch.set_num_threads(num_threads)
        # torch.use_deterministic_algorithms does the same and imports torch's compiler, which takes a second.
        torch.set_deterministic_debug_mode("error")
        # Filling new tensors with NaN finds reads of uninitialised memory; it takes a tenth of a small network's time.
        memory.fill_uninitialized_memory = False
        try:
            yield
        finally:
            memory.fill_uninitialized_memory = fills
            torch.set_deterministic_debug_mode(mode)
            torch.set_num_threads(threads)
