"""Trials of a study: as many as were wanted, drawn by seed and number, those of dead processes asked again."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from optuna.trial import TrialState

from reprodx.errors import ConfigError
from reprodx.sweep.search import study as module
from reprodx.sweep.search.settings import SearchSettings, read_settings
from reprodx.sweep.search.space import Space, read_space
from reprodx.sweep.search.study import ask, best_of, bury_dead, open_study, queue_grid
from tests.project import ROOT
from tests.sweep.search.test_settings import settings_node

if TYPE_CHECKING:
    from pathlib import Path

    from optuna.study import Study


@pytest.fixture(autouse=True)
def _at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(module, "home", lambda: tmp_path)


@pytest.fixture
def space() -> Space:
    return read_space(["model.dropout=interval(0,0.5)"], None)[0]


def settings(**changes: Any) -> SearchSettings:
    return read_settings(settings_node(**{"n_trials": 6, "sampler": "random", **changes}))


def run(study: Study, of: SearchSettings, space: Space, *, most: int = 100) -> list[str]:
    drawn = []
    while len(drawn) < most and (trial := ask(study, of)) is not None:
        drawn += space.draw(trial)
        study.tell(trial, trial.params["model.dropout"])
    return drawn


@pytest.mark.parametrize("sampler", ["random", "tpe", "cmaes", "gp"])
def test_the_same_seed_draws_the_same_also_in_a_second_process(sampler: str, space: Space) -> None:
    of = settings(sampler=sampler)
    whole = run(open_study("whole", of, 10), of, space)
    first = run(open_study("halves", of, 10), of, space, most=3)
    assert len(whole) == 6
    assert len(set(whole)) == 6
    assert first + run(open_study("halves", of, 10), of, space) == whole
    assert not set(run(open_study("other", settings(sampler=sampler, seed=1), 10), of, space)) & set(whole)


def test_more_trials_go_on_with_the_study(space: Space) -> None:
    assert len(run(open_study("more", settings(), 10), settings(), space)) == 6
    assert not run(open_study("more", settings(), 10), settings(), space)
    assert len(run(open_study("more", settings(), 10), settings(n_trials=8), space)) == 2


def test_what_a_dead_process_was_at_is_asked_again_and_nothing_else_changes(
    space: Space, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = run(open_study("whole", settings(), 10), settings(), space)
    study = open_study("killed", settings(), 10)
    drawn = run(study, settings(), space, most=2)
    gone = subprocess.run(
        [sys.executable, "-c", "from reprodx.tracking.processes import own; print(own())"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    with monkeypatch.context() as patch:
        patch.setattr(module, "own", lambda: gone)
        dead = ask(study, settings())
        assert dead is not None
        lost = space.draw(dead)
    again = run(open_study("killed", settings(), 10), settings(), space)
    assert again[: len(lost)] == lost
    assert drawn + again == whole
    states = [trial.state for trial in study.get_trials()]
    assert states.count(TrialState.COMPLETE) == 6
    assert states.count(TrialState.FAIL) == 1


def test_a_process_that_runs_and_one_of_another_machine_are_left_alone(
    space: Space, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = open_study("alive", settings(), 10)
    mine = ask(study, settings())
    assert mine is not None
    monkeypatch.setattr(module, "own", lambda: "0123456789ab:7:7")
    assert ask(study, settings()) is not None
    assert bury_dead(study, dead_after=600) == 0
    assert bury_dead(study, dead_after=0) == 1
    assert study.get_trials()[mine.number].state == TrialState.RUNNING


def test_a_grid_is_every_combination_once() -> None:
    space, _ = read_space(["model.dropout=0.1,0.2", "trainer.batch_size=8,16,32"], None)
    of = settings(sampler="grid", n_trials=1)
    study = open_study("grid", of, 10)
    queue_grid(study, space)
    queue_grid(open_study("grid", of, 10), space)
    drawn = set()
    while (trial := ask(study, of)) is not None:
        drawn.add(tuple(space.draw(trial)))
        study.tell(trial, 0.5)
    assert len(drawn) == len(study.get_trials()) == 6


def test_the_first_of_equally_good_ones_is_the_best_and_what_was_ended_early_never(space: Space) -> None:
    study = open_study("best", settings(), 10)
    assert best_of(study) is None
    for value in (0.7, None, 0.9, 0.9):
        trial = ask(study, settings())
        assert trial is not None
        space.draw(trial)
        trial.report(0.99, 5)
        study.tell(trial, value, state=TrialState.PRUNED if value is None else None)
    best = best_of(study)
    assert best is not None
    assert best.number == 2


def test_a_storage_that_is_away_is_told_in_one_line_without_its_password() -> None:
    address = "postgresql+psycopg://ann:secret@127.0.0.1:9/studies"
    with pytest.raises(ConfigError, match=r"hydra\.sweeper\.storage") as told:
        open_study("away", settings(storage=address), 10)
    assert "secret" not in str(told.value)
    assert "\n" not in str(told.value)
