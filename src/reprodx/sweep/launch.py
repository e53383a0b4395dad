"""Commands with overrides: composed and run here, or handed to Hydra's launchers as the trials of a sweep.

A failing trial does not stop the others; the first error is raised when all have ended.
"""

from __future__ import annotations

import functools
import itertools
import logging
import math
import os
import sys
from typing import TYPE_CHECKING

from reprodx import start
from reprodx.config.complaints import composition_error
from reprodx.config.composition import check_conf, compose, compose_each, resolve, validate
from reprodx.config.identity import config_hash
from reprodx.config.override_grammar import parse
from reprodx.config.targets import nearest
from reprodx.config.values import refuse_secret
from reprodx.config.yaml_files import CONF
from reprodx.errors import ConfigError, Interrupted, ReprodxError
from reprodx.hashing import sha256_of_path
from reprodx.interruption import heeded
from reprodx.pipeline import components_of, run_command
from reprodx.redaction import mask_output
from reprodx.schemas import Extent
from reprodx.sweep.search.search import is_search
from reprodx.sweep.trials import run_trials
from reprodx.sweep.winner import extent_of_trials, report_winner

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import Any

    from hydra.core.override_parser.types import Override
    from omegaconf import DictConfig

    from reprodx.config import Config

OF_HYDRA = ("-", "hydra", "+hydra")
"""How flags and settings of Hydra itself begin."""
FLAGS = (
    *("-h", "--help", "--hydra-help", "--version", "-c", "--cfg", "--resolve", "-p", "--package", "-r", "--run"),
    *("-m", "--multirun", "-sc", "--shell-completion", "-cp", "--config-path", "-cn", "--config-name"),
    *("-cd", "--config-dir", "--experimental-rerun", "-i", "--info"),
)
"""Hydra's own."""
SAMPLER = "hydra/sweeper"
"""The group of what draws values from intervals."""
MOST_TRIALS = 10_000
"""Of one sweep; a list is longer by mistake."""

DECIDE_PORTABLE = ("experiment", "trainer", "trainer.portable", "trainer.accelerator")
"""The overrides that can change `trainer.portable`, or may not stand beside it."""

logger = logging.getLogger(__name__)


def launch(command: str, overrides: Sequence[str], *, multirun: bool, again: bool = False) -> None:
    """Run a command on what the overrides compose.

    Args:
        command: "prepare", "train", "evaluate" or "run".
        overrides: Hydra's, such as `model=mlp,logistic` or `seed=1`.
        multirun: Whether lists of values span a sweep.
        again: Whether `run` runs what has ended before.

    Raises:
        ConfigError: If an override fits nothing in `conf/`, or holds a password.
    """
    for override in overrides:
        refuse_secret(override, override.partition("=")[0])
    _refuse_unknown_flags(command, overrides)
    if not multirun and not any(override.startswith("-") for override in overrides):
        config = _begun(compose(overrides), command)
        if command == "run" and config.sweep.trials:
            run_trials([overrides], again=again)
        else:
            run_command(command, config, again=again)
        return
    _begin_for_all(overrides)
    if not multirun:
        _run_hydra(overrides, _trial(command, None, again=again))
    elif command == "prepare":
        first_choices(overrides)
        _run_hydra(["--multirun", *overrides], _trial(command, None, again=again))
    elif command == "run" and is_search(overrides):
        _search(overrides)
    else:
        _sweep(command, overrides, again=again)


def _begun(plain: Mapping[str, Any], command: str) -> Config:
    """Begin the process as a configuration wants it, before the classes that it names are imported; return it."""
    start.ensure(validate(plain, components=()).trainer.portable)
    return validate(plain, components=components_of(command))


def _begin_for_all(overrides: Sequence[str]) -> None:
    deciding = [override for override in overrides if override.partition("=")[0].lstrip("+") in DECIDE_PORTABLE]
    wanted = {validate(compose(chosen), components=()).trainer.portable for chosen in combinations(deciding)}
    if len(wanted) > 1:
        raise ConfigError("trainer.portable: the trials of a sweep run in one process; sweep true and false apart")
    start.ensure(wanted.pop())


