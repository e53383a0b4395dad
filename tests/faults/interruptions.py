"""Every command and stage, asked to end by each signal: `python -m tests.faults.interruptions [NAME ...]`.

Real processes. Each must say one line and end with 130 or 143, leave no run RUNNING and no temporary file, and the same
command must then end with 0 and leave what one leaves that nobody disturbed: files, looks at the test split, runs.
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
from contextlib import closing, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.faults.outcomes import Outcome, outcome
from tests.project import environment, make_project

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

OF_FINISHED = {"compare", "track", "reproduce", "bundle"}
"""What needs runs that have ended."""
WAITS = "spool+"
"""How what is waited for begins where it is an event of a kind that no store has got."""
DELIVERS = "spool-"
"""What is waited for where it is that fewer events wait than at the start."""
SECONDS = 240
"""How long a command may take to get to where it is stopped."""
RUN = ("reprodx", "run", "trainer.portable=false")
CHECKPOINT = "/.cache/checkpoints/*/resume.ckpt"
LONG = ("trainer.max_epochs=1000", "trainer.early_stopping.patience=4000")
SHORT = ("trainer.max_epochs=20",)
SLOW = ("trainer.portable=false", "model=logistic", "trainer=smoke", "evaluation.num_resamples=20000")
TRAIN, EVALUATE = ("reprodx", "train"), ("reprodx", "evaluate")
TRIALS = "sweep.trials={a:[],b:['model=logistic']}"
FORGET = ("rm", "-rf", "mlflow.db", "mlflow.db-wal", "mlflow.db-shm", "mlruns", ".cache/tracking")
"""What is no longer there where DVC has restored results of another machine."""


@dataclass(frozen=True)
class Stop:
    """A command, and when it is asked to end."""

    name: str
    command: Sequence[str]
    after: str
    """What it has said by then; after a slash, what a path that is there by then looks like; `WAITS`, `DELIVERS`."""
    seconds: float = 0.0
    """How long after."""
    first: Sequence[Sequence[str]] = ()
    """What has run before."""
    is_group: bool = False
    """Whether all processes of the command are asked, as a terminal does."""
    locked_from: str = ""
    """What it has said when the database begins to take nothing until the command has ended; always where empty."""
    before: str = ""
    """The name of another that is stopped before."""


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
    Stop("sweep of trials", (*RUN, TRIALS, *LONG), "epoch 400 of"),
    Stop("stage train", ("reprodx", "train"), "epoch 400 of", first=(("reprodx", "prepare"),)),
    Stop("dvc repro, one", ("dvc", "repro"), "epoch 400 of"),
    Stop("dvc repro, all", ("dvc", "repro"), "epoch 400 of", is_group=True),
    Stop("compare", ("reprodx", "compare", "--experiment", "heart", "--resamples", "100000"), "/.", 4.0),
    Stop("train with overrides", (*TRAIN, "trainer.portable=false", "seed=3", *LONG), "epoch 400 of"),
    Stop(
        "evaluate with overrides", ("reprodx", "evaluate", *SLOW), "tracking: going on", 1.0, first=((*TRAIN, *SLOW),)
    ),
    Stop("end, files wait", (*RUN, "model=logistic", "trainer=smoke"), "spool+files", 0.5, locked_from="train: kept"),
    Stop("end, status waits", (*RUN, "model=logistic", "trainer=smoke"), "spool+status", locked_from="train: kept"),
    Stop("second trial", (*RUN, TRIALS, *SHORT), "trial 2 of 2", 1.0),
    Stop("trials' comparison", (*RUN, TRIALS, *SHORT), "trial 2 of 2", 0.5, first=((*RUN, TRIALS, *SHORT),)),
    Stop("track", ("reprodx", "track"), "/.", 2.0),
    Stop("track what is restored", ("reprodx", "track"), "tracking: run", 0.2, first=(FORGET,)),
    Stop("track --pending", ("reprodx", "track", "--pending"), "spool-", before="end, status waits"),
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
    num_waiting = len(waiting(folder))
    with log.open("wb") as file:
        process = subprocess.Popen(
            stop.command, cwd=folder, env=own_environment(folder), stdout=file, stderr=file, start_new_session=True
        )

    def wait_for(what: str) -> None:
        deadline = time.monotonic() + SECONDS
        while process.poll() is None and time.monotonic() < deadline and not _is_there(what, folder, log, num_waiting):
            time.sleep(0.005)

    if stop.locked_from:
        wait_for(stop.locked_from)
    with _locked(folder / "mlflow.db") if stop.locked_from else nullcontext():
        wait_for(stop.after)
        time.sleep(stop.seconds)
        asked = time.monotonic()
        if process.poll() is None:
            (os.killpg if stop.is_group else os.kill)(process.pid, number)
        exit_code = process.wait(SECONDS)
    return Ending(exit_code, log.read_text(encoding="utf-8", errors="replace"), time.monotonic() - asked)


def _is_there(what: str, folder: Path, log: Path, num_waiting: int) -> bool:
    if what.startswith("/"):
        return bool(list(folder.glob(what[1:]))) if what != "/." else True
    if what == DELIVERS:
        return len(waiting(folder)) < num_waiting
    if what.startswith(WAITS):
        return what.removeprefix(WAITS) in waiting(folder)
    return what in log.read_text(encoding="utf-8", errors="replace")


@contextmanager
def _locked(database: Path) -> Iterator[None]:
    """Let nobody write a database."""
    with closing(sqlite3.connect(database, timeout=SECONDS, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield


def waiting(folder: Path) -> list[str]:
    """Return the kinds of the events of a project that no store has got."""
    kinds: list[str] = []
    for path in (folder / ".cache/tracking/spool").glob("*.db"):
        # One that is being made or removed is read the next time.
        with suppress(sqlite3.Error), closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as spool:
            kinds += [kind for (kind,) in spool.execute("select kind from events")]
    return kinds


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
        base.edit("conf/trainer/cpu.yaml", "max_epochs: 3", "max_epochs: 1000")
        base.edit("conf/trainer/cpu.yaml", "patience: ", "patience: 4000  # ")
        for stop in stops:
            folder = Path(name) / "now" / "project"
            origin = (finished if stop.command[1] in OF_FINISHED and not stop.before else base).folder
            _begin(stop, folder, origin)
            subprocess.run(stop.command, cwd=folder, env=own_environment(folder), check=True, capture_output=True)
            whole = outcome(folder)
            for number in (signal.SIGINT, signal.SIGTERM):
                _begin(stop, folder, origin)
                sys.stdout.write(_row(stop, folder, number, whole))
                sys.stdout.flush()


def _begin(stop: Stop, folder: Path, origin: Path) -> None:
    """Make a project anew in which a command can be stopped."""
    shutil.rmtree(folder.parent, ignore_errors=True)
    shutil.copytree(origin, folder, symlinks=True)
    for command in stop.first:
        subprocess.run(command, cwd=folder, env=own_environment(folder), check=True, capture_output=True)
    for other in STOPS:
        if other.name == stop.before:
            stopped(other, folder, signal.SIGTERM)


def _row(stop: Stop, folder: Path, number: signal.Signals, whole: Outcome) -> str:
    ending = stopped(stop, folder, number)
    after, num_waiting = statuses(folder), len(waiting(folder))
    lines = [line for line in ending.said.splitlines() if line.startswith(("reprodx: ", "ERROR"))]
    left = [path.name for path in folder.rglob(".*-[0-9]*.*") if ".git" not in path.parts]
    again = subprocess.run(stop.command, cwd=folder, env=own_environment(folder), capture_output=True, text=True)
    faults = left + ["traceback"] * ("Traceback" in ending.said + again.stderr) + ["no line"] * (not lines)
    faults += [f"ended with {ending.exit_code}"] * (ending.exit_code != 128 + number)
    faults += [f"again: {again.returncode}"] * (again.returncode != 0)
    faults += [difference] if (difference := outcome(folder).difference(whole)) else []
    row = f"{stop.name:24} {number.name:8} {ending.exit_code:4} {ending.seconds:5.1f} s {after}, {num_waiting} wait, "
    row += f"{lines}; again {statuses(folder)}: {faults or 'as undisturbed'}\n"
    return row + f"{ending.said[-1500:]}\n---\n{again.stderr[-1500:]}\n" * bool(faults)


if __name__ == "__main__":
    main()
