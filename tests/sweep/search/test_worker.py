"""A worker runs what it draws, tells what came of it, and ends what promises little."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from optuna.trial import TrialState

from reprodx.artifacts.files import write_json
from reprodx.artifacts.locations import own_locations
from reprodx.config.identity import config_hash
from reprodx.errors import ConfigError, DataError, Pruned
from reprodx.schemas import Extent
from reprodx.sweep.search import worker
from reprodx.sweep.search.settings import read_settings
from reprodx.sweep.search.space import read_space
from reprodx.sweep.search.worker import Search, work
from tests.project import ROOT
from tests.sweep.search.test_settings import settings_node

if TYPE_CHECKING:
    from collections.abc import Callable

    from reprodx.config import Config


@pytest.fixture
def search(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Search]:
    (tmp_path / "conf").symlink_to(ROOT / "conf")
    monkeypatch.chdir(tmp_path)

    def make(*overrides: str, **changes: Any) -> Search:
        space, shared = read_space(["data=breast_cancer", "model=mlp", *overrides], None)
        settings = read_settings(settings_node(**{"n_trials": 8, "sampler": "random", **changes}))
        return Search("study", settings, space, tuple(shared), "parent", None, num_epochs=200)

    return make


def stand_in(monkeypatch: pytest.MonkeyPatch, run: Callable[..., float | None]) -> list[Config]:
    """Run what scores on validation instead of training; return the configurations in their order."""
    ran: list[Config] = []

    def run_command(command: str, config: Config, **how: Any) -> None:
        assert (command, how["parent_run_id"], how["extent"]) == ("run", "parent", Extent.VALIDATION)
        ran.append(config)
        value = run(config, how["on_epoch"])
        scores = {} if value is None else {"auroc": {"value": value}}
        write_json(own_locations(config_hash(config), Path()).metrics, {"val": scores})

    monkeypatch.setattr(worker, "run_command", run_command)
    return ran


def test_trials_are_scored_on_validation_until_as_many_have_run(
    search: Callable[..., Search], monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = stand_in(monkeypatch, lambda config, _: config.model["dropout"])
    one = search("model.dropout=interval(0,0.5)")
    work(one)
    work(one)
    trials = one.open_study().get_trials()
    assert [trial.values for trial in trials] == [[config.model["dropout"]] for config in ran]
    assert len(trials) == 8


def test_runs_of_one_configuration_are_judged_by_their_mean(
    search: Callable[..., Search], monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = stand_in(monkeypatch, lambda config, _: 0.5 + config.seed / 10)
    one = search("model.dropout=interval(0,0.5)", "seed=0,1,2", n_trials=2)
    work(one)
    assert [config.seed for config in ran] == [0, 1, 2, 0, 1, 2]
    assert [trial.values for trial in one.open_study().get_trials()] == [[pytest.approx(0.6)]] * 2


@pytest.mark.parametrize(("prune_by", "sign"), [("val/auroc", 1), ("val/loss", -1)])
def test_a_training_that_promises_less_than_the_others_is_ended(
    prune_by: str, sign: int, search: Callable[..., Search], monkeypatch: pytest.MonkeyPatch
) -> None:
    epochs: list[int] = []

    def train(config: Config, on_epoch: Callable[[int, dict[str, float]], None]) -> float:
        quality = 0.1 if len(ran) == 7 else 0.9 + len(ran) / 1000
        for epoch in range(1, 41):
            epochs.append(epoch)
            on_epoch(epoch, {prune_by: sign * quality})
        return quality

    ran = stand_in(monkeypatch, train)
    one = search("model.dropout=interval(0,0.5)", prune_by=prune_by)
    work(one)
    states = [trial.state for trial in one.open_study().get_trials()]
    assert states == [TrialState.COMPLETE] * 6 + [TrialState.PRUNED] + [TrialState.COMPLETE]
    # Seven whole trainings, and one that was looked at first after the warm-up.
    assert len(epochs) == 7 * 40 + 10


def test_a_configuration_whose_first_folds_are_poor_is_ended(
    search: Callable[..., Search], monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = stand_in(monkeypatch, lambda *_: 0.1 if len(ran) > 5 * 4 else 0.9)
    one = search("model.dropout=interval(0,0.5)", "seed=range(4)", n_trials=6)
    work(one)
    assert one.open_study().get_trials()[-1].state == TrialState.PRUNED
    assert len(ran) == 5 * 4 + 1


def test_one_that_fails_does_not_end_the_others_and_is_told_at_the_end(
    search: Callable[..., Search], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail_first(*_: object) -> float:
        if len(ran) == 1:
            raise DataError("a column is missing")
        return 0.5

    ran = stand_in(monkeypatch, fail_first)
    one = search("model.dropout=interval(0,0.5)", n_trials=4)
    with pytest.raises(DataError, match="a column is missing"):
        work(one)
    assert [trial.state.name for trial in one.open_study().get_trials()] == ["FAIL", *["COMPLETE"] * 3]


def test_where_nothing_can_be_run_no_more_is_drawn(
    search: Callable[..., Search], monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = stand_in(monkeypatch, lambda *_: None)
    with pytest.raises(ConfigError, match="validation has no auroc"):
        work(search("model.dropout=interval(0,0.5)"))
    assert len(ran) == 3


def test_a_bug_leaves_no_trial_that_seems_to_run(
    search: Callable[..., Search], monkeypatch: pytest.MonkeyPatch
) -> None:
    def be_wrong(*_: object) -> float:
        raise KeyError("bug")

    stand_in(monkeypatch, be_wrong)
    one = search("model.dropout=interval(0,0.5)")
    with pytest.raises(KeyError):
        work(one)
    assert [trial.state.name for trial in one.open_study().get_trials()] == ["FAIL"]


def test_a_training_that_was_ended_is_no_error_of_the_program() -> None:
    assert not issubclass(Pruned, Exception)


def test_a_trial_that_was_taken_for_dead_ends_no_worker(
    search: Callable[..., Search], monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(config: Config, on_epoch: Callable[[int, dict[str, float]], None]) -> float:
        study = one.open_study()
        if len(ran) == 1:
            study.tell(0, state=TrialState.FAIL)
        for epoch in range(1, 21):
            on_epoch(epoch, {"val/auroc": 0.5})
        return 0.5

    ran = stand_in(monkeypatch, run)
    one = search("model.dropout=interval(0,0.5)", n_trials=3)
    work(one)
    assert [trial.state.name for trial in one.open_study().get_trials()] == ["FAIL", "COMPLETE", "COMPLETE"]