def _search(overrides: Sequence[str]) -> None:
    """Draw the trials of a sweep, and report the best."""
    from reprodx.sweep.search.search import search

    of_hydra = [override for override in overrides if override.startswith(OF_HYDRA)]
    settings = [override for override in overrides if not override.startswith(OF_HYDRA)]
    search(settings, of_hydra=of_hydra, run_hydra=lambda arguments, job: _run_hydra(arguments, _job(job)))


def _job(run: Callable[[DictConfig], None]) -> Callable[[DictConfig], None]:
    """Return a function that Hydra's launchers may run in a process of its own."""

    def job(composed: DictConfig) -> None:
        _begin_job()
        with heeded():
            run(composed)

    return job


def _sweep(command: str, overrides: Sequence[str], *, again: bool) -> None:
    """Run all trials under one tracked run."""
    from reprodx.tracking.open_runs import end_dead_runs, kept_open
    from reprodx.tracking.runs import sweep_parent
    from reprodx.tracking.store_here import open_own_store

    first = validate(compose(first_choices(overrides)), components=components_of(command))
    if command == "run" and first.sweep.trials:
        _refuse_settings_of_hydra(overrides)
        run_trials(list(combinations(overrides)), again=again)
        return
    store = open_own_store(first.tracking)
    conf_hash, trials = sha256_of_path(CONF), _listed_trials(overrides)
    hashes = [config_hash(trial) for trial in trials]
    # Of trials that are drawn nothing is known that an edit could change.
    begun = (conf_hash, hashes) if trials else None
    # What it is known by when it is started again: its trials, or what draws them.
    known_by = [command, *(hashes or overrides)]
    parent_of = functools.partial(sweep_parent, again=again or command != "run")
    with kept_open(lambda: parent_of(store, first.data["name"], first.sweep.name, known_by)) as parent:
        try:
            _run_hydra(["--multirun", *overrides], _trial(command, parent.run_id, again=again, begun=begun))
        except Interrupted:
            # A launcher may have ended the processes of trials before they could.
            if store is not None:
                end_dead_runs(store)
            raise
        except ReprodxError:
            # The others have ended; why one failed is not to be hidden by what fails afterwards.
            try:
                _report(command, trials, parent.run_id)
            except ReprodxError as error:
                logger.error("sweep: %s", error)  # noqa: TRY400 - a person's mistake has no traceback
            raise
        _report(command, trials, parent.run_id)


def _report(command: str, trials: Sequence[Config], parent_run_id: str | None) -> None:
    if command == "run":
        report_winner(trials, parent_run_id)


def _listed_trials(overrides: Sequence[str]) -> list[Config]:
    """Return the trials of a sweep; none where a sampler draws them."""
    if _is_drawn(overrides):
        return []
    return [validate(plain, components=()) for plain in compose_each(combinations(overrides))]


def _is_drawn(overrides: Sequence[str]) -> bool:
    """Tell whether a sampler draws the trials, so that nobody knows them before."""
    return any(override.partition("=")[0].lstrip("+") == SAMPLER for override in overrides)


def first_choices(overrides: Sequence[str]) -> list[str]:
    """Return the overrides of a sweep's first trial.

    Args:
        overrides: Hydra's, with lists or ranges of values.

    Returns:
        The same overrides with one value each; flags, and settings of Hydra itself, are left out.

    Raises:
        ConfigError: If an override cannot be parsed.

    >>> first_choices(["model=mlp,logistic", "seed=3"])
    ['model=mlp', 'seed=3']
    """
    return next(combinations(overrides))


def combinations(overrides: Sequence[str]) -> Iterator[list[str]]:
    """Yield the overrides of every trial of a sweep.

    Args:
        overrides: Hydra's, with lists or ranges of values.

    Yields:
        The same overrides with one value each; flags, and settings of Hydra itself, are left out.

    Raises:
        ConfigError: If an override cannot be parsed.

    >>> list(combinations(["model=mlp", "seed=0,1"]))
    [['model=mlp', 'seed=0'], ['model=mlp', 'seed=1']]
    """
    import hydra
    from hydra.core.global_hydra import GlobalHydra

    check_conf()
    settings = [override for override in overrides if not override.startswith(OF_HYDRA)]
    has_sampler = _is_drawn(overrides)
    with hydra.initialize_config_dir(str(CONF.resolve()), version_base="1.3"):
        parsed = parse(settings, may_sweep=True, loader=GlobalHydra.instance().config_loader())
        choices = [_values(override, has_sampler=has_sampler) for override in parsed]
    if (num_trials := math.prod(map(len, choices))) > MOST_TRIALS:
        raise ConfigError(f"the sweep has {num_trials:,} trials, more than {MOST_TRIALS:,}: list fewer values")
    for chosen in itertools.product(*choices):
        yield list(chosen)


