"""One run for the training and the evaluation of a configuration."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from reprodx.tracking import runs
from reprodx.tracking.runs import (
    find_finished,
    go_on_or_start,
    last_run_id,
    open_run_for_evaluation,
    resume_run,
    start_run,
    sweep_parent,
)

if TYPE_CHECKING:
    from pathlib import Path

    from reprodx.tracking.description import RunDescription
    from reprodx.tracking.store import Store


def pointer(store: Store, description: RunDescription) -> Path:
    return store.home / ".cache" / "tracking" / description.config_hash


def test_a_new_run_has_parameters_tags_and_texts(store: Store, description: RunDescription) -> None:
    with start_run(store, replace(description, texts={"config.yaml": "seed: 0"})) as run:
        pass
    logged = store.client.get_run(run.run_id)
    assert logged.info.run_name == "mlp"
    assert logged.data.params == description.params
    assert description.tags.items() <= logged.data.tags.items()
    assert [file.path for file in store.client.list_artifacts(run.run_id)] == ["config.yaml"]


def test_a_run_holds_no_user_no_script_and_no_path(store: Store, description: RunDescription) -> None:
    logged = store.client.get_run(start_run(store, description).run_id)
    assert not {"mlflow.user", "mlflow.source.name"} & logged.data.tags.keys()
    assert logged.info.user_id == "unknown"


def test_evaluation_goes_on_with_the_run_of_training(store: Store, description: RunDescription) -> None:
    with start_run(store, description) as trained:
        pass
    with open_run_for_evaluation(store, description) as evaluated:
        assert store.client.get_run(trained.run_id).info.status == "RUNNING"
    assert evaluated.run_id == trained.run_id
    logged = store.client.get_run(trained.run_id)
    assert logged.info.status == "FINISHED"
    assert "reprodx.restored" not in logged.data.tags


def test_training_again_is_a_new_run(store: Store, description: RunDescription) -> None:
    first, second = start_run(store, description), start_run(store, description)
    assert first.run_id != second.run_id
    resumed = resume_run(store, description)
    assert resumed is not None
    assert resumed.run_id == second.run_id


def test_without_a_run_of_training_a_restored_one_is_opened_and_kept(store: Store, description: RunDescription) -> None:
    assert resume_run(store, description) is None
    restored = open_run_for_evaluation(store, description)
    assert store.client.get_run(restored.run_id).data.tags["reprodx.restored"] == "true"
    assert open_run_for_evaluation(store, description).run_id == restored.run_id


@pytest.mark.parametrize(
    "happening", ["deleted", "unknown", "damaged", "other store", "other code", "other parameters"]
)
def test_a_run_that_cannot_be_gone_on_with_is_replaced(
    store: Store, description: RunDescription, happening: str
) -> None:
    trained = start_run(store, description)
    content = json.loads(pointer(store, description).read_text())
    assert store.uri not in str(content)
    later = description
    if happening == "deleted":
        store.client.delete_run(trained.run_id)
    elif happening == "unknown":
        pointer(store, description).write_text(json.dumps(content | {"run_id": "0" * 32}))
    elif happening == "damaged":
        pointer(store, description).write_text("{")
    elif happening == "other store":
        pointer(store, description).write_text(json.dumps(content | {"store": "elsewhere"}))
    elif happening == "other code":
        later = replace(description, tags={**description.tags, "reprodx.code_hash": "later"})
    else:
        later = replace(description, params={**description.params, "seed": "1"})
    restored = open_run_for_evaluation(store, later)
    assert restored.run_id != trained.run_id
    restored.finish()
    assert store.client.get_run(restored.run_id).data.params == later.params


def test_children_are_listed_under_the_run_of_their_sweep(store: Store, description: RunDescription) -> None:
    with sweep_parent(store, description.experiment, "nine") as parent:
        for seed in "012":
            child = replace(description, config_hash=seed, params={"seed": seed}, parent_run_id=parent.run_id)
            with start_run(store, child):
                pass
    children = store.client.search_runs(
        [store.experiment_id(description.experiment)], f"tags.`mlflow.parentRunId` = '{parent.run_id}'"
    )
    assert sorted(child.data.params["seed"] for child in children) == ["0", "1", "2"]
    assert store.client.get_run(parent.run_id).info.status == "FINISHED"


def test_only_a_run_with_all_its_results_counts_as_finished(store: Store, description: RunDescription) -> None:
    identity = {"reprodx.config_hash": "c", "reprodx.code_hash": "k"}
    with start_run(store, description) as run:
        assert find_finished(store, description.experiment, identity) is None
        run.set_tags({"reprodx.complete": "true"})
    assert find_finished(store, description.experiment, identity) == run.run_id
    assert find_finished(store, description.experiment, identity | {"reprodx.code_hash": "later"}) is None


def test_the_last_run_of_a_configuration_is_known_by_its_hash(store: Store, description: RunDescription) -> None:
    assert last_run_id(store, description.config_hash) is None
    runs = [start_run(store, description).run_id for _ in range(2)]
    assert last_run_id(store, description.config_hash) == runs[1] != runs[0]


def test_without_a_store_every_run_is_none(description: RunDescription) -> None:
    with sweep_parent(None, "clinic", "sweep") as parent, start_run(None, description) as run:
        assert parent.run_id is run.run_id is None
    assert open_run_for_evaluation(None, description).run_id is None
    assert find_finished(None, "clinic", {}) is None


@pytest.mark.parametrize(
    ("status", "tags", "is_gone_on_with"),
    [
        ("RUNNING", {}, True),
        ("KILLED", {}, True),
        ("FAILED", {}, True),
        ("FINISHED", {}, False),
        ("KILLED", {"reprodx.complete": "true"}, False),
        ("RUNNING", {"reprodx.process": "of a process"}, False),
    ],
)
def test_a_repeated_command_goes_on_with_the_run_that_came_to_no_end(
    store: Store,
    description: RunDescription,
    monkeypatch: pytest.MonkeyPatch,
    status: str,
    tags: dict[str, str],
    is_gone_on_with: bool,
) -> None:
    begun = start_run(store, description)
    for name, value in tags.items():
        store.client.set_tag(begun.run_id, name, value)
    monkeypatch.setattr("reprodx.tracking.runs.is_alive", lambda process: process == "of a process")
    if status != "RUNNING":
        begun.finish(status)
    later = go_on_or_start(store, replace(description, parent_run_id="p"))
    assert (later.run_id == begun.run_id) is is_gone_on_with
    logged = store.client.get_run(later.run_id)
    assert logged.info.status == "RUNNING"
    assert logged.data.tags["mlflow.parentRunId"] == "p"


def test_a_run_that_was_killed_at_its_start_gets_what_it_lacks(store: Store, description: RunDescription) -> None:
    start_run(store, replace(description, params={"seed": "0"}))
    with go_on_or_start(store, replace(description, texts={"config.yaml": "seed: 0"})) as later:
        pass
    logged = store.client.get_run(later.run_id)
    assert logged.data.params == description.params
    assert [file.path for file in store.client.list_artifacts(later.run_id)] == ["config.yaml"]


def test_a_sweep_started_again_has_its_old_parent(store: Store, description: RunDescription) -> None:
    def parent(*trials: str, again: bool = False) -> str | None:
        with sweep_parent(store, description.experiment, "nine", trials, again=again) as run:
            return run.run_id

    first = parent("a", "b")
    assert parent("b", "a") == first
    assert parent("a") != first
    second = parent("a", "b", again=True)
    assert second != first
    killed = sweep_parent(store, description.experiment, "nine", ["a", "b"], again=True)
    killed.finish("KILLED")
    assert parent("a", "b", again=True) == killed.run_id
    assert len({first, second, killed.run_id}) == 3


def test_a_sweep_that_other_code_began_is_left_and_that_is_said(
    store: Store, description: RunDescription, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def parent() -> tuple[str | None, bool]:
        caplog.clear()
        with caplog.at_level("INFO"), sweep_parent(store, description.experiment, "nine", ["a", "b"]) as run:
            return run.run_id, "is of other code; this one begins anew" in caplog.text

    first, is_said = parent()
    assert not is_said
    with monkeypatch.context() as patch:
        patch.setattr(runs, "provenance_of_process", lambda _: SimpleNamespace(code_hash="f" * 64))
        second, is_said = parent()
        assert is_said
        assert second != first
        assert parent() == (second, False)
    assert parent() == (first, False)
