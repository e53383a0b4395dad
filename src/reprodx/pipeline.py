"""The stages in order, and the tracked run around them.

`dvc repro` calls the stages one by one on `params.yaml` and DVC's outs. Commands with overrides, and `reprodx run`,
call the same functions on a configuration of their own and write below `outputs/`.
"""

from __future__ import annotations

import logging
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from reprodx import start
from reprodx.artifacts.files import read_json
from reprodx.artifacts.locations import DVC_OUTS, Locations, checkpoint_folder, home, own_locations
from reprodx.artifacts.missing_outs import complete_outs
from reprodx.artifacts.prepared import read_manifest
from reprodx.artifacts.stage_deps import refuse_unwatched, unedited_sources
from reprodx.config.composition import COMPONENTS, TABULAR, read_params, validate
from reprodx.config.identity import cases_hash, config_hash, named_files
from reprodx.config.targets import TARGET, is_generator, resolve_class
from reprodx.errors import ArtifactError, ConfigError
from reprodx.hashing import sha256_of_path
from reprodx.schemas import VAL, Task
from reprodx.tracking.provenance import EDITED, TRAINED_BEFORE, edit_tags, mixed_tags, provenance_of_process
from reprodx.training.finished_training import FinishedTraining
from reprodx.training.model_code import is_of_other_code, note_code

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reprodx.config import Config
    from reprodx.tracking.description import RunDescription
    from reprodx.tracking.run import Run
    from reprodx.tracking.store import Store

logger = logging.getLogger(__name__)

OBJECTIVE = "auroc"
"""What a sweep optimises: on validation, never on test."""


def components_of(command: str) -> tuple[str, ...]:
    """Return the sections whose classes a command uses; `prepare` must not import torch."""
    return TABULAR if command == "prepare" else COMPONENTS


def run_stage_of_dvc(command: str) -> None:
    """Run one stage on `params.yaml` and DVC's outs.

    Args:
        command: "prepare", "train" or "evaluate".

    Raises:
        ConfigError: If `params.yaml` is absent or not valid, or names a file that DVC does not look at.
        ArtifactError: If an earlier stage has not run, or ran with other settings; if the source was edited meanwhile.
    """
    config = validate(read_params(), components=components_of(command))
    start.ensure(config.trainer.portable)
    with unedited_sources(command):
        _run_stage(command, config)


def _run_stage(command: str, config: Config) -> None:
    if command == "prepare":
        from reprodx.stages.prepare import prepare_for_dvc

        prepare_for_dvc(config)
        return
    refuse_unwatched(command, {key: path for key, path in named_files(config).items() if not key.startswith("data.")})
    if read_manifest(DVC_OUTS.prepared)["fingerprint"]["cases_hash"] != cases_hash(config):
        raise ArtifactError(
            f"{DVC_OUTS.prepared} was prepared with other data or split settings than params.yaml has: run `dvc repro`"
        )
    with _alone(config):
        _run_tracked(command, config, DVC_OUTS, _open_store(config))
    if command == "evaluate":
        complete_outs(DVC_OUTS)


def run_command(
    command: str,
    config: Config,
    *,
    parent_run_id: str | None = None,
    again: bool = False,
    is_reported: bool = True,
) -> float | None:
    """Run a command on a configuration of its own; `run` does only what is missing where it has ended before.

    Args:
        command: "prepare", "train", "evaluate" or "run".
        config: The validated configuration.
        parent_run_id: The tracked run of the sweep that this is a trial of.
        again: Whether to run what has ended before, unless it was in this very sweep.
        is_reported: Whether report, plots, model card, explanations and the served model are made too.

    Returns:
        The validation AUROC where there is one, which a generator has not, for launchers that optimise.

    Raises:
        ConfigError: If the model cannot take what the dataset reads; nothing has run then.
        TrackingError: If the tracking store does not answer; nothing has run then.
    """
    from reprodx.stages.prepare import find_or_prepare, show_warnings

    if command == "prepare":
        folder = find_or_prepare(config)
        logger.info("prepare: cases are in %s", folder)
        show_warnings(folder)
        return None
    # Before cases are prepared, which may take minutes in which the source is edited.
    provenance_of_process(Path.cwd())
    _check_model(config)
    store = _open_store(config)
    locations = own_locations(config_hash(config), find_or_prepare(config))
    show_warnings(locations.prepared)
    with _alone(config):
        if command == "run" and _has_finished(config, locations, store, parent_run_id, again=again):
            if is_reported:
                _complete(config, locations, store, parent_run_id)
            return objective(locations)
        _run_tracked(command, config, locations, store, parent_run_id, is_reported=is_reported)
    if command == "train":
        return None
    logger.info("%s: results are in %s", command, locations.results)
    if command == "run":
        # Again: what stands above the lines of training is read by nobody.
        show_warnings(locations.prepared)
    return objective(locations)


