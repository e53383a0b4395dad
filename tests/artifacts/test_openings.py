"""Every look at a test split is counted, whoever looks, and none is forgotten."""

from __future__ import annotations

import multiprocessing
import os
from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl
import pytest

from reprodx.artifacts.openings import (
    COLUMNS,
    COPY,
    LEDGER,
    OLD_COLUMNS,
    Ledger,
    Opening,
    TrackedOpening,
    ledger,
    ledger_before,
    openings,
    record_opening,
)
from reprodx.artifacts.predictions import Predictions, read_predictions, write_predictions
from reprodx.errors import ArtifactCorruptError

if TYPE_CHECKING:
    from pathlib import Path

SPLIT_HASH = "e" * 64


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def made(**metadata: object) -> Predictions:
    table = pl.DataFrame(
        {
            "case_id": ["a", "b", "c"],
            "split": ["val", "test", "test"],
            "fold": [2, 2, 2],
            "y_true": ["sick", "well", "sick"],
            "prob_well": [0.25, 0.5, 0.1],
            "prob_sick": [0.75, 0.5, 0.9],
        }
    )
    known = {"classes": ["well", "sick"], "name": "mlp", "seed": 0, "split_hash": SPLIT_HASH, "data_hash": "d"}
    known |= {"cv_hash": None, "config_hash": "c0", "recipe_hash": "r", "margin": 0.02}
    return Predictions(table, {**known, **metadata})


def opened(folder: Path, **metadata: object) -> None:
    """Score a test split, as `evaluate` does."""
    path = folder / "predictions.parquet"
    write_predictions(path, made(**metadata))
    record_opening(read_predictions(path), path)


def opening(config_hash: str, time: str = "2025-01-01T00:00:00+00:00", sha: str = "s", margin: str = "") -> Opening:
    return Opening(SPLIT_HASH, "d", "", config_hash, "r", "mlp", "0", "0", sha, time, margin)


def test_an_opening_is_a_row_of_text(tmp_path: Path) -> None:
    opened(tmp_path)
    header, row = (tmp_path / LEDGER).read_text().splitlines()
    assert header == (
        "split_hash,data_hash,cv_hash,config_hash,recipe_hash,name,seed,fold,predictions_sha256,opened_at,margin"
    )
    assert row.startswith(f"{SPLIT_HASH},d,,c0,r,mlp,0,2,")
    (found,) = openings(SPLIT_HASH)
    assert len(found.predictions_sha256) == 64
    assert found.opened_at.endswith("+00:00")
    assert found.margin == "0.02"
    assert openings("another") == []


def test_an_experiment_counts_once_and_its_repetitions_as_times(tmp_path: Path) -> None:
    opened(tmp_path)
    opened(tmp_path, config_hash="c1", seed=1)
    opened(tmp_path, machine="another")
    opened(tmp_path, split_hash="another")
    found = ledger(SPLIT_HASH)
    assert (found.num_times, found.num_experiments) == (3, 2)
    assert [entry.config_hash for entry in found.entries] == ["c0", "c1"]


def test_other_bytes_of_the_same_configuration_are_the_same_experiment_and_other_data_are_not(tmp_path: Path) -> None:
    """As of a clone on another processor."""
    opened(tmp_path)
    opened(tmp_path, machine="another")
    found = ledger(SPLIT_HASH)
    assert len({one.predictions_sha256 for one in found.openings}) == 2
    assert (found.num_times, found.num_experiments) == (2, 1)
    opened(tmp_path, data_hash="relabelled")
    assert ledger(SPLIT_HASH).num_experiments == 2


def test_the_same_bytes_again_leave_the_ledger_as_it_was_committed(tmp_path: Path) -> None:
    opened(tmp_path)
    opened(tmp_path, config_hash="c1")
    committed = (tmp_path / LEDGER).read_bytes()
    (tmp_path / COPY).unlink()
    opened(tmp_path)
    assert (tmp_path / LEDGER).read_bytes() == committed
    opened(tmp_path, margin=0.05)
    assert ledger(SPLIT_HASH).num_times == 3


