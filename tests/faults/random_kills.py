"""Commands killed at random times, then repeated."""

from __future__ import annotations

import signal
from random import Random
from typing import TYPE_CHECKING

from tests.faults.scenarios import SCENARIOS

if TYPE_CHECKING:
    from tests.faults.bench import Bench
    from tests.faults.forks import Ended

SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
EXIT_CODES = {
    signal.SIGKILL: {-signal.SIGKILL},
    signal.SIGTERM: {143, -signal.SIGTERM},
    signal.SIGINT: {130, -signal.SIGINT},
}
"""A process that has not come to its handlers yet is ended by the signal itself."""
MOST_KILLS = 2
"""Of one command before it may end."""
TOO_LATE = 0.7
"""By what the time is shortened after which a signal came too late."""


def kills(count: int) -> list[tuple[str, int]]:
    """Return so many attempts, as scenario and seed; those of a smaller count come first in a larger one."""
    names = [name for name, scenario in SCENARIOS.items() for _ in range(scenario.share)]
    # Mixed, so that those that time allows are of all kinds.
    order = Random(0)
    mixed = [name for _ in range(count // len(names) + 1) for name in order.sample(names, len(names))]
    return list(zip(mixed, range(count), strict=False))


def lost_by_kill(bench: Bench, name: str, seed: int) -> str:
    """Kill the command of a scenario, once or twice, and repeat it.

    Args:
        bench: Where.
        name: Of the scenario.
        seed: Decides when, and by which signals.

    Returns:
        What was lost, empty where nothing was.
    """
    random = Random(f"{name} {seed}")
    seconds = bench.undisturbed(name).seconds
    bench.reset(SCENARIOS[name])
    ended = None
    while ended is None:
        ended = _killed(bench, name, random.choice(SIGNALS), random.uniform(0, seconds))
        seconds *= TOO_LATE
    if not ended and random.randrange(MOST_KILLS):
        # May come too late: then it is done, and is done again.
        ended = _killed(bench, name, random.choice(SIGNALS), random.uniform(0, seconds))
    return ended or bench.lost(name)


def _killed(bench: Bench, name: str, number: signal.Signals, after: float) -> str | None:
    """Begin a command and kill it; return how it misbehaved, None where it had ended and lies as before."""
    begun = bench.begin(SCENARIOS[name])
    was_killed = begun.kill(after, number)
    ended = begun.ended()
    if not was_killed or ended.exit_code == bench.undisturbed(name).exit_code:
        bench.reset(SCENARIOS[name])
        return None
    return _misbehaved(ended, number, is_own=not SCENARIOS[name].is_program)


def _misbehaved(ended: Ended, number: signal.Signals, *, is_own: bool) -> str:
    if is_own and ended.exit_code not in EXIT_CODES[number]:
        return f"{number.name} ended it with {ended.exit_code}: {ended.said[-300:]}"
    return f"{number.name} left a traceback" if "Traceback" in ended.said and ended.exit_code > 0 else ""
