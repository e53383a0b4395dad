"""Every command and stage, asked to end by each signal: `python -m tests.faults.interruptions`.

Real processes. Each must say one line and end with 130 or 143, leave no run RUNNING and no temporary file, and the same
command must then end with 0.
"""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.project import environment, make_project

if TYPE_CHECKING:
    from collections.abc import Sequence

OF_FINISHED = {"compare", "track", "reproduce", "bundle"}
"""What needs runs that have ended."""
SECONDS = 240
"""How long a command may take to get to where it is stopped."""
RUN = ("reprodx", "run", "trainer.portable=false")
CHECKPOINT = "/.cache/checkpoints/*/resume.ckpt"
LONG = ("trainer.max_epochs=4000", "trainer.early_stopping.patience=4000")


@dataclass(frozen=True)
class Stop:
    """A command, and when it is asked to end."""

    name: str
    command: Sequence[str]
    after: str
    """What it has said by then; or, after a slash, what a path that is there by then looks like."""
    seconds: float = 0.0
    """How long after."""
    first: Sequence[Sequence[str]] = ()
    """What has run before."""
    is_group: bool = False
    """Whether all processes of the command are asked, as a terminal does."""
    again: Sequence[str] = ()
    """What goes on; the command itself where empty."""


STOPS = (
    Stop("start", (*RUN, "model=logistic"), "/.", 0.4),
    Stop("prepare", ("reprodx", "prepare", "trainer.portable=false", "data=synthetic_icu"), "/.cache/prepared", 1.0),
    Stop("create run", (*RUN, "model=logistic"), "/mlflow.db", 0.2),
    Stop("train", (*RUN, *LONG), "epoch 400 of"),
    Stop("train, throttled", (*RUN, *LONG), "epoch 1 of", 0.1),
    Stop("gradient boosting", (*RUN, "model=gradient_boosting", "model.max_iterations=3000"), "fitting", 0.3),
    Stop("terms", (*RUN, "data=icd10", "model=logistic"), "fitting", 0.5),
    Stop("generator", (*RUN, "experiment=image_gan", "trainer.max_epochs=30"), "epoch 1 of"),
    Stop("generator's evaluation", (*RUN, "experiment=image_gan", "trainer.max_epochs=1"), "train: kept", 0.5),
    Stop("text generator", (*RUN, "experiment=text_rnn_generation", "trainer.max_epochs=30"), "epoch 1 of"),
    Stop("evaluate", (*RUN, "model=logistic", "trainer=smoke", "evaluation.num_resamples=20000"), "train: kept", 0.5),
    Stop("end of a run", (*RUN, "model=logistic", "trainer=smoke"), "/outputs/*/results/report.html", 0.3),
    Stop("sweep", (*RUN, "-m", "seed=0,1", *LONG), "epoch 400 of"),
    Stop("sweep, joblib", (*RUN, "-m", "seed=0,1", "hydra/launcher=joblib", *LONG), CHECKPOINT),
    Stop("sweep, joblib, all", (*RUN, "-m", "seed=0,1", "hydra/launcher=joblib", *LONG), CHECKPOINT, is_group=True),
    Stop("sweep of trials", (*RUN, "sweep.trials={a:[],b:['seed=1']}", *LONG), "epoch 400 of"),
    Stop("stage train", ("reprodx", "train"), "epoch 400 of", first=(("reprodx", "prepare"),)),
    Stop("dvc repro, one", ("dvc", "repro"), "epoch 400 of"),
    Stop("dvc repro, all", ("dvc", "repro"), "epoch 400 of", is_group=True),
    Stop("compare", ("reprodx", "compare", "--experiment", "heart", "--resamples", "100000"), "/.", 4.0),
    Stop("track", ("reprodx", "track"), "/.", 2.0),
    Stop("reproduce", ("reprodx", "reproduce", "mlp"), "/.cache/reproductions/*/code", 3.0),
    Stop("bundle", ("reprodx", "bundle", "mlp", "x.zip"), "/.", 2.0),
)