def old_ledger(*config_hashes: str) -> str:
    """Return what was written before margins were noted."""
    rows = [
        f"{SPLIT_HASH},d,,{one},r,mlp,0,2,s,2020-01-0{day}T00:00:00+00:00" for day, one in enumerate(config_hashes, 1)
    ]
    return "\n".join([",".join(OLD_COLUMNS), *rows, ""])


def test_an_old_ledger_is_read_and_rewritten_with_the_new_column(tmp_path: Path) -> None:
    (tmp_path / LEDGER).parent.mkdir()
    (tmp_path / LEDGER).write_text(old_ledger("c0", "c1"))
    assert [(one.config_hash, one.margin) for one in openings(SPLIT_HASH)] == [("c0", ""), ("c1", "")]
    opened(tmp_path, margin=0.05)
    header, *rows = (tmp_path / LEDGER).read_text().splitlines()
    assert header == ",".join(COLUMNS)
    assert [row.rpartition(",")[2] for row in rows] == ["", "", "0.05"]
    # Git turns back one of the two files alone.
    (tmp_path / LEDGER).write_text(old_ledger("c0", "c1"))
    assert [one.margin for one in openings(SPLIT_HASH)] == ["", "", "0.05"]


def test_old_rows_under_the_new_header_are_read_as_git_merges_them(tmp_path: Path) -> None:
    opened(tmp_path)
    with (tmp_path / LEDGER).open("a") as file:
        file.write(old_ledger("c1").splitlines()[1] + "\n")
    assert [(one.config_hash, one.margin) for one in openings(SPLIT_HASH)] == [("c1", ""), ("c0", "0.02")]


@pytest.mark.parametrize(
    ("margins", "said"),
    [
        ((), ""),
        (("", ""), ""),
        (("0.02", "0.05"), ""),
        (("0.05", "0.02"), "The margin was 0.05 at the first opening of this test split and is 0.02 now."),
        (("", "0.1"), "The margin was 0.1 at the first opening of this test split that notes one, and is 0.02 now."),
    ],
)
def test_a_margin_that_changed_after_the_first_look_is_said(margins: tuple[str, ...], said: str) -> None:
    found = tuple(opening(f"c{day}", f"2025-01-0{day}", margin=margin) for day, margin in enumerate(margins, 1))
    assert Ledger(SPLIT_HASH, found).margin_change(0.02) == said


def test_a_repeated_report_says_what_the_first_one_said(tmp_path: Path) -> None:
    opened(tmp_path)
    opened(tmp_path, config_hash="c1")
    before = ledger_before("c1", SPLIT_HASH)
    opened(tmp_path, config_hash="c2")
    opened(tmp_path, config_hash="c1", machine="another")
    assert ledger_before("c1", SPLIT_HASH) == before
    assert (before.num_times, before.num_experiments) == (2, 2)
    assert ledger_before("c0", SPLIT_HASH).num_experiments == 1
    assert ledger_before("never scored", SPLIT_HASH) == ledger(SPLIT_HASH)


def test_without_test_cases_nothing_is_opened(tmp_path: Path) -> None:
    predictions = made()
    record_opening(predictions.of("val"), tmp_path / "absent.parquet")
    assert not (tmp_path / LEDGER).exists()
    assert ledger(SPLIT_HASH) == Ledger(SPLIT_HASH, ())


def test_a_temporary_workspace_of_dvc_writes_the_ledger_of_the_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = tmp_path / ".dvc/tmp/exps/tmpabc"
    inside.mkdir(parents=True)
    monkeypatch.chdir(inside)
    opened(inside)
    assert not (inside / LEDGER).exists()
    assert len((tmp_path / LEDGER).read_text().splitlines()) == 2


@pytest.mark.parametrize("ledger_file", [LEDGER, COPY])
@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "columns are others"),
        (b"case,score\n1,2\n", "columns are others"),
        (b"PK\x03\x04\xff\xfe", "no ledger"),
        ((",".join(COLUMNS) + "\ne,d\n").encode(), "line 2 is not a test opening"),
        ((",".join(COLUMNS) + "\n<<<<<<< HEAD\n").encode(), "line 2 is not a test opening"),
        ((",".join(COLUMNS) + '\n"e,d\n').encode(), "no ledger"),
    ],
)
def test_a_damaged_or_foreign_file_is_refused_and_left_alone(
    tmp_path: Path, ledger_file: Path, content: bytes, reason: str
) -> None:
    (tmp_path / ledger_file).parent.mkdir()
    (tmp_path / ledger_file).write_bytes(content)
    for look in (lambda: opened(tmp_path), lambda: openings(SPLIT_HASH)):
        with pytest.raises(ArtifactCorruptError, match=reason) as refused:
            look()
        assert "\n" not in str(refused.value)
        assert str(tmp_path) not in str(refused.value)
    assert (tmp_path / ledger_file).read_bytes() == content
    assert len(list((tmp_path / LEDGER).parent.iterdir())) == 1


