"""How much of generated texts stands word for word in training texts.

Clinical phrases repeat, so the same share of held-out texts stands beside: what everybody writes is no copy. Windows
are found by their polynomial hashes modulo 2 to the 64th, and compared symbol by symbol. No text is ever returned.

Source: Karp & Rabin, IBM J Res Dev 1987;31:249, for the hashes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from reprodx.metrics.undefined import ratio
from reprodx.schemas import Estimate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from reprodx.metrics.bootstrap import Bootstrap

BASE = 0x9E3779B97F4A7C15
"""Of the polynomials: odd, so that it has an inverse."""
HASH_SEED = 0
"""Of the number that stands for each symbol."""
FILTER_BITS = 24
"""Of a hash, in the table of 16 MB by which nearly all windows of training texts are passed over."""
BLOCK_SYMBOLS = 2_000_000
"""Compared at a time."""
SEPARATOR = 0
"""Between texts; no symbol is below 1 once they are shifted."""


@dataclass(frozen=True)
class Verbatim:
    """What generated texts share with training texts, beside what held-out texts share with them."""

    share: Estimate
    """Of the windows of generated texts, those that stand in a training text."""
    share_heldout: Estimate
    """The same of held-out texts: phrases that everybody writes."""
    longest_run: Estimate
    """Symbols of the longest run of a generated text that stands in a training text; without interval."""

    def estimates(self) -> dict[str, Estimate]:
        """Return the numbers by their names in `metrics.json`."""
        return {
            "verbatim_share": self.share,
            "verbatim_share_heldout": self.share_heldout,
            "longest_verbatim_run": self.longest_run,
        }


def characters(text: str) -> NDArray[np.int32]:
    """Return the code points of a text, shape (characters,).

    >>> characters("no").tolist()
    [110, 111]
    """
    return np.frombuffer(text.encode("utf-32-le"), dtype="<i4").astype(np.int32)


def verbatim(
    generated: Sequence[NDArray[np.int32]],
    train: Sequence[NDArray[np.int32]],
    heldout: Sequence[NDArray[np.int32]],
    *,
    window: int,
    bootstrap: Bootstrap,
) -> Verbatim:
    """Search windows of generated texts in training texts.

    Args:
        generated: Symbols of each text, not negative: `characters` of it, or its tokens.
        train: The same of training texts.
        heldout: The same of held-out texts.
        window: Symbols of a window; 50 characters are some eight words.
        bootstrap: How intervals are made; it draws texts.

    Returns:
        A share is undefined where no text has a whole window, and all is without training texts.
    """
    if not any(text.size for text in train):
        nothing = Estimate.undefined("no training text", n=len(generated))
        return Verbatim(nothing, nothing, nothing)
    largest = max((int(text.max()) for text in (*generated, *train, *heldout) if text.size), default=0)
    values = np.random.default_rng(HASH_SEED).integers(2**64, size=largest + 2, dtype=np.uint64)
    library = _HashedTexts.of(train, values)
    searched, others = _HashedTexts.of(generated, values), _HashedTexts.of(heldout, values)
    return Verbatim(
        _share(searched, library, window, bootstrap),
        _share(others, library, window, bootstrap),
        _longest_run(searched, library),
    )


class _HashedTexts(NamedTuple):
    """Texts one after another, with the hash of every window of any size at hand."""

    symbols: NDArray[np.int32]
    """Shape (symbols,), each shifted by 1, and `SEPARATOR` after each text."""
    ends: NDArray[np.int64]
    """Shape (texts,), the position of the separator after each text."""
    prefix_sums: NDArray[np.uint64]
    """Shape (symbols + 1,), of the values of symbols times the powers of `BASE`."""
    inverse_powers: NDArray[np.uint64]
    """Shape (symbols,), which bring windows at different positions to the same power."""

    @classmethod
    def of(cls, texts: Sequence[NDArray[np.int32]], values: NDArray[np.uint64]) -> _HashedTexts:
        """Hash texts with the value of each symbol."""
        parts = [np.append(text + 1, SEPARATOR) for text in texts]
        symbols = np.concatenate([np.empty(0, np.int32), *parts]).astype(np.int32)
        ends = np.cumsum([part.size for part in parts], dtype=np.int64) - 1
        products = _powers(BASE, symbols.size)
        products *= values[symbols]
        sums = np.zeros(symbols.size + 1, np.uint64)
        np.cumsum(products, out=sums[1:])
        return cls(symbols, ends, sums, _powers(pow(BASE, -1, 2**64), symbols.size))

    def hashes(self, size: int) -> NDArray[np.uint64]:
        """Return the hash of the window at each position, shape (positions,)."""
        found = self.prefix_sums[size:] - self.prefix_sums[:-size]
        found *= self.inverse_powers[: found.size]
        return found

    def starts(self, size: int) -> NDArray[np.int64]:
        """Return the positions of the windows that lie within a text."""
        lengths = np.diff(self.ends, prepend=-1) - 1
        counts = np.maximum(lengths - size + 1, 0)
        firsts = np.repeat(self.ends - lengths - np.cumsum(counts) + counts, counts)
        return firsts + np.arange(counts.sum())


def _powers(base: int, count: int) -> NDArray[np.uint64]:
    factors = np.full(count, base, dtype=np.uint64)
    factors[:1] = 1
    return np.multiply.accumulate(factors, out=factors)


def _share(texts: _HashedTexts, library: _HashedTexts, size: int, bootstrap: Bootstrap) -> Estimate:
    starts = texts.starts(size)
    if not starts.size:
        return Estimate.undefined(f"no text has {size} symbols", n=texts.ends.size)
    owners = np.searchsorted(texts.ends, starts)
    found = starts[_are_found(texts, starts, library, size)]
    counts = np.bincount(owners, minlength=texts.ends.size)
    hits = np.bincount(np.searchsorted(texts.ends, found), minlength=texts.ends.size)[counts > 0]
    counts = counts[counts > 0]

    def share(weights: NDArray[np.float64]) -> NDArray[np.float64]:
        totals = np.einsum("rt,kt->kr", weights, np.stack([hits, counts]).astype(np.float64))
        return ratio(totals[0], totals[1])

    return bootstrap.estimate(share, np.zeros(counts.size, np.int64), None, n_events=None)


def _longest_run(texts: _HashedTexts, library: _HashedTexts) -> Estimate:
    """Return the size of the largest window that is found, by halving: where one is, all smaller ones in it are."""
    known, bound = 0, int(np.diff(texts.ends, prepend=-1).max(initial=1))
    while bound - known > 1:
        size = (known + bound) // 2
        starts = texts.starts(size)
        is_found = _are_found(texts, starts, library, size).any() if starts.size else False
        known, bound = (size, bound) if is_found else (known, size)
    reason = "interval not estimable: a maximum"
    if not texts.ends.size:
        return Estimate.undefined("no generated text", n=0)
    return Estimate(float(known), None, None, texts.ends.size, None, "none", reason)


def _are_found(texts: _HashedTexts, starts: NDArray[np.int64], library: _HashedTexts, size: int) -> NDArray[np.bool_]:
    """Return whether each window stands in the library, shape (starts,)."""
    is_found = np.zeros(starts.size, dtype=np.bool_)
    if library.symbols.size < size:
        return is_found
    wanted = texts.hashes(size)[starts]
    places, hashes = _candidates(library.hashes(size), wanted)
    if not places.size:
        return is_found
    nearest = np.searchsorted(hashes, wanted).clip(max=hashes.size - 1)
    likely = np.flatnonzero(hashes[nearest] == wanted)
    offsets, block = np.arange(size), max(1, BLOCK_SYMBOLS // size)
    for start in range(0, likely.size, block):
        rows = likely[start : start + block]
        ours = texts.symbols[starts[rows, None] + offsets]
        theirs = library.symbols[places[nearest[rows], None] + offsets]
        is_found[rows] = (ours == theirs).all(axis=1)
    return is_found


def _candidates(hashes: NDArray[np.uint64], wanted: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
    """Return one position of each hash that may be wanted, and these hashes in ascending order."""
    shift = np.uint64(64 - FILTER_BITS)
    is_wanted = np.zeros(2**FILTER_BITS, dtype=np.bool_)
    is_wanted[wanted >> shift] = True
    places = np.flatnonzero(is_wanted[hashes >> shift])
    distinct, firsts = np.unique(hashes[places], return_index=True)
    return places[firsts], distinct
