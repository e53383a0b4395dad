"""A name means the runs that a person expects, or the message says which ones it could mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reprodx.errors import ConfigError, TrackingError
from reprodx.tracking.named_runs import NamedRuns

if TYPE_CHECKING:
    from tests.tracking.conftest import RunLogger


def ids(named: NamedRuns, name: str) -> list[str]:
    return [run.info.run_id for run in named.of(name)]


def finished(named: NamedRuns) -> list[str]:
    return [run.info.run_id for run in named.finished()]


def refused(named: NamedRuns, name: str | None = None) -> str:
    with pytest.raises(ConfigError) as caught:
        named.finished() if name is None else named.of(name)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.fixture
def named(log_run: RunLogger) -> NamedRuns:
    return NamedRuns(log_run.store, log_run.experiment)


def test_a_run_is_found_by_its_id_by_enough_of_it_and_by_its_name(log_run: RunLogger, named: NamedRuns) -> None:
    run_id = log_run("Ann's lstm")
    log_run("other")
    assert ids(named, run_id) == ids(named, run_id[:12]) == ids(named, "Ann's lstm") == [run_id]
    assert ids(named, f"runs:/{run_id}/model") == [run_id]


def test_an_id_is_found_in_any_experiment_and_a_name_in_one(log_run: RunLogger) -> None:
    run_id = log_run(f"only in {log_run.experiment}")
    log_run.store.experiment_id("elsewhere")
    elsewhere = NamedRuns(log_run.store, "elsewhere")
    assert ids(elsewhere, run_id) == [run_id]
    assert "no run of experiment 'elsewhere'" in refused(elsewhere, f"only in {log_run.experiment}")
    assert ids(NamedRuns(log_run.store), f"only in {log_run.experiment}") == [run_id]


def test_the_beginning_of_several_ids_is_refused(log_run: RunLogger, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = (log_run.store.client.get_run(log_run(name)) for name in ("a", "b"))
    named = NamedRuns(log_run.store)
    monkeypatch.setattr(named, "_search", lambda *_, **__: [first, second])
    message = refused(named, "abcdef")
    assert first.info.run_id in message
    assert second.info.run_id in message


def test_a_name_that_looks_like_an_id_is_still_a_name(log_run: RunLogger, named: NamedRuns) -> None:
    run_id = log_run("deadbeef")
    assert ids(named, "deadbeef") == [run_id]


def test_of_a_repeated_configuration_the_newest_run_is_meant(log_run: RunLogger, named: NamedRuns) -> None:
    log_run("mlp")
    newest = log_run("mlp")
    log_run("mlp", complete=None, status="FAILED", predictions=False)
    assert ids(named, "mlp") == [newest]


def test_seeds_of_one_recipe_are_all_meant(log_run: RunLogger, named: NamedRuns) -> None:
    seeds = [log_run("mlp", config_hash=f"c{seed}", recipe_hash="r") for seed in range(3)]
    assert ids(named, "mlp") == seeds


@pytest.mark.parametrize("recipes", [("r", "other"), ("r", None), (None, None)])
def test_runs_of_several_recipes_under_one_name_are_listed(
    log_run: RunLogger, named: NamedRuns, recipes: tuple[str | None, str | None]
) -> None:
    both = [log_run("mlp", config_hash=f"c{number}", recipe_hash=recipe) for number, recipe in enumerate(recipes)]
    message = refused(named, "mlp")
    assert message == f"2 runs are called 'mlp': give the ids of {both[0]}, {both[1]}"


def test_a_run_that_was_never_finished_is_found_so_that_it_can_be_said(log_run: RunLogger, named: NamedRuns) -> None:
    run_id = log_run("mlp", complete=None, status="FAILED")
    assert ids(named, "mlp") == [run_id]


def test_a_deleted_run_is_said_to_be_deleted(log_run: RunLogger, named: NamedRuns) -> None:
    run_id = log_run("mlp")
    log_run.store.client.delete_run(run_id)
    for name in (run_id, run_id[:12], "mlp", f"runs:/{run_id}/model"):
        assert f"`mlflow runs restore --run-id {run_id}`" in refused(named, name)
    again = log_run("mlp")
    assert ids(named, "mlp") == [again]


def test_an_unknown_name_says_what_is_near(log_run: RunLogger, named: NamedRuns) -> None:
    log_run("transformer")
    assert refused(named, "transfomer").endswith("did you mean 'transformer'?")
    assert "make ui" in refused(named, "0" * 32)
    assert "make ui" in refused(named, "xyz")
    assert "does not have" in refused(named, f"runs:/{'0' * 32}/model")
    assert "both kinds of quotes" in refused(named, "a'b\"c")


def test_an_unknown_or_deleted_experiment_is_refused_and_not_created(log_run: RunLogger) -> None:
    log_run()
    name = f"{log_run.experiment} of old"
    client = log_run.store.client
    assert f"did you mean '{log_run.experiment}'" in refused(NamedRuns(log_run.store, f"{log_run.experiment}s"))
    assert client.get_experiment_by_name(f"{log_run.experiment}s") is None
    client.delete_experiment(log_run.store.experiment_id(name))
    assert "mlflow experiments restore" in refused(NamedRuns(log_run.store, name), "mlp")


def test_the_finished_runs_of_an_experiment_are_taken_oldest_first(log_run: RunLogger, named: NamedRuns) -> None:
    log_run("a")
    second = log_run("b")
    log_run("parent", sweep="true", complete=None, predictions=False)
    log_run("failed", complete=None, status="FAILED")
    log_run("running", complete=None, status="RUNNING")
    log_run("compare", kind="comparison", complete=None, predictions=False)
    deleted = log_run("deleted")
    log_run.store.client.delete_run(deleted)
    newest = log_run("a")
    assert finished(named) == [second, newest]


def test_a_filter_selects_and_its_absence_of_runs_is_counted(log_run: RunLogger) -> None:
    first, second = (log_run(f"m{seed}", params={"seed": seed}) for seed in "01")
    log_run("running", params={"seed": "2"}, complete=None, status="RUNNING")

    def chosen(filter_string: str | None) -> NamedRuns:
        return NamedRuns(log_run.store, log_run.experiment, filter_string)

    assert finished(chosen(None)) == [first, second]
    assert finished(chosen("params.seed = '1'")) == [second]
    assert second in finished(NamedRuns(log_run.store, None, "params.seed = '1'"))
    assert ids(chosen("params.seed = '1'"), "m1") == [second]
    assert "is no file, and no run" in refused(chosen("params.seed = '1'"), "m0")
    assert "3 runs of experiment" in refused(chosen("params.seed = '2'"))
    assert "1 match the filter, and none of them is finished" in refused(chosen("params.seed = '2'"))
    assert "0 match the filter" in refused(chosen("params.seed = '3'"))


def test_an_empty_experiment_says_that_nothing_was_looked_at(log_run: RunLogger, named: NamedRuns) -> None:
    log_run.store.experiment_id(log_run.experiment)
    assert "0 runs of experiment" in refused(named)


@pytest.mark.parametrize(
    "filter_string", ["nonsense", "params.seed = 0", "metrics.`val/auroc` >", "a = 'b' or c = 'd'"]
)
def test_a_filter_that_mlflow_does_not_understand_is_one_line(log_run: RunLogger, filter_string: str) -> None:
    log_run()
    for name in (None, "mlp"):
        message = refused(NamedRuns(log_run.store, log_run.experiment, filter_string), name)
        assert message.startswith(f"--filter {filter_string!r}: MLflow does not understand it")


def test_a_store_that_fails_is_said_to_fail(log_run: RunLogger, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError("the cable is out")

    monkeypatch.setattr(type(log_run.store.client), "search_runs", fail)
    with pytest.raises(TrackingError, match=r"searching runs failed .the cable is out"):
        NamedRuns(log_run.store).of("mlp")


def test_runs_whose_test_split_is_closed_are_left_out_of_a_comparison_on_it(
    log_run: RunLogger, named: NamedRuns, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    opened = log_run("winner", test_split="opened")
    closed = [log_run(name, test_split="closed") for name in ("a", "b")]
    assert finished(named) == [opened]
    assert "2 runs of a search are left out" in caplog.text
    assert [run.info.run_id for run in named.finished("val")] == [opened, *closed]