@contextmanager
def _alone(config: Config) -> Iterator[None]:
    """Let one process at a time be at a configuration, whose checkpoint and results have one place; wait for others."""
    lock = FileLock(home() / ".cache" / "running" / f"{config_hash(config)}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        logger.info("another process is running this configuration: waiting until it has ended")
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def _check_model(config: Config) -> None:
    """Refuse a model that cannot take the cases before they are read, which may take minutes."""
    from reprodx.training.architecture import check_fits

    modality = getattr(resolve_class(config.data[TARGET], "data"), "modality", None)
    if modality is not None:
        check_fits(config.model, modality)


def _open_store(config: Config) -> Store | None:
    from reprodx.tracking.store_here import open_own_store

    return open_own_store(config.tracking)


def _run_tracked(
    command: str,
    config: Config,
    locations: Locations,
    store: Store | None,
    parent_run_id: str | None = None,
    *,
    is_reported: bool = True,
) -> None:
    """Run train, evaluate, or both, inside the tracked run of the configuration."""
    from reprodx.tracking.description import describe, identity_tags
    from reprodx.tracking.finished_run import FinishedRun
    from reprodx.tracking.open_runs import kept_open
    from reprodx.tracking.patient_ids import described

    manifest = read_manifest(locations.prepared)
    _check_prevalence(config, manifest["task"])
    description = described(describe(config, manifest, parent_run_id), config, store, locations.prepared)
    with kept_open(lambda: _open_run(command, store, description)) as run:
        finished = FinishedTraining(checkpoint_folder(description.config_hash), locations)
        if command == "run" and finished.is_here():
            logger.info("train: had ended before; going on at the evaluation")
        elif command in {"train", "run"}:
            from reprodx.stages.train import train

            train(config, locations, run)
            note_code(locations.models)
        if command == "run":
            finished.note()
        if command in {"evaluate", "run"}:
            from reprodx.tracking.results import log_results

            _evaluate(config, locations, is_reported=is_reported)
            if command == "run":
                FinishedRun(home(), identity_tags(config, manifest), locations).note()
            log_results(run, config, locations)
            description.say_obstacles()
        _note_mixed_code(run, locations)
    # Not sooner: a kill would lose what is removed.
    finished.remove(with_checkpoint=command != "evaluate")


def _note_mixed_code(run: Run, locations: Locations) -> None:
    """Say of a run, in the end where it is read, that no one state of the code made it."""
    edited = edit_tags(Path.cwd())
    if edited:
        run.set_tags(edited)
    elif locations.models.is_dir() and is_of_other_code(locations.models):
        run.set_tags(mixed_tags(Path.cwd(), sha256_of_path(locations.models), TRAINED_BEFORE))
    else:
        return
    logger.warning(
        "%s: what came out is of no one state of the code; train again", EDITED if edited else TRAINED_BEFORE
    )


def _check_prevalence(config: Config, task: str) -> None:
    """Refuse a prevalence that nothing would be taken at, before anything is trained."""
    if config.evaluation.prevalence is not None and task in {Task.MULTICLASS, Task.MULTILABEL}:
        raise ConfigError("evaluation.prevalence is about one positive class, the target has several: leave it null")


def _evaluate(config: Config, locations: Locations, *, is_reported: bool) -> None:
    if is_generator(config.model):
        from reprodx.stages.evaluate_generator import evaluate_generator

        evaluate_generator(config, locations)
    else:
        from reprodx.stages.evaluate import evaluate

        evaluate(config, locations, is_reported=is_reported)


def _open_run(command: str, store: Store | None, description: RunDescription) -> Run:
    """Go on with the run that training left, finished or killed; else start one."""
    from reprodx.tracking.runs import go_on_or_start, open_run_for_evaluation

    return (open_run_for_evaluation if command == "evaluate" else go_on_or_start)(store, description)


def _has_finished(
    config: Config, locations: Locations, store: Store | None, parent_run_id: str | None, *, again: bool
) -> bool:
    """Say where the results of a configuration are that has been run, here and in the store."""
    from reprodx.tracking.description import identity_tags
    from reprodx.tracking.finished_run import FinishedRun

    if again and parent_run_id is None:
        return False
    finished = FinishedRun(home(), identity_tags(config, read_manifest(locations.prepared)), locations)
    if not finished.is_here():
        return False
    run_id = None
    if store is not None:
        run_id = finished.tracked_in(store, config.data["name"], parent_run_id if again else None)
        if run_id is None:
            return False
    FinishedTraining(checkpoint_folder(config_hash(config)), locations).remove(with_checkpoint=True)
    logger.info(
        "run: had ended before%s; results are in %s; --again runs it once more",
        *(f" as run {run_id}" if run_id else "", locations.results),
    )
    return True


def report_of(config: Config, *, parent_run_id: str | None = None) -> Path | None:
    """Make what people read of a configuration that has been run, unless it is there.

    Args:
        config: The validated configuration.
        parent_run_id: The tracked run of the sweep that it is a trial of.

    Returns:
        The report; None where no run of this code on these data has ended.

    Raises:
        ArtifactError: If what the run left is absent or damaged.
        TrackingError: If the tracking store does not answer.
    """
    from reprodx.stages.prepare import find_or_prepare

    locations = own_locations(config_hash(config), find_or_prepare(config))
    with _alone(config):
        has_ended = _complete(config, locations, _open_store(config), parent_run_id)
    return locations.report if has_ended else None


def _complete(config: Config, locations: Locations, store: Store | None, parent_run_id: str | None) -> bool:
    from reprodx.stages.evaluate import report
    from reprodx.tracking.description import describe, identity_tags
    from reprodx.tracking.finished_run import FinishedRun
    from reprodx.tracking.open_runs import kept_open
    from reprodx.tracking.patient_ids import described
    from reprodx.tracking.results import log_results
    from reprodx.tracking.runs import reopen_run

    manifest = read_manifest(locations.prepared)
    finished = FinishedRun(home(), identity_tags(config, manifest), locations)
    if not finished.is_here():
        return False
    if finished.is_reported(store, config.data["name"]):
        return True
    run_id = None if store is None else finished.tracked_in(store, config.data["name"])
    description = described(describe(config, manifest, parent_run_id), config, store, locations.prepared)
    with kept_open(lambda: reopen_run(store, run_id, description)) as run:
        report(config, locations)
        log_results(run, config, locations)
    return True


def objective(locations: Locations) -> float | None:
    """Return what a sweep optimises of a run; None where validation has no such number."""
    scores = read_json(locations.metrics, made_by="evaluate")[VAL]
    value: float | None = scores.get(OBJECTIVE, {}).get("value")
    return value
