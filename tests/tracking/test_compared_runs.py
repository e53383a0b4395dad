"""What a person names is found where they would look for it, and the store is opened for no file."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from reprodx.artifacts.openings import Ledger
from reprodx.errors import ArtifactMissingError, ConfigError, IncomparableError
from reprodx.hashing import sha256_of_json
from reprodx.tracking.compared_runs import open_sources, tracked_openings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from reprodx.comparison.source import Source
    from tests.tracking.conftest import RunLogger

THEIRS = "case_id,y_true,prob_1\n1,0,0.2\n2,1,0.7\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "theirs.csv").write_text(THEIRS)
    return tmp_path


@pytest.fixture
def opened(log_run: RunLogger) -> Callable[..., list[Source]]:
    def open_them(*names: str, filter_string: str | None = None, everything: bool = False) -> list[Source]:
        experiment = log_run.experiment if everything else None
        return open_sources(names, experiment=experiment, filter_string=filter_string, store=log_run.store)

    return open_them


def run_ids(sources: list[Source]) -> list[str | None]:
    return [source.run.run_id if source.run else None for source in sources]


def test_files_and_runs_stand_in_the_order_of_their_names(
    log_run: RunLogger, opened: Callable[..., list[Source]]
) -> None:
    first, second = log_run(f"a {log_run.experiment}"), log_run("b")
    sources = opened(second, "theirs.csv", f"a {log_run.experiment}")
    assert run_ids(sources) == [second, None, first]
    assert [source.label for source in sources] == ["b", "theirs.csv", f"a {log_run.experiment}"]
    assert sources[0].predictions.metadata["name"] == "b"


def test_no_name_and_a_dash_stand_for_what_the_experiment_holds(
    log_run: RunLogger, opened: Callable[..., list[Source]]
) -> None:
    seeds = [log_run(f"seed {seed}", params={"seed": str(seed)}) for seed in range(2)]
    assert run_ids(opened(everything=True)) == seeds
    assert run_ids(opened("-", everything=True)) == seeds
    assert run_ids(opened("theirs.csv", "-", everything=True)) == [None, *seeds]
    assert run_ids(opened("seed 1", "-", everything=True)) == seeds[::-1]
    assert run_ids(opened(everything=True, filter_string="params.seed = '1'")) == seeds[1:]


def test_a_run_that_is_named_twice_is_taken_once(log_run: RunLogger, opened: Callable[..., list[Source]]) -> None:
    seeds = [log_run("mlp", config_hash=f"c{seed}", recipe_hash="r") for seed in range(2)]
    assert run_ids(opened(seeds[1], "mlp", seeds[1][:10], everything=True)) == [seeds[1], seeds[0]]


def test_labels_are_distinct(log_run: RunLogger, opened: Callable[..., list[Source]], folder: Path) -> None:
    seeds = [log_run("mlp", config_hash=f"c{seed}", recipe_hash="r") for seed in range(2)]
    (folder / "site").mkdir()
    (folder / "site" / "theirs.csv").write_text(THEIRS)
    labels = [source.label for source in opened("mlp", "theirs.csv", "site/theirs.csv", "theirs.csv", everything=True)]
    assert labels == [
        *(f"mlp ({run_id[:8]})" for run_id in seeds),
        f"theirs.csv ({folder.name})",
        "theirs.csv (site)",
        f"theirs.csv ({folder.name}) #2",
    ]


def test_a_file_comes_before_a_run_of_that_name(log_run: RunLogger, opened: Callable[..., list[Source]]) -> None:
    log_run("theirs.csv")
    assert run_ids(opened("theirs.csv", everything=True)) == [None]


def test_nothing_named_is_refused(opened: Callable[..., list[Source]]) -> None:
    for names in ((), ("-",), ("theirs.csv", "-")):
        with pytest.raises(ConfigError, match="nothing to compare: name runs"):
            opened(*names)


def test_what_is_no_file_needs_a_store() -> None:
    for store in (None, lambda: None):
        with pytest.raises(ConfigError, match="tracking=none"):
            open_sources(["theirs.csv", "mlp"], experiment=None, filter_string=None, store=store)


def test_a_missing_file_is_not_looked_for_in_the_store() -> None:
    def never() -> None:
        raise AssertionError("the store was opened")

    for name in ("absent.csv", "absent.parquet", "/absent/folder"):
        with pytest.raises(ArtifactMissingError, match="is no file of predictions"):
            open_sources([name, "mlp"], experiment=None, filter_string=None, store=never)


def test_refusals_name_the_run(log_run: RunLogger, opened: Callable[..., list[Source]]) -> None:
    failed, generator = log_run(complete=None, predictions=False, status="FAILED"), log_run(task="generation")
    with pytest.raises(ArtifactMissingError, match=f"{failed[:8]}.*failed"):
        opened(failed)
    with pytest.raises(IncomparableError, match=f"{generator[:8]}.*generator"):
        opened(generator)


def test_comparing_files_neither_imports_mlflow_nor_makes_a_database(folder: Path) -> None:
    code = (
        "import sys; from reprodx.tracking.compared_runs import open_sources; "
        "from reprodx.tracking.store import open_store; "
        "found = open_sources(['theirs.csv', 'theirs.csv'], experiment=None, filter_string=None, store=open_store); "
        "assert len(found) == 2; sys.exit('mlflow' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    assert {path.name for path in folder.iterdir()} == {"theirs.csv"}


def test_every_run_that_scored_a_test_split_is_an_opening_deleted_ones_too(log_run: RunLogger) -> None:
    client, split = log_run.store.client, sha256_of_json(log_run.experiment)
    scored = log_run(
        "mlp",
        split_hash=split,
        data_hash="d",
        seed="3",
        predictions_sha256="s",
        params={"split.fold": "2", "evaluation.margin": "0.05"},
    )
    deleted = log_run("deleted", split_hash=split)
    client.delete_run(deleted)
    halfway = log_run("halfway", split_hash=split, complete=None, status="FAILED")
    client.log_metric(halfway, "test/auroc", 0.9)
    log_run("trained only", split_hash=split, complete=None)
    log_run("another split", split_hash="cd" * 32)
    log_run("compare", split_hash=split, kind="comparison")
    found = tracked_openings(log_run.store, split)
    assert {one.run_id: one.is_deleted for one in found} == {scored: False, deleted: True, halfway: False}
    opening = next(one.opening for one in found if one.run_id == scored)
    assert (opening.name, opening.seed, opening.fold, opening.config_hash) == ("mlp", "3", "2", "c-mlp")
    assert opening.margin == "0.05"
    assert (opening.data_hash, opening.predictions_sha256, opening.split_hash) == ("d", "s", split)
    assert opening.opened_at.endswith("+00:00")
    union = Ledger(split, (opening,)).with_runs(found)
    assert union.num_experiments == 3


def test_a_deleted_experiment_has_seen_the_test_split_too(log_run: RunLogger) -> None:
    run_id = log_run("mlp", split_hash="ef" * 32)
    log_run.store.client.delete_experiment(log_run.store.experiment_id(log_run.experiment))
    (found,) = tracked_openings(log_run.store, "ef" * 32)
    assert (found.run_id, found.is_deleted) == (run_id, True)


def test_what_is_no_hash_has_no_openings(log_run: RunLogger) -> None:
    for split_hash in ("", "' or tags.a = '"):
        assert tracked_openings(log_run.store, split_hash) == []


def test_without_a_store_the_name_that_is_no_file_is_said() -> None:
    with pytest.raises(ConfigError, match=r"^'nosuch' is no file of predictions, and no run is tracked here"):
        open_sources(["nosuch"], experiment=None, filter_string=None, store=None)
    with pytest.raises(ConfigError, match=r"^no run is tracked here"):
        open_sources([], experiment="heart", filter_string=None, store=None)


def test_a_run_that_left_the_test_split_closed_is_no_opening_of_it(log_run: RunLogger) -> None:
    log_run("closed", split_hash="abc0", test_split="closed")
    opened = log_run("opened", split_hash="abc0", test_split="opened")
    assert [one.run_id for one in tracked_openings(log_run.store, "abc0")] == [opened]
