"""`make faults`: every write point cut, random kills, full and closed disks; then a table of what was survived.

Finished attempts are kept by the hash of the code, so that the same command goes on, and more kills add to those made.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from reprodx.errors import Interrupted
from reprodx.hashing import sha256_of_path
from reprodx.interruption import heeded
from tests.faults.attempts import Attempts
from tests.faults.bench import Bench
from tests.faults.closed_disks import FOLDERS, lost_by_closed_folder, lost_by_full_disk
from tests.faults.random_kills import kills, lost_by_kill
from tests.faults.write_points import CUT, listed, lost_at, never_synced, recorded, states_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Attempt = tuple[str, str, Callable[[], str]]

SOURCE = Path(__file__).parents[2] / "src"
DISKS = 10
"""Full ones for each scenario that writes."""
ON_DISKS = ("prepare", "train", "run", "track")


def main() -> int:
    """Make the attempts that are missing, print the table, and return 1 where anything was lost."""
    arguments = _arguments()
    try:
        with heeded():
            return _made(arguments)
    except Interrupted as asked:
        _say(str(asked))
        return asked.exit_code


def _made(arguments: argparse.Namespace) -> int:
    home = arguments.home / sha256_of_path(SOURCE)[:12]
    home.mkdir(parents=True, exist_ok=True)
    bench, attempts = Bench(home.resolve()), Attempts(home / "attempts.json")
    planned = list(_points(bench)) if "points" in arguments.only else []
    planned += _disks(bench) if "disks" in arguments.only else []
    planned += _kills(bench, arguments.kills) if "kills" in arguments.only else []
    deadline = time.monotonic() + 60 * arguments.minutes
    for kind, name, attempt in planned:
        if time.monotonic() < deadline:
            attempts.make(kind, name, attempt)
    _say("", *attempts.table(Counter(kind for kind, _, _ in planned)), "", *attempts.lost())
    return bool(attempts.lost())


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--minutes", type=float, default=float("inf"), help="after which no attempt begins")
    parser.add_argument("--home", type=Path, default=Path(".cache/faults"))
    parser.add_argument("--only", nargs="+", choices=(KINDS := ("points", "disks", "kills")), default=KINDS)
    return parser.parse_args()


def _points(bench: Bench) -> Iterator[Attempt]:
    for name in CUT:
        recording = recorded(bench, name)
        states = list(states_of(recording))
        title = f"Write points of {name}: {len(recording.steps)} operations, {len(states)} states"
        _say(title, *listed(recording, states))
        yield (
            f"{name}: synced before named",
            "every file",
            lambda recording=recording: ", ".join(never_synced(recording)),
        )
        # Mixed, so that those that time allows are of everywhere.
        for state in Random(0).sample(states, len(states)):
            yield (
                f"{name}: {state.kind}",
                f"{state.number} {state.name}",
                lambda name=name, recording=recording, state=state: lost_at(bench, name, recording, state),
            )


def _disks(bench: Bench) -> Iterator[Attempt]:
    for name in ON_DISKS:
        for folder in FOLDERS:
            yield (
                f"{name}: read-only",
                folder,
                lambda name=name, folder=folder: lost_by_closed_folder(bench, name, folder),
            )
        for seed in range(DISKS):
            yield f"{name}: full disk", str(seed), lambda name=name, seed=seed: lost_by_full_disk(bench, name, seed)


def _kills(bench: Bench, number: int) -> Iterator[Attempt]:
    for name, seed in kills(number):
        yield f"{name}: kill", str(seed), lambda name=name, seed=seed: lost_by_kill(bench, name, seed)


def _say(*lines: str) -> None:
    sys.stdout.write("\n".join([*lines, ""]))
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
