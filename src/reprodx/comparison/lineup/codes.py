"""Which code made the runs that are compared: of one recipe one code, or a difference may be the code's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reprodx.comparison.lineup.assumptions import listed
from reprodx.errors import IncomparableError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from reprodx.comparison.source import Source

NUM_DIGITS = 12
"""Of a hash that are shown."""


def by_code(runs: Sequence[Source], *, across_code: bool) -> dict[str | None, list[Source]]:
    """Return the runs of one recipe by the code that made them.

    Args:
        runs: A file, and a run from before code was hashed, say nothing of theirs: it is None.
        across_code: Whether a person asked for runs that different code made.

    Returns:
        Runs in their order.

    Raises:
        IncomparableError: If several codes made them, and nobody asked for that: their mean would be of no one model.
    """
    found: dict[str | None, list[Source]] = {}
    for run in runs:
        found.setdefault(_code(run), []).append(run)
    known = [code for code in found if code]
    if len(known) > 1 and not across_code:
        one, two = (f"{found[code][0].label} ({_short(code)})" for code in known[:2])
        raise IncomparableError(
            f"{one} and {two} are of one recipe and of different code: run them again with one code, or add "
            "--across-code, which compares them all the same and says so"
        )
    return found


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
    silent = [source.label for _, sources in named for source in sources if source.run and not _code(source)]
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
    silent = [source.label for _, sources in named for source in sources if not _code(source)]
    known = {code for found in codes.values() for code in found}
    if not known:
        return "not said by any run or file"
    if len(known) == 1:
        found = f"equal hashes {_short(*known)}"
    else:
        found = (
            f"differs: {'; '.join(f'{name} {listed(list(map(_short, one)))}' for name, one in codes.items() if one)}"
        )
    return f"{found}; not said by {listed(silent)}" if silent else found


def _codes(sources: Sequence[Source]) -> list[str]:
    return sorted({code for source in sources if (code := _code(source))})


def _code(source: Source) -> str | None:
    return source.run.code_hash if source.run else None


def _short(code: str) -> str:
    return code[:NUM_DIGITS]
