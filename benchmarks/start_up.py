"""How long `reprodx --help` takes beyond the start of bare Python."""

from __future__ import annotations

import sys

from benchmarks.comparison import SECONDS_MORE, Comparison
from benchmarks.projects import ROOT, run, time_command

TARGET = 0.3
OURS, BARE = ["reprodx", "--help"], [sys.executable, "-c", "pass"]


def measure() -> list[Comparison]:
    """Time both, after a first start that fills the system's file cache."""
    run(OURS, ROOT)
    what = "`reprodx --help`; bare Python"
    timed = (lambda: time_command(OURS, ROOT)), (lambda: time_command(BARE, ROOT))
    return [Comparison.in_turn(what, *timed, SECONDS_MORE, TARGET)]


if __name__ == "__main__":
    print(measure()[0].details())
