"""Which code made the runs that are compared: of one recipe one code, or a difference may be the code's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reprodx.comparison.lineup.assumptions import listed
from reprodx.comparison.lineup.recipe_groups import NUM_DIGITS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from reprodx.comparison.source import Source


def code_notes(named: Sequence[tuple[str, Sequence[Source]]]) -> Iterator[str]:
    """Yield where different code made what is compared, and where that is not known, in sentences.

    Args:
        named: The name and the sources of each contender.

    Yields:
        Nothing where one code made all runs.
    """
    by_name = [(name, _codes(sources)) for name, sources in named]
    for name, codes in by_name:
        if len(codes) > 1:
            hashes = listed([_short(code) for code in codes])
            yield f"{len(codes)} different codes made the runs of {name} ({hashes}), which --across-code puts together."
    known = [(name, codes) for name, codes in by_name if codes]
    if len({frozenset(codes) for _, codes in known}) > 1:
        yield (
            f"Different code made {listed([name for name, _ in known])}: what differs between them may be the code's."
        )
    silent = [source.label for _, sources in named for source in sources if source.run and not source.code_hash]
    if silent and known:
        yield f"Which code made {listed(silent)} was not recorded."


def code_check(named: Sequence[tuple[str, Sequence[Source]]]) -> str:
    """Return what is known of the code that made each contender, in words.

    Args:
        named: The name and the sources of each.

    Returns:
        One code, several with whose they are, or that none is known.
    """
    codes = {name: _codes(sources) for name, sources in named}
    silent = [source.label for _, sources in named for source in sources if not source.code_hash]
    known = {code for found in codes.values() for code in found}
    if not known:
        return "not said by any run or file"
    if len(known) == 1:
        words = f"equal hashes {_short(*known)}"
    else:
        each = (f"{name} {listed([_short(code) for code in found])}" for name, found in codes.items() if found)
        words = f"differs: {'; '.join(each)}"
    return f"{words}; not said by {listed(silent)}" if silent else words


def _codes(sources: Sequence[Source]) -> list[str]:
    return sorted({code for source in sources if (code := source.code_hash)})


def _short(code: str) -> str:
    return code[:NUM_DIGITS]
