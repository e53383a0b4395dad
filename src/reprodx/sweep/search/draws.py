"""How trials are drawn and ended early: Optuna's samplers, seeded anew for each trial, and pruners."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import optuna
    from optuna.pruners import BasePruner
    from optuna.samplers import BaseSampler
    from optuna.study import Study
    from optuna.trial import FrozenTrial

    from reprodx.sweep.search.settings import SearchSettings

DIED = "died"
"""Attribute of a trial whose process is gone: what it drew is asked again, and no draw counts it."""
STARTUP_TRIALS, WARMUP_EPOCHS = 5, 10
"""Before a trial is compared with the median of others."""
REDUCTION = 3
"""Of Hyperband, which gives most trials `WARMUP_EPOCHS` alone: Li et al., J Mach Learn Res 2018;18(185):1."""


def sampler_of(settings: SearchSettings) -> BaseSampler:
    """Return what draws trials; each by the seed and how many were drawn before alone."""
    import optuna

    class Reseeded(optuna.samplers.BaseSampler):
        """Draws by the search's seed and how many were drawn before, whichever process asks, also after a kill."""

        def __init__(self) -> None:
            self._inner = _seeded(settings, 0)

        def before_trial(self, study: Study, trial: FrozenTrial) -> None:
            before = [one for one in study.get_trials(deepcopy=False) if one.number < trial.number]
            self._inner = _seeded(settings, sum(DIED not in one.user_attrs for one in before))
            self._inner.before_trial(study, trial)

        def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> dict[str, Any]:
            return self._inner.infer_relative_search_space(study, trial)

        def sample_relative(self, study: Study, trial: FrozenTrial, search_space: dict[str, Any]) -> dict[str, Any]:
            return self._inner.sample_relative(study, trial, search_space)

        def sample_independent(self, study: Study, trial: FrozenTrial, param_name: str, param_distribution: Any) -> Any:
            return self._inner.sample_independent(study, trial, param_name, param_distribution)

        def after_trial(
            self, study: Study, trial: FrozenTrial, state: optuna.trial.TrialState, values: Sequence[float] | None
        ) -> None:
            self._inner.after_trial(study, trial, state, values)

    return Reseeded()


def _seeded(settings: SearchSettings, num_drawn: int) -> BaseSampler:
    """Return a sampler whose numbers no other trial, and no search of another seed, is drawn by."""
    from optuna import samplers

    seed = int(np.random.SeedSequence([settings.seed, num_drawn]).generate_state(1)[0])

    made: Mapping[str, Any] = {
        "tpe": lambda: samplers.TPESampler(seed=seed, constant_liar=settings.n_workers > 1),
        "cmaes": lambda: samplers.CmaEsSampler(seed=seed),
        "gp": lambda: samplers.GPSampler(seed=seed),
        "nsgaii": lambda: samplers.NSGAIISampler(seed=seed, population_size=max(4, min(50, settings.n_trials // 4))),
        "random": lambda: samplers.RandomSampler(seed=seed),
        # What is queued is not drawn.
        "grid": lambda: samplers.RandomSampler(seed=seed),
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        sampler: BaseSampler = made[settings.sampler]()
    return sampler


def pruner_of(settings: SearchSettings, num_steps: int, warmup: int) -> BasePruner:
    """Return what ends trials early.

    Args:
        settings: Of the search.
        num_steps: At most of a trial.
        warmup: Steps before a trial is compared with others.

    Returns:
        Optuna's pruner.
    """
    from optuna import pruners

    if settings.pruner == "median":
        return pruners.MedianPruner(STARTUP_TRIALS, warmup)
    if settings.pruner == "hyperband":
        return pruners.HyperbandPruner(warmup, max(num_steps, warmup + 1), REDUCTION)
    return pruners.NopPruner()
