"""The first `dvc repro` on heart disease in a fresh copy, beside one bare script that does the same study.

Tracking is on and every cache of the project is empty: the tracking database is made on the way. The seconds of each
stage last from DVC's announcement of it to that of the next.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.comparison import NUM_PAIRS, TIMES_AS_LONG, Comparison, Timing, medians
from benchmarks.projects import BENCHMARKS, environment, fresh_copy, now, time_command

TARGET = 5
TABLE = "data/raw/heart_disease/heart_disease_uci.csv"
STAGE = re.compile(r"Running stage '(\w+)'")
BEFORE = "dvc, before the first"


def measure() -> list[Comparison]:
    """Time both in turn; the bare script runs as many epochs as ours did."""
    ours, bare, parts = [], [], []
    for _ in range(NUM_PAIRS):
        with tempfile.TemporaryDirectory() as name:
            folder = fresh_copy(Path(name))
            total, stages = repro(folder)
            num_epochs = json.loads((folder / "models/model.json").read_text(encoding="utf-8"))["fit"]["num_epochs"]
            script = [sys.executable, str(BENCHMARKS / "bare_script.py"), TABLE, str(num_epochs)]
            bare.append(time_command(script, folder))
        ours.append(total)
        parts.append(stages)
    notes = {**medians(parts), "epochs": str(num_epochs)}
    return [Comparison("first `dvc repro`; one bare script", ours, bare, TIMES_AS_LONG, TARGET, notes)]


def repro(folder: Path) -> tuple[Timing, dict[str, Timing]]:
    """Run `dvc repro` and return what it took, and what each stage took in their order."""
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    marks, lines = {BEFORE: now()}, []
    with subprocess.Popen(["dvc", "repro"], cwd=folder, env=environment(folder), **streams) as process:
        for line in process.stdout:
            lines.append(line)
            if match := STAGE.search(line):
                marks[match[1]] = now()
    end = now()
    if process.returncode:
        sys.exit(f"dvc repro ended with {process.returncode}:\n{''.join(lines)}")
    ends = [*list(marks.values())[1:], end]
    return end - marks[BEFORE], {name: after - start for (name, start), after in zip(marks.items(), ends, strict=True)}


if __name__ == "__main__":
    print(measure()[0].details())
