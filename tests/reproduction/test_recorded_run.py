"""A run comes with what it left, and what is no experiment is refused in one line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reprodx.errors import ArtifactCorruptError, ArtifactMissingError, ReprodxError
from reprodx.reproduction.opened_run import open_recorded
from tests.reproduction.recorded_project import LEFT

if TYPE_CHECKING:
    from pathlib import Path

    from reprodx.reproduction.recorded_run import RecordedRun
    from tests.tracking.conftest import RunLogger


def opened(log_run: RunLogger, name: str, fetched: Path) -> RecordedRun:
    return open_recorded(name, lambda: log_run.store, fetched)


def test_a_run_comes_with_all_that_it_left(log_run: RunLogger, fetched: Path) -> None:
    run_id = log_run(log_run.experiment, files=LEFT, git_commit="a1b2", git_dirty="true", restored="true")
    for name in (run_id, run_id[:12], log_run.experiment, f"runs:/{run_id}/model"):
        for old in sorted(fetched.iterdir()):
            old.rename(fetched.with_name(f"{old.name}-{name[:12].replace('/', '')}"))
        run = opened(log_run, name, fetched)
        assert (run.run_id, run.name, run.experiment) == (run_id, log_run.experiment, log_run.experiment)
        assert run.config == {"model": {"name": "mlp"}, "seed": 3}
        assert (run.commit, run.dirty, run.diff) == ("a1b2", True, LEFT["changes.diff"])
        assert (run.lock, run.environment) == (LEFT["environment.txt"], {"threads": 1})
        assert (run.hashes, run.manifest) == ({"split": {"membership": "e"}}, {"num_cases": 4})
        assert run.predictions == fetched / "predictions.parquet"
        assert run.metrics == fetched / "metrics.json"
        assert run.is_restored


def test_an_older_run_lacks_what_was_not_noted_then(log_run: RunLogger, fetched: Path) -> None:
    run = opened(log_run, log_run(files={"config.yaml": "seed: 1\n"}, git_commit="unknown"), fetched)
    assert (run.commit, run.environment, run.hashes, run.manifest, run.lock) == (None, None, {}, None, None)
    assert (run.dirty, run.diff, run.metrics, run.is_restored) == (False, "", None, False)


@pytest.mark.parametrize(
    ("tags", "status", "reason"),
    [
        ({"sweep": "true", "complete": None}, "FINISHED", "parent of a sweep"),
        ({"kind": "comparison"}, "FINISHED", "is a comparison and no experiment"),
        ({"config_hash": None}, "FINISHED", "was not made by reprodx"),
        ({"complete": None}, "FAILED", "failed before it was evaluated"),
        ({"complete": None}, "RUNNING", "is unfinished"),
        ({}, "FINISHED", "has lost its artifact config.yaml"),
    ],
)
def test_what_cannot_be_made_again_says_why(
    log_run: RunLogger, fetched: Path, tags: dict[str, str | None], status: str, reason: str
) -> None:
    run_id = log_run(status=status, **tags)
    with pytest.raises(ReprodxError, match=reason) as refused:
        opened(log_run, run_id, fetched)
    assert str(refused.value).startswith(f"run 'mlp' ({run_id[:8]})")
    assert "\n" not in str(refused.value)


def test_predictions_that_are_lost_are_missed_except_of_a_generator(log_run: RunLogger, fetched: Path) -> None:
    run_id = log_run(files=LEFT, predictions=False)
    with pytest.raises(ArtifactMissingError, match=r"has lost its artifact predictions\.parquet"):
        opened(log_run, run_id, fetched)
    run = opened(log_run, log_run(files=LEFT, predictions=False, task="generation"), fetched)
    assert run.is_generator
    assert run.predictions is None


def test_a_damaged_file_is_named_by_its_run(log_run: RunLogger, fetched: Path) -> None:
    run_id = log_run(files={**LEFT, "hashes.json": "{"})
    with pytest.raises(ArtifactCorruptError, match=r"run 'mlp' .*: hashes\.json is not valid JSON") as refused:
        opened(log_run, run_id, fetched)
    assert str(fetched) not in str(refused.value)


def test_a_record_of_another_form_is_damaged(log_run: RunLogger, fetched: Path) -> None:
    run_id = log_run(files={**LEFT, "hashes.json": '{"raw": ["table.csv"]}'})
    with pytest.raises(ArtifactCorruptError, match=r"hashes\.json is not as a run writes it"):
        opened(log_run, run_id, fetched)