def own_environment(folder: Path) -> dict[str, str]:
    """Return a user's environment in which a project's own source runs."""
    return {**environment(), "PYTHONPATH": str(folder / "src")}


@dataclass(frozen=True)
class Ending:
    """How a command ended."""

    exit_code: int
    said: str
    seconds: float
    """From the signal to the end."""


def stopped(stop: Stop, folder: Path, number: signal.Signals) -> Ending:
    """Start a command in a folder, ask it to end when it is where it should be, and return how it ended."""
    log = folder.parent / "said.txt"
    with log.open("wb") as file:
        process = subprocess.Popen(
            stop.command, cwd=folder, env=own_environment(folder), stdout=file, stderr=file, start_new_session=True
        )
    deadline = time.monotonic() + SECONDS
    while not _is_there(stop.after, folder, log):
        if process.poll() is not None or time.monotonic() > deadline:
            break
        time.sleep(0.005)
    time.sleep(stop.seconds)
    asked = time.monotonic()
    if process.poll() is None:
        (os.killpg if stop.is_group else os.kill)(process.pid, number)
    exit_code = process.wait(SECONDS)
    return Ending(exit_code, log.read_text(encoding="utf-8", errors="replace"), time.monotonic() - asked)


def _is_there(what: str, folder: Path, log: Path) -> bool:
    if what.startswith("/"):
        return bool(list(folder.glob(what[1:]))) if what != "/." else True
    return what in log.read_text(encoding="utf-8", errors="replace")


def statuses(folder: Path) -> list[str]:
    """Return the status of every run of a project's database, parents first."""
    if not (folder / "mlflow.db").is_file():
        return []
    with closing(sqlite3.connect(folder / "mlflow.db")) as database:
        try:
            return [status for (status,) in database.execute("select status from runs order by start_time")]
        except sqlite3.OperationalError:
            return ["no table"]


def main() -> None:
    """Stop every command with every signal and print the table."""
    wanted = sys.argv[1:]
    # What a shell starts in the background ignores it, and so would all that is started from here.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with tempfile.TemporaryDirectory() as name:
        base = make_project(Path(name) / "base" / "project")
        finished = make_project(Path(name) / "finished" / "project")
        for project in (base, finished):
            project("reprodx", "compose")
        stops = [stop for stop in STOPS if not wanted or stop.name in wanted]
        if any(stop.command[1] in OF_FINISHED for stop in stops):
            finished("dvc", "repro")
            finished("reprodx", "run", "model=logistic", "trainer=smoke")
        base.edit("conf/trainer/cpu.yaml", "max_epochs: 3", "max_epochs: 4000")
        base.edit("conf/trainer/cpu.yaml", "patience: ", "patience: 4000  # ")
        for stop in stops:
            for number in (signal.SIGINT, signal.SIGTERM):
                folder = Path(name) / "now" / "project"
                shutil.rmtree(folder.parent, ignore_errors=True)
                of = finished if stop.command[1] in OF_FINISHED else base
                shutil.copytree(of.folder, folder, symlinks=True)
                for command in stop.first:
                    subprocess.run(command, cwd=folder, env=own_environment(folder), check=True, capture_output=True)
                ending = stopped(stop, folder, number)
                lines = [line for line in ending.said.splitlines() if line.startswith(("reprodx: ", "ERROR"))]
                left = [path.name for path in folder.rglob(".*-[0-9]*.*") if ".git" not in path.parts]
                faults = left + ["traceback"] * ("Traceback" in ending.said) + ["no line"] * (not lines)
                row = f"{stop.name:24} {number.name:8} {ending.exit_code:4} {ending.seconds:5.1f} s"
                sys.stdout.write(f"{row} {statuses(folder)} {lines} {faults or ''}\n")
                sys.stdout.write(f"{ending.said[-1500:]}\n" * bool(faults))
                sys.stdout.flush()


if __name__ == "__main__":
    main()
