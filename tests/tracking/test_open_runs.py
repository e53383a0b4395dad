"""What dead processes left open is ended, and no signal falls between the opening of a run and its block."""

from __future__ import annotations

import json
import os
import signal
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from reprodx import interruption
from reprodx.errors import Interrupted
from reprodx.tracking.open_runs import end_dead_runs, kept_open, noted
from reprodx.tracking.processes import own
from reprodx.tracking.run import Run
from reprodx.tracking.runs import start_run

if TYPE_CHECKING:
    from pathlib import Path

    from reprodx.tracking.description import RunDescription
    from reprodx.tracking.store import Store

DEAD = f"{own().rpartition(':')[0]}:1"


@pytest.fixture
def own_home(store: Store, tmp_path: Path) -> Store:
    """Return the store, with notes of this test alone."""
    return replace(store, home=tmp_path)


def status(store: Store, run: Run) -> str:
    return str(store.client.get_run(run.run_id).info.status)


def note_process(store: Store, run: Run, process: str) -> None:
    path = store.home / ".cache/tracking/open" / str(run.run_id)
    path.write_text(json.dumps(json.loads(path.read_text()) | {"process": process}))


def test_a_run_is_noted_while_it_is_open(own_home: Store, description: RunDescription) -> None:
    with kept_open(lambda: start_run(own_home, description)) as run:
        (found,) = noted(own_home.home)
        assert (found.run_id, found.name, found.process) == (run.run_id, "mlp", own())
        assert own_home.client.get_run(run.run_id).data.tags["reprodx.process"] == own()
    assert not list(noted(own_home.home))
    assert status(own_home, run) == "FINISHED"


@pytest.mark.parametrize("moment", ["opening", "block"])
def test_an_interrupted_run_is_killed_whenever_the_signal_came(
    own_home: Store, description: RunDescription, moment: str
) -> None:
    opened, reached = [], []

    def open_run() -> Run:
        opened.append(start_run(own_home, description))
        if moment == "opening":
            os.kill(os.getpid(), signal.SIGTERM)
        return opened[0]

    def work() -> None:
        with kept_open(open_run):
            reached.append(moment)
            os.kill(os.getpid(), signal.SIGTERM)

    with pytest.raises(Interrupted), interruption.heeded():
        work()
    assert reached == ([] if moment == "opening" else ["block"])
    assert status(own_home, opened[0]) == "KILLED"
    assert not list(noted(own_home.home))


@pytest.mark.parametrize(
    ("process", "tags", "found"),
    [
        (DEAD, {}, "KILLED"),
        (DEAD, {"reprodx.complete": "true"}, "FINISHED"),
        (own(), {}, "RUNNING"),
        ("------" + own()[6:], {}, "RUNNING"),
    ],
    ids=["dead", "dead but complete", "own", "elsewhere"],
)
def test_runs_of_dead_processes_are_ended(
    own_home: Store, description: RunDescription, process: str, tags: dict[str, str], found: str
) -> None:
    run = start_run(own_home, description)
    for name, value in tags.items():
        own_home.client.set_tag(run.run_id, name, value)
    note_process(own_home, run, process)
    end_dead_runs(own_home)
    assert status(own_home, run) == found
    assert bool(list(noted(own_home.home))) == (found == "RUNNING")


def test_a_run_that_ended_or_is_gone_is_left_alone(own_home: Store, description: RunDescription) -> None:
    ended, gone = start_run(own_home, description), start_run(own_home, description)
    ended.finish("FAILED")
    path = own_home.home / ".cache/tracking/open" / str(gone.run_id)
    unknown = path.with_name("0" * 32)
    unknown.write_text(json.dumps(json.loads(path.read_text()) | {"run_id": unknown.name, "process": DEAD}))
    path.with_name("f" * 32).write_text("{")
    note_process(own_home, ended, DEAD)
    note_process(own_home, gone, own())
    end_dead_runs(own_home)
    assert status(own_home, ended) == "FAILED"
    assert [run.run_id for run in noted(own_home.home)] == [gone.run_id]


def test_a_training_that_was_killed_while_its_end_was_delivered_was_killed(
    own_home: Store, description: RunDescription
) -> None:
    trained, judged = start_run(own_home, description), start_run(own_home, description)
    judged.set_tags({"reprodx.complete": "true"})
    for run in (trained, judged):
        run.finish()
        note_process(own_home, run, DEAD)
    end_dead_runs(own_home)
    assert [status(own_home, run) for run in (trained, judged)] == ["KILLED", "FINISHED"]


def test_without_a_store_nothing_is_noted(tmp_path: Path) -> None:
    with kept_open(Run) as run:
        assert run.run_id is None
    assert not list(noted(tmp_path))
