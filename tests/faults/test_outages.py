"""A real server that fails in every way at every call: the run ends well, and the server has all of it once."""

from __future__ import annotations

import random
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from reprodx.artifacts.locations import Locations
from reprodx.errors import TrackingError
from reprodx.tracking import courier, served_model
from reprodx.tracking.description import RunDescription
from reprodx.tracking.runs import start_run
from reprodx.tracking.store import SPOOL, Store, open_store
from tests.faults.proxy import Proxy
from tests.mlflow_server import MlflowServer
from tests.tracking.conftest import MANIFEST, tracking
from tests.tracking.fake_client import write_model

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from mlflow import MlflowClient

    from reprodx.tracking.run import Run

pytestmark = pytest.mark.simulation

EPOCHS = range(1, 21)
SINGLE = {"vanish": 1, "cut": 1, "500": 4, "401": 4, "page": 2, "507": 4}
"""What may happen to one call, and to every how many-th; `hang` is in the table of longer outages."""
UNLUCKY = set(random.Random(0).sample(range(800), 100))
"""Not at regular distances, which might always hit the same call of those that log a model."""


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    """Return a proxy before a real server."""
    folder = tmp_path_factory.mktemp("server")
    server = MlflowServer(
        folder, "server", f"--backend-store-uri=sqlite:///{folder}/server.db", f"--artifacts-destination={folder}/files"
    )
    with Proxy(server.uri) as started:
        yield started
    server.kill()


