"""How searches stand, which configuration is best, and going on with one: read from the journals of their studies."""

from __future__ import annotations

import importlib.util
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reprodx.artifacts.locations import own_locations
from reprodx.config.targets import nearest
from reprodx.errors import ConfigError
from reprodx.sweep.search.draws import DIED
from reprodx.sweep.search.optimism import without_luck
from reprodx.sweep.search.space import overrides_of
from reprodx.sweep.search.study import PROCESS, RUNS, STARTED, best_of, ranked, read_study, studies_folder
from reprodx.tracking.processes import is_dead

if TYPE_CHECKING:
    from optuna.study import Study
    from optuna.trial import FrozenTrial

MOST_ROWS = 10
"""Of a leaderboard."""


def status(name: str | None) -> None:
    """Print how each search of this folder stands, or the best trials of one.

    Args:
        name: Of the study or its beginning; all by default.

    Raises:
        ConfigError: If there is none of that name.
    """
    if name is None:
        for one in _names():
            try:
                _print(_headline(read_study(one)))
            except ConfigError as error:
                _print(str(error))
        return
    study = read_study(_only(name))
    _print(_headline(study))
    for trial in ranked(study)[:MOST_ROWS]:
        _print(f"  {_scores(study, trial)}  trial {trial.number}: {' '.join(overrides_of(trial.params))}")


def best(name: str | None) -> None:
    """Print the best configuration of a search, and how it is had.

    Args:
        name: Of the study or its beginning; may be left out where there is one search.

    Raises:
        ConfigError: If no search is meant, or none of its trials ran to its end.
    """
    study = read_study(_only(name))
    ended = ranked(study)
    if not ended:
        raise ConfigError(f"{study.study_name}: no trial ran to its end")
    trial = ended[0]
    _print(f"{_scores(study, trial)} on validation, trial {trial.number}: {' '.join(overrides_of(trial.params))}")
    for one in trial.user_attrs.get(RUNS, []):
        _print(f"  its results: {own_locations(one, Path()).results}")
    _print(without_luck(ended, study.user_attrs.get(STARTED, {}).get("objectives", ["auroc"])[0]))


def resume(name: str | None) -> None:
    """Repeat the command that started a search, which goes on until as many trials have run as it wants.

    Args:
        name: Of the study or its beginning; may be left out where there is one search.

    Raises:
        ConfigError: If no search is meant, or its command was not recorded.
    """
    from reprodx.sweep.launch import launch

    study = read_study(_only(name))
    overrides = study.user_attrs.get(STARTED, {}).get("overrides")
    if overrides is None:
        raise ConfigError(
            f"{study.study_name}: its command was not recorded, as one that holds a password is not; give it again"
        )
    launch("run", overrides, multirun=True)


def _names() -> list[str]:
    if importlib.util.find_spec("optuna") is None:
        raise ConfigError("reprodx sweep needs Optuna: pip install 'reprodx[optuna]'")
    names = sorted(path.stem for path in studies_folder().glob("*.log"))
    if not names:
        raise ConfigError("no search was started in this folder; see docs/search.md (one in PostgreSQL is not listed)")
    return names


def _only(name: str | None) -> str:
    names = _names()
    found = [one for one in names if one == name] or [one for one in names if one.startswith(name or "")]
    if not found:
        raise ConfigError(f"{name}: no such search; {nearest(str(name), names)}")
    if len(found) > 1:
        raise ConfigError(f"which search? {', '.join(found)}")
    return found[0]


def _headline(study: Study) -> str:
    trials = study.get_trials(deepcopy=False)
    states = Counter("DIED" if _has_died(one) else one.state.name for one in trials)
    started: dict[str, Any] = study.user_attrs.get(STARTED, {})
    counted = ", ".join(f"{number} {state.lower()}" for state, number in sorted(states.items())) or "nothing begun"
    first = best_of(study)
    told = f"; best {_scores(study, first)}, trial {first.number}" if first else ""
    return f"{study.study_name}: {counted}, of {started.get('wanted', '?')} wanted{told}"


def _has_died(trial: FrozenTrial) -> bool:
    """Tell whether a trial was told to have died, or will be when the search goes on."""
    from optuna.trial import TrialState

    is_left = trial.state == TrialState.RUNNING and is_dead(trial.user_attrs.get(PROCESS, ""))
    return DIED in trial.user_attrs or is_left


def _scores(study: Study, trial: FrozenTrial) -> str:
    names = study.user_attrs.get(STARTED, {}).get("objectives", [])
    padded = [*names, *["objective"] * (len(trial.values) - len(names))]
    return ", ".join(f"{name} {value:.4f}" for name, value in zip(padded, trial.values, strict=True))


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
