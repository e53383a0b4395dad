"""`dvc repro` where nothing has changed: this project beside a DVC project of four empty stages."""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks.comparison import TIMES_AS_LONG, Comparison
from benchmarks.projects import DVC_SETTINGS, commit_all, copy_parts, fresh_copy, run, time_command

TARGET = 1.3
REPRO = ["dvc", "repro"]
EMPTY_STAGES = """\
stages:
  one: {cmd: touch one, outs: [one]}
  two: {cmd: touch two, deps: [one], outs: [two]}
  three: {cmd: touch three, deps: [two], outs: [three]}
  four: {cmd: touch four, deps: [three], outs: [four]}
"""
"""A stage without an out would run each time."""


def measure() -> list[Comparison]:
    """Run both projects once, then time `dvc repro` in each."""
    with tempfile.TemporaryDirectory() as name:
        ours, bare = fresh_copy(Path(name) / "ours"), four_empty_stages(Path(name) / "bare")
        for folder in (ours, bare):
            run(REPRO, folder)
            run(REPRO, folder)
        what = "no-op `dvc repro`; four empty stages"
        timed = (lambda: time_command(REPRO, ours)), (lambda: time_command(REPRO, bare))
        return [Comparison.in_turn(what, *timed, TIMES_AS_LONG, TARGET)]


def four_empty_stages(folder: Path) -> Path:
    """Make a committed DVC project whose stages do nothing."""
    copy_parts(DVC_SETTINGS, folder)
    (folder / "dvc.yaml").write_text(EMPTY_STAGES, encoding="utf-8")
    commit_all(folder)
    return folder


if __name__ == "__main__":
    print(measure()[0].details())
