"""From predictions and the fitted model to the content of the explanations file."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from reprodx.artifacts.explanations import Attribution, Explanations, Randomisation
from reprodx.errors import AttributionError
from reprodx.explanation.contributions import as_grid, rounded, strongest
from reprodx.explanation.estimator_attribution import EstimatorAttribution
from reprodx.explanation.network_attribution import NetworkAttribution
from reprodx.explanation.randomisation import NO_PARAMETERS, network_seeds, randomisation, rank_correlation
from reprodx.inputs import Modality
from reprodx.metrics.failures import count_failures, worst_failures
from reprodx.schemas import CASE_ID, TEST, Task
from reprodx.training.model_folder import load_network, load_scorer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from reprodx.artifacts.explanations import Failure, Named
    from reprodx.artifacts.predictions import Predictions
    from reprodx.artifacts.prepared import PreparedCases
    from reprodx.config import Evaluation
    from reprodx.explanation.contributions import Contributions

logger = logging.getLogger(__name__)

OVER_TIME = (Modality.SIGNAL, Modality.SERIES)
"""Modalities whose grids have a row per channel."""


@dataclass(frozen=True)
class _Explained:
    failure: Failure
    contributions: Contributions
    rank_correlation: float | None


def explain(
    predictions: Predictions, prepared: PreparedCases, models_folder: Path, settings: Evaluation
) -> Explanations:
    """List the worst failures of the test split and attribute the first of each kind.

    Everything is computed in float64 on the CPU; within `training.determinism.reproducible` equal arguments give equal
    numbers.

    Args:
        predictions: What the model in the folder said.
        prepared: The cases that it was said of.
        models_folder: What `training.model_folder.save_model` wrote.
        settings: How many failures to list and to attribute, and the seed.

    Returns:
        The content of the file; where there is no attribution it says why.

    Raises:
        ArtifactError: If the model is absent or damaged.
        MetricError: If a threshold was chosen on the test split, or a probability is not a number.
    """
    test = predictions.of(TEST)
    failures = worst_failures(test, settings.ordinal_cut, settings.num_failures)
    listed = Explanations(
        modality=prepared.modality,
        counts=tuple(count_failures(test, settings.ordinal_cut)),
        failures=tuple(failures),
        attributions=(),
        randomisation=Randomisation(None, 0, 0, "nothing was attributed"),
        method=None,
    )
    chosen = _first_of_each_kind(failures, settings.num_attributed)
    if not chosen:
        asked = settings.num_attributed and settings.num_failures
        reason = "the test split has no failure" if asked else "the configuration asks for none"
        return replace(listed, reason=reason)
    try:
        return _attributed(listed, chosen, prepared, models_folder, settings)
    except AttributionError as error:
        logger.warning("no attributions: %s", error)
        return replace(listed, reason=str(error))


def _first_of_each_kind(failures: Sequence[Failure], num: int) -> list[Failure]:
    kinds = dict.fromkeys(failure.kind for failure in failures)
    return [failure for kind in kinds for failure in [one for one in failures if one.kind == kind][:num]]


def _attributed(
    listed: Explanations, chosen: list[Failure], prepared: PreparedCases, models_folder: Path, settings: Evaluation
) -> Explanations:
    fitted, seed = load_network(models_folder), settings.bootstrap_seed
    model: NetworkAttribution | EstimatorAttribution
    if fitted is None:
        scorer = load_scorer(models_folder)
        interface, model = scorer.interface, EstimatorAttribution(scorer, prepared, seed)
        explained = [
            _Explained(failure, model.contributions(*_asked(failure, prepared, settings)), None) for failure in chosen
        ]
        check = Randomisation(None, 0, 0, NO_PARAMETERS)
    else:
        interface, model = fitted.interface, NetworkAttribution(fitted, prepared)
        explained = _with_check(model, chosen, prepared, settings)
        check = randomisation([one.rank_correlation for one in explained])
    names, channels = interface.feature_names, _channels(prepared, explained)
    return replace(
        listed,
        attributions=tuple(_attribution(one, names) for one in explained),
        randomisation=check,
        method=model.method,
        baseline=model.baseline,
        channels=channels,
        mean_absolute=_mean_absolute(explained, names, channels),
        mean_grid=as_grid(np.mean([np.abs(one.contributions.grid) for one in explained], axis=0))
        if prepared.modality == Modality.IMAGE
        else (),
    )


def _with_check(
    model: NetworkAttribution, chosen: list[Failure], prepared: PreparedCases, settings: Evaluation
) -> list[_Explained]:
    networks = [model.random_network(seed) for seed in network_seeds(settings.bootstrap_seed)]
    explained = []
    for failure in chosen:
        row, yes = _asked(failure, prepared, settings)
        trained = model.contributions(row, yes)
        random = [model.contributions(row, yes, network).flat for network in networks]
        explained.append(_Explained(failure, trained, rank_correlation(trained.flat, random)))
    return explained


def _asked(failure: Failure, prepared: PreparedCases, settings: Evaluation) -> tuple[int, tuple[int, ...]]:
    """Return the row of a case and the positions of the classes that its question is about."""
    row = int((prepared.cases[CASE_ID] == failure.case_id).arg_true()[0])
    if prepared.task == Task.ORDINAL:
        return row, tuple(range(settings.ordinal_cut, len(prepared.classes)))
    return row, (prepared.classes.index(failure.question),)


def _attribution(one: _Explained, names: Sequence[str]) -> Attribution:
    failure, found = one.failure, one.contributions
    delta = found.convergence_delta
    return Attribution(
        case_id=failure.case_id,
        question=failure.question,
        kind=failure.kind,
        log_odds=rounded(found.log_odds),
        features=strongest(names, found.features),
        grid=as_grid(found.grid),
        num_steps=found.num_steps,
        convergence_delta=None if delta is None else float(f"{delta:.1g}"),
        rank_correlation=one.rank_correlation,
    )


def _channels(prepared: PreparedCases, explained: Sequence[_Explained]) -> tuple[str, ...]:
    has_grid = explained[0].contributions.grid.size > 0
    if prepared.inputs is None or prepared.modality not in OVER_TIME or not has_grid:
        return ()
    return prepared.inputs.channels


def _mean_absolute(explained: Sequence[_Explained], names: Sequence[str], channels: Sequence[str]) -> Named:
    """Return the strongest features and channels; a channel's attribution is the sum over its windows' absolutes."""
    rows = [np.abs(one.contributions.features) for one in explained]
    if channels:
        of_channels = [np.abs(one.contributions.grid).sum(axis=1) for one in explained]
        rows = [np.concatenate(pair) for pair in zip(of_channels, rows, strict=True)]
    held = [*channels, *names] if rows[0].size > len(channels) else list(channels)
    return strongest(held, np.mean(rows, axis=0))
