"""A command cut at every operation on files, with what a power failure may leave, then repeated."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from tests.faults.bench import CHANGING
from tests.faults.crash_states import SHARED, TEMPORARY, CrashState, crash_states, unsynced_names
from tests.faults.recording import Recording, place
from tests.faults.scenarios import SCENARIOS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tests.faults.bench import Bench

CUT = ("first run", "track")
"""The scenarios whose operations are all cut: between them they write everything."""


def recorded(bench: Bench, name: str) -> Recording:
    """Return what the command of a scenario does to files, recorded once."""
    folder = bench.home / "recordings" / name
    if not folder.is_dir():
        bench.reset(SCENARIOS[name])
        ended = bench.forks.start(SCENARIOS[name].command, record=(folder, CHANGING)).ended()
        assert ended.exit_code == 0, f"{name}: {ended}"
    return Recording.read(folder)


def states_of(recording: Recording) -> Iterator[CrashState]:
    """Yield the states of a command that differ for what reads them: temporary files are there, or not."""
    seen = set()
    for state in crash_states(recording):
        lasting = frozenset(
            (name, digest)
            for name, digest in state.tree.items()
            if not (TEMPORARY.search(name) or name.endswith(SHARED))
        )
        key = (lasting, any(map(TEMPORARY.search, state.tree)))
        if key not in seen:
            seen.add(key)
            yield state


def lost_at(bench: Bench, name: str, recording: Recording, state: CrashState) -> str:
    """Let the disk hold a state and repeat the command; return what was lost, empty where nothing was."""
    bench.undisturbed(name)
    bench.reset(SCENARIOS[name])
    place(bench.project, state.tree, recording.contents, CHANGING)
    return bench.lost(name)


def listed(recording: Recording, states: Iterable[CrashState]) -> Iterator[str]:
    """Yield a line for each write point, an operation on a name, with how often it is done and cut."""
    done = Counter(map(str, recording.steps))
    cut = Counter(str(recording.steps[state.number]) for state in states)
    for point, times in done.items():
        yield f"{times:4d} times, {cut[point]:4d} states: {point}"


def never_synced(recording: Recording) -> list[str]:
    """Return the lasting names of files that a power failure may empty."""
    return sorted(unsynced_names(recording))