def _values(override: Override, *, has_sampler: bool) -> list[str]:
    """Return an override with each of its values; of an interval, which a sampler draws from, with its start."""
    from hydra.core.override_parser.types import IntervalSweep, RangeSweep

    text = override.input_line or ""
    if not override.is_sweep_override():
        return [text]
    key, _, asked = text.partition("=")
    span = override.value()
    if isinstance(span, IntervalSweep):
        if has_sampler:
            return [f"{key}={span.start}"]
        raise ConfigError(
            f"{text}: has no values that could be listed; give some, such as choice(0.001,0.01), or range(1,10,3), or "
            f"name a sampler, {SAMPLER}=optuna"
        )
    if isinstance(span, RangeSweep) and (not span.step or (span.stop - span.start) / span.step > MOST_TRIALS):
        raise ConfigError(f"{text}: never ends, or lists more than {MOST_TRIALS:,} values; list fewer")
    if not (values := list(override.sweep_string_iterator())):
        options = sorted(file.stem for file in (CONF / override.key_or_group).glob("*.yaml"))
        known = nearest(asked, options) if options else f"{override.key_or_group} has no options to select from"
        raise ConfigError(f"{text}: lists no value; {known}")
    return [f"{key}={value}" for value in values]


def _refuse_unknown_flags(command: str, overrides: Sequence[str]) -> None:
    for override in overrides:
        if override.startswith("-") and override.partition("=")[0] not in FLAGS:
            raise ConfigError(f"{override}: `reprodx {command}` has no such option; settings are KEY=VALUE")


def _refuse_settings_of_hydra(overrides: Sequence[str]) -> None:
    for override in overrides:
        if override.startswith(OF_HYDRA):
            raise ConfigError(
                f"{override}: the trials of sweep.trials are run without Hydra's launchers; leave it out, or give "
                "sweep.trials=null"
            )


def _trial(
    command: str, parent_run_id: str | None, *, again: bool, begun: tuple[str, Sequence[str]] | None = None
) -> Callable[[DictConfig], float | None]:
    """Return what Hydra calls for each trial; `begun` are the hashes of `conf/` and of all trials at the start."""
    conf = CONF.resolve()

    def trial(composed: DictConfig) -> float | None:
        _begin_job()
        try:
            # A launcher may have a process for each trial.
            with heeded():
                config = validate(resolve(composed), components=components_of(command))
                # Hydra reads the files anew for each.
                if begun and config_hash(config) not in begun[1] and sha256_of_path(conf) != begun[0]:
                    raise ConfigError("conf/ was edited while the sweep ran, which has no such trial: start it again")
                # Which of drawn trials is the best is known to the sampler alone.
                is_ranked = command == "run" and begun is not None
                extent = extent_of_trials(config.sweep, is_search=False) if is_ranked else Extent.REPORTED
                return run_command(command, config, parent_run_id=parent_run_id, again=again, extent=extent)
        except ReprodxError as error:
            # The launcher raises the first error alone, after the last trial.
            logger.error("trial failed: %s", error)  # noqa: TRY400 - a person's mistake has no traceback
            raise

    return trial


def _begin_job() -> None:
    """Say and mask what the command line does, in a process that a launcher may have made."""
    mask_output()
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)


def _run_hydra(arguments: Sequence[str], trial: Callable[[DictConfig], Any]) -> None:
    import hydra
    from hydra.errors import HydraException
    from omegaconf.errors import OmegaConfBaseException

    sys.argv = ["reprodx", *arguments]
    # Without this Hydra prints errors in its own words and ends the process with 1.
    os.environ["HYDRA_FULL_ERROR"] = "1"
    try:
        hydra.main(version_base="1.3", config_path=str(CONF.resolve()), config_name="config")(trial)()
    except (HydraException, OmegaConfBaseException) as error:
        raise composition_error(error, arguments) from error