@pytest.fixture(autouse=True)
def _short_times(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait as short as the tests can bear, and save a small model."""
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "2")
    monkeypatch.setattr(courier, "FIRST_PAUSE", 0.02)
    monkeypatch.setattr(courier, "LONGEST_PAUSE", 0.5)
    monkeypatch.setattr(served_model, "save_served_model", lambda folder, *_: write_model(folder))


@pytest.fixture
def store(proxy: Proxy, tmp_path: Path) -> Store:
    proxy.reset()
    return opened(proxy, tmp_path)


def opened(proxy: Proxy, home: Path) -> Store:
    found = open_store(replace(tracking(proxy.uri), probe_seconds=10.0), home)
    assert found is not None
    return found


def description(name: str) -> RunDescription:
    tags = {"reprodx.code_hash": "k", "reprodx.name": name}
    return RunDescription("outages", "mlp", name, {"seed": "0"}, tags, texts={"config.yaml": "seed: 0"})


def log_all(run: Run, home: Path, *, epoch_seconds: float = 0.0) -> None:
    """Log what a training and its evaluation do."""
    plots = home / "plots"
    plots.mkdir(exist_ok=True)
    (plots / "roc.csv").write_text("x,y")
    with run:
        for epoch in EPOCHS:
            run.log_epoch(epoch, {"train/loss": 1 / epoch, "val/loss": 2 / epoch})
            time.sleep(epoch_seconds)
        run.log_metrics({"test/auroc": 0.9})
        run.log_dataset(MANIFEST)
        run.log_file(plots)
        run.log_model(Locations(home, home, home))
        run.set_tags({"reprodx.complete": "true"})


def started(store: Store, name: str) -> Run:
    """Start a run, as a person does who repeats the command where it was refused."""
    try:
        return start_run(store, description(name))
    except TrackingError:
        return start_run(store, description(name))


def content_of(client: MlflowClient, store: Store, name: str) -> dict[str, Any]:
    """Return all that the server has of the one run of a name, without what chance decides."""
    (run,) = client.search_runs([store.experiment_id("outages")], f"tags.`reprodx.name` = '{name}'")
    curves = {
        key: [(point.step, point.value) for point in client.get_metric_history(run.info.run_id, key)]
        for key in run.data.metrics
    }
    models = client.search_logged_models([run.info.experiment_id], f"source_run_id = '{run.info.run_id}'")
    (output,) = run.outputs.model_outputs
    assert [model.model_id for model in models] == [output.model_id]
    listed = [file for folder in (None, "plots") for file in client.list_artifacts(run.info.run_id, folder)]
    return {
        "status": run.info.status,
        "params": run.data.params,
        "tags": {key: value for key, value in run.data.tags.items() if key in expected("")},
        "curves": curves,
        "files": [(file.path, file.file_size) for file in listed],
        "model": [(file.path, file.file_size) for file in client.list_logged_model_artifacts(output.model_id)],
        "model status": str(models[0].status),
        "dataset": [one.dataset.digest for one in run.inputs.dataset_inputs],
    }


def expected(name: str) -> dict[str, Any]:
    return {"reprodx.code_hash": "k", "reprodx.name": name, "reprodx.complete": "true"}


@pytest.fixture(scope="module")
def undisturbed(proxy: Proxy, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], int]:
    """Return what the server has of a run that nothing happened to, and in how many calls it was logged."""
    home = tmp_path_factory.mktemp("undisturbed")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(served_model, "save_served_model", lambda folder, *_: write_model(folder))
        store = opened(proxy, home)
        proxy.reset()
        log_all(start_run(store, description("undisturbed")), home)
    num_calls = len(proxy.calls)
    content = content_of(store.client, store, "undisturbed")
    assert content["curves"]["curve/val_loss"] == [(epoch, 2 / epoch) for epoch in EPOCHS]
    assert (content["status"], content["tags"]) == ("FINISHED", expected("undisturbed"))
    return content, num_calls


def check(store: Store, name: str, undisturbed: tuple[dict[str, Any], int]) -> None:
    """Compare a run with the undisturbed one; nothing waits on disk any more."""
    found = content_of(store.client, store, name)
    assert found == {**undisturbed[0], "tags": expected(name)}
    assert not list((store.home / SPOOL).iterdir())


@pytest.mark.parametrize("fate", SINGLE)
def test_a_call_that_fails_costs_nothing_whichever_it_is(
    store: Store, proxy: Proxy, undisturbed: tuple[dict[str, Any], int], tmp_path: Path, fate: str
) -> None:
    for number in range(0, undisturbed[1], SINGLE[fate]):
        name = f"{fate} {number}"
        proxy.reset(lambda call, _, number=number: fate if call == number else "fine")
        log_all(started(store, name), tmp_path)
        proxy.reset()
        check(store, name, undisturbed)


LONGER: dict[str, Callable[[int, str], str]] = {
    "slow": lambda _, __: "slow",
    "hang": lambda number, _: "hang" if number in {4, 9} else "fine",
    "one call in eight": lambda number, _: "cut" if number in UNLUCKY else "fine",
    "disk full": lambda number, call: "507" if "PUT" in call and number < 20 else "500" if 6 < number < 15 else "fine",
}


@pytest.mark.parametrize("how", LONGER)
def test_a_server_that_fails_again_and_again_gets_everything(
    store: Store, proxy: Proxy, undisturbed: tuple[dict[str, Any], int], tmp_path: Path, how: str
) -> None:
    run = started(store, how)
    proxy.reset(LONGER[how])
    log_all(run, tmp_path)
    proxy.reset()
    check(store, how, undisturbed)


@pytest.mark.parametrize(("fate", "seconds"), [("vanish", 4.0), ("500", 8.0), ("page", 12.0)])
def test_a_server_that_is_away_for_seconds_gets_everything(
    store: Store, proxy: Proxy, undisturbed: tuple[dict[str, Any], int], tmp_path: Path, fate: str, seconds: float
) -> None:
    name = f"away {fate}"
    run = started(store, name)
    proxy.reset(lambda _, __: fate)
    threading.Timer(seconds, proxy.reset).start()
    start = time.monotonic()
    for epoch in EPOCHS:
        run.log_epoch(epoch, {})
    assert time.monotonic() - start < 1, "training waited for the store"
    log_all(run, tmp_path)
    check(store, name, undisturbed)


def abandon(run: Run) -> None:
    """Let go of a run as a process does that has ended: its thread is gone, and what it held is free."""
    thread = courier.Courier.of_runs.pop(str(run.run_id))
    thread._delivery.deliver_next = lambda: False  # type: ignore[method-assign]
    thread._has_ended = False
    thread.spool._connection.close()
    thread.spool._lock.release()


@pytest.mark.parametrize("when", ["the next command", "track --pending"])
def test_a_server_that_is_back_after_the_end_gets_everything_from_a_later_command(
    store: Store,
    proxy: Proxy,
    undisturbed: tuple[dict[str, Any], int],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    when: str,
) -> None:
    monkeypatch.setattr(courier, "FAILING_SECONDS", 0.5)
    run = started(store, when)
    proxy.reset(lambda _, __: "vanish")
    log_all(run, tmp_path)
    abandon(run)
    proxy.reset()
    assert store.deliver_left(seconds=-1.0)[0].num_waiting > 20
    if when == "the next command":
        opened(proxy, tmp_path)
    else:
        assert [left.num_waiting for left in store.deliver_left()] == [0]
    check(store, when, undisturbed)