def test_a_ledger_that_git_merged_or_another_system_wrote_is_read(tmp_path: Path) -> None:
    opened(tmp_path)
    header, row = (tmp_path / LEDGER).read_text().splitlines()
    earlier = row.replace(",c0,", ",c1,")[:-30] + "2020-01-01T00:00:00+00:00,0.02"
    (tmp_path / COPY).unlink()
    (tmp_path / LEDGER).write_bytes(f"{header}\r\n{row}\r\n{earlier}\r\n\r\n".encode())
    assert [found.config_hash for found in openings(SPLIT_HASH)] == ["c1", "c0"]


def _open_often(folder: str, worker: int, times: int) -> None:
    from pathlib import Path

    os.chdir(folder)
    path = Path(folder) / f"predictions_{worker}.parquet"
    for time in range(times):
        write_predictions(path, made(config_hash=f"c{worker}", seed=worker, machine=time))
        record_opening(read_predictions(path), path)


def test_parallel_trials_lose_no_opening(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_open_often, args=(str(tmp_path), worker, 20)) for worker in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=120)
        assert worker.exitcode == 0
    found = ledger(SPLIT_HASH)
    assert (found.num_times, found.num_experiments) == (40, 2)
    assert {path.name for path in (tmp_path / LEDGER).parent.iterdir()} == {LEDGER.name, COPY.name}


@pytest.mark.parametrize("turned_back", ["older", "absent"])
def test_what_git_turns_back_stays_seen(tmp_path: Path, turned_back: str) -> None:
    opened(tmp_path)
    opened(tmp_path, machine="another")
    older = (tmp_path / LEDGER).read_bytes()
    opened(tmp_path, config_hash="c1")
    if turned_back == "older":
        (tmp_path / LEDGER).write_bytes(older)
    else:
        (tmp_path / LEDGER).unlink()
    assert ledger(SPLIT_HASH).num_times == 3
    opened(tmp_path, config_hash="c2")
    (tmp_path / COPY).unlink()
    assert [found.config_hash for found in openings(SPLIT_HASH)] == ["c0", "c0", "c1", "c2"]


def test_what_the_store_knows_is_added_once() -> None:
    noted = Ledger(SPLIT_HASH, (opening("c0"), opening("c0", "2025-01-03T00:00:00+00:00")))
    again = TrackedOpening(opening("c0", "2025-01-01T00:00:05+00:00"), "run0", is_deleted=False)
    elsewhere = TrackedOpening(opening("c0", "2025-01-01T00:00:04+00:00", sha="other"), "run1", is_deleted=True)
    other = TrackedOpening(opening("c1", "2025-01-02T00:00:00+00:00"), "run2", is_deleted=True)
    union = noted.with_runs([elsewhere, again, other])
    assert [found.config_hash for found in union.openings] == ["c0", "c1", "c0"]
    assert (union.num_times, union.num_experiments) == (3, 2)
    first, second = union.entries
    assert union.run_of(first) == again
    assert union.run_of(second) == other
    assert noted.run_of(first) is None


def test_the_folds_of_a_cross_validation_are_counted_together() -> None:
    other = replace(opening("c1", "2024-01-01T00:00:00+00:00"), split_hash="f" * 64)
    run = TrackedOpening(other, "run", is_deleted=False)
    both = Ledger(SPLIT_HASH, (opening("c0"),)).joined(Ledger("f" * 64, ()).with_runs([run]))
    assert (both.split_hash, both.num_experiments) == (f"{SPLIT_HASH}, {'f' * 64}", 2)
    assert both.openings == (other, opening("c0"))
    assert both.run_of(other) == run
