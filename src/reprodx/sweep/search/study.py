"""The study of a search: what was drawn, what came of it, and which trials died.

Optuna's own heartbeat acts in `study.optimize` alone. Here each running trial carries the process that runs it and,
for those of other machines, a sign of life; one that died is told to have failed, and its values are asked again.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from filelock import FileLock

from reprodx.artifacts.locations import home
from reprodx.errors import ConfigError
from reprodx.redaction import without_secrets
from reprodx.sweep.search.draws import DIED, WARMUP_EPOCHS, pruner_of, sampler_of
from reprodx.tracking.processes import is_alive, is_dead, own

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from optuna.storages import BaseStorage
    from optuna.study import Study
    from optuna.trial import FrozenTrial, Trial

    from reprodx.sweep.search.settings import SearchSettings
    from reprodx.sweep.search.space import Space

PROCESS, SIGN, RUNS, LISTED = "process", "sign", "runs", "listed"
"""Attributes of trials, and of a study whose grid is queued."""
STARTED = "started"
"""Attribute of a study: the latest command's overrides, the objectives, and how many trials are wanted."""


def studies_folder() -> Path:
    """Return where the journals of studies lie."""
    return home() / ".cache" / "studies"


def open_study(name: str, settings: SearchSettings, num_steps: int, warmup: int = WARMUP_EPOCHS) -> Study:
    """Return the study of a search, which other processes may have open too.

    Args:
        name: See `settings.study_name`.
        settings: Of the search.
        num_steps: At most of a trial, which Hyperband divides: epochs, or runs of a configuration.
        warmup: Steps before a trial is compared with others.

    Returns:
        The study, whose draws depend on its seed and what was drawn before alone.

    Raises:
        ConfigError: If Optuna is absent, or the storage refuses.
    """
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        return optuna.create_study(
            storage=_storage(name, settings.storage),
            sampler=sampler_of(settings),
            pruner=pruner_of(settings, num_steps, warmup),
            study_name=name,
            directions=settings.directions,
            load_if_exists=True,
        )
    except Exception as error:
        if settings.storage is None:
            raise
        raise ConfigError(
            f"hydra.sweeper.storage: {without_secrets(settings.storage)} refuses ({type(error).__name__}): is the "
            "server there, its driver installed (pip install 'reprodx[postgres]'), name and password right?"
        ) from error


def ask(study: Study, settings: SearchSettings) -> Trial | None:
    """Return the next trial, or None where as many have run as were asked for.

    Args:
        study: Of the search.
        settings: Its `n_trials` is how many are to run, those that died not counted.

    Returns:
        The trial, marked as this process's.
    """
    with _one_at_a_time(study):
        bury_dead(study, settings.dead_after)
        if num_begun(study) >= num_wanted(study, settings):
            return None
        trial = study.ask()
        trial.set_user_attr(PROCESS, own())
        trial.set_user_attr(SIGN, time.time())
        return trial


def num_begun(study: Study) -> int:
    """Return how many trials were begun, those that died not counted."""
    from optuna.trial import TrialState

    trials = study.get_trials(deepcopy=False)
    return sum(DIED not in one.user_attrs and one.state != TrialState.WAITING for one in trials)


def num_wanted(study: Study, settings: SearchSettings) -> int:
    """Return how many trials are to run: of a grid all, unless fewer are asked for."""
    listed: int | None = study.user_attrs.get(LISTED)
    return settings.n_trials if listed is None else listed


def bury_dead(study: Study, dead_after: float) -> int:
    """Tell that the running trials of dead processes have failed, and queue their values.

    Args:
        study: Of the search.
        dead_after: Seconds without a sign after which a trial of another machine has died.

    Returns:
        How many there were.
    """
    from optuna.trial import TrialState

    num_dead = 0

    for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
        if not _has_died(trial, dead_after):
            continue
        try:
            study._storage.set_trial_user_attr(trial._trial_id, DIED, value=True)
            study._storage.set_trial_state_values(trial._trial_id, TrialState.FAIL)
        except (KeyError, RuntimeError):
            # Another worker was faster.
            continue
        study.enqueue_trial(trial.params)
        num_dead += 1
    return num_dead


def give_sign(trial: Trial) -> None:
    """Note that the process of a trial is there."""
    trial.set_user_attr(SIGN, time.time())


def note_runs(trial: Trial, config_hashes: Sequence[str]) -> None:
    """Note which runs a trial is made of."""
    trial.set_user_attr(RUNS, list(config_hashes))


def note_start(study: Study, overrides: Sequence[str], objectives: Sequence[str], num_wanted: int) -> None:
    """Note by which command a search was started last.

    Args:
        study: Of the search.
        overrides: All that the command was given.
        objectives: What is scored.
        num_wanted: How many trials are to run.
    """
    # A password stays where it was typed.
    is_open = all(without_secrets(one) == one for one in overrides)
    told = {"overrides": list(overrides) if is_open else None, "objectives": list(objectives), "wanted": num_wanted}
    if study.user_attrs.get(STARTED) != told:
        study.set_user_attr(STARTED, told)


def queue_grid(study: Study, space: Space) -> None:
    """Queue every combination of a grid, once."""
    if LISTED in study.user_attrs:
        return
    points = space.points()
    for point in points:
        study.enqueue_trial(point, skip_if_exists=True)
    study.set_user_attr(LISTED, len(points))


def best_of(study: Study) -> FrozenTrial | None:
    """Return the best trial that ran to its end: the first of equal ones, and of several objectives by the first."""
    return next(iter(ranked(study)), None)


def ranked(study: Study) -> list[FrozenTrial]:
    """Return the trials that ran to their end, the best first."""
    from optuna.study import StudyDirection
    from optuna.trial import TrialState

    ended = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    sign = -1 if study.directions[0] == StudyDirection.MAXIMIZE else 1
    return sorted(ended, key=lambda one: (sign * one.values[0], one.number))


def read_study(name: str) -> Study:
    """Return a study that has a journal here, to be looked at.

    Args:
        name: See `settings.study_name`.

    Returns:
        The study.

    Raises:
        ConfigError: If the journal has none, as of a search that was killed when it began.
    """
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        return optuna.load_study(study_name=name, storage=_storage(name, None))
    except KeyError as error:
        raise ConfigError(f"{name}: its journal holds no study yet; give the command of the search again") from error


def _has_died(trial: FrozenTrial, dead_after: float) -> bool:
    process, sign = trial.user_attrs.get(PROCESS), trial.user_attrs.get(SIGN)
    if process is not None and is_alive(process):
        return False
    if process is not None and is_dead(process):
        return True
    began = trial.datetime_start.timestamp() if trial.datetime_start else 0.0
    return time.time() - (sign or began) > dead_after


@contextmanager
def _one_at_a_time(study: Study) -> Iterator[None]:
    """Let one worker of this machine ask at a time, so that no more are begun than were wanted."""
    with FileLock(studies_folder() / f"{study.study_name}.ask"):
        yield


def _storage(name: str, address: str | None) -> BaseStorage | str:
    if address is not None:
        return address
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend
    from optuna.storages.journal._file import BaseJournalFileLock

    folder = studies_folder()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.log"

    class Lock(BaseJournalFileLock):
        """The kernel's: gone with the process that holds it, where Optuna's own would be waited for."""

        def __init__(self) -> None:
            self._lock = FileLock(path.with_suffix(".lock"))

        def acquire(self) -> bool:
            self._lock.acquire()
            return True

        def release(self) -> None:
            self._lock.release()

    return JournalStorage(JournalFileBackend(str(path), Lock()))
