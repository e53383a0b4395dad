"""The stages in order, and the tracked run around them.

`dvc repro` calls the stages one by one on `params.yaml` and DVC's outs. Commands with overrides, and `reprodx run`,
call the same functions on a configuration of their own and write below `outputs/`.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from reprodx import start
from reprodx.artifacts.locations import DVC_OUTS, Locations, checkpoint_folder, home, own_locations
from reprodx.artifacts.missing_outs import complete_outs
from reprodx.artifacts.prepared import read_manifest
from reprodx.artifacts.running import alone
from reprodx.artifacts.stage_deps import refuse_unwatched, unedited_sources
from reprodx.config.composition import COMPONENTS, TABULAR, read_params, validate
from reprodx.config.identity import cases_hash, config_hash, named_files
from reprodx.config.targets import TARGET, is_generator, resolve_class
from reprodx.ended_run import complete, find_ended, objective, say_ended
from reprodx.errors import ArtifactError, ConfigError
from reprodx.hashing import sha256_of_path
from reprodx.schemas import Extent, Task
from reprodx.tracking.provenance import EDITED, TRAINED_BEFORE, edit_tags, mixed_tags, provenance_of_process
from reprodx.training.finished_training import FinishedTraining
from reprodx.training.model_code import is_of_other_code, note_code

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from reprodx.config import Config
    from reprodx.tracking.description import RunDescription
    from reprodx.tracking.run import Run
    from reprodx.tracking.store import Store

logger = logging.getLogger(__name__)


def components_of(command: str) -> tuple[str, ...]:
    """Return the sections whose classes a command uses; `prepare` must not import torch."""
    return TABULAR if command == "prepare" else COMPONENTS


def run_stage_of_dvc(command: str, *, extent: Extent = Extent.REPORTED) -> None:
    """Run one stage on `params.yaml` and DVC's outs.

    Args:
        command: "prepare", "train" or "evaluate".
        extent: How far `evaluate` judges.

    Raises:
        ConfigError: If `params.yaml` is absent or not valid, or names a file that DVC does not look at.
        ArtifactError: If an earlier stage has not run, or ran with other settings; if the source was edited meanwhile.
    """
    config = validate(read_params(), components=components_of(command))
    start.ensure(config.trainer.portable)
    with unedited_sources(command):
        _run_stage(command, config, extent)


def _run_stage(command: str, config: Config, extent: Extent) -> None:
    if command == "prepare":
        from reprodx.stages.prepare import prepare_for_dvc

        prepare_for_dvc(config)
        return
    from reprodx.tracking.store_here import open_own_store

    refuse_unwatched(command, {key: path for key, path in named_files(config).items() if not key.startswith("data.")})
    if read_manifest(DVC_OUTS.prepared)["fingerprint"]["cases_hash"] != cases_hash(config):
        raise ArtifactError(
            f"{DVC_OUTS.prepared} was prepared with other data or split settings than params.yaml has: run `dvc repro`"
        )
    with alone(config_hash(config)):
        _run_tracked(command, config, DVC_OUTS, open_own_store(config.tracking), extent=extent)
    if command == "evaluate":
        complete_outs(DVC_OUTS)


def run_command(
    command: str,
    config: Config,
    *,
    parent_run_id: str | None = None,
    again: bool = False,
    extent: Extent = Extent.REPORTED,
    on_epoch: Callable[[int, Mapping[str, float]], None] | None = None,
) -> float | None:
    """Run a command on a configuration of its own; `run` does only what is missing where it has ended before.

    Args:
        command: "prepare", "train", "evaluate" or "run".
        config: The validated configuration.
        parent_run_id: The tracked run of the sweep that this is a trial of.
        again: Whether to run what has ended before, unless it was in this very sweep.
        extent: How far it is judged: a search opens the test split for what it chose alone.
        on_epoch: Is given the number of each epoch or boosting iteration, from 1, and its metrics; its errors end
            the training.

    Returns:
        The validation AUROC where there is one, which a generator has not, for launchers that optimise.

    Raises:
        ConfigError: If the model cannot take what the dataset reads; nothing has run then.
        TrackingError: If the tracking store does not answer; nothing has run then.
    """
    from reprodx.stages.prepare import find_or_prepare, show_warnings
    from reprodx.tracking.store_here import open_own_store

    if command == "prepare":
        folder = find_or_prepare(config)
        logger.info("prepare: cases are in %s", folder)
        show_warnings(folder)
        return None
    # Before cases are prepared, which may take minutes in which the source is edited.
    provenance_of_process(Path.cwd())
    _check_model(config)
    store = open_own_store(config.tracking)
    locations = own_locations(config_hash(config), find_or_prepare(config))
    show_warnings(locations.prepared)
    with alone(config_hash(config)):
        if command == "run" and (parent_run_id is not None or not again):
            ended = find_ended(config, locations, store, parent_run_id=parent_run_id if again else None)
            if ended is not None:
                say_ended(config, locations, ended)
                complete(config, locations, store, ended, extent, parent_run_id)
                return objective(locations)
        _run_tracked(command, config, locations, store, parent_run_id, extent=extent, on_epoch=on_epoch)
    if command == "train":
        return None
    logger.info("%s: results are in %s", command, locations.results)
    if command == "run":
        # Again: what stands above the lines of training is read by nobody.
        show_warnings(locations.prepared)
    return objective(locations)


def _check_model(config: Config) -> None:
    """Refuse a model that cannot take the cases before they are read, which may take minutes."""
    from reprodx.training.architecture import check_fits

    modality = getattr(resolve_class(config.data[TARGET], "data"), "modality", None)
    if modality is not None:
        check_fits(config.model, modality)


def _run_tracked(
    command: str,
    config: Config,
    locations: Locations,
    store: Store | None,
    parent_run_id: str | None = None,
    *,
    extent: Extent = Extent.REPORTED,
    on_epoch: Callable[[int, Mapping[str, float]], None] | None = None,
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

            train(config, locations, run, on_epoch)
            note_code(locations.models)
        if command == "run":
            finished.note()
        if command in {"evaluate", "run"}:
            from reprodx.tracking.results import log_results

            _evaluate(config, locations, extent)
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


def _evaluate(config: Config, locations: Locations, extent: Extent) -> None:
    if is_generator(config.model):
        from reprodx.stages.evaluate_generator import evaluate_generator

        evaluate_generator(config, locations)
    else:
        from reprodx.stages.evaluate import evaluate

        evaluate(config, locations, extent=extent)


def _open_run(command: str, store: Store | None, description: RunDescription) -> Run:
    """Go on with the run that training left, finished or killed; else start one."""
    from reprodx.tracking.runs import go_on_or_start, open_run_for_evaluation

    return (open_run_for_evaluation if command == "evaluate" else go_on_or_start)(store, description)
