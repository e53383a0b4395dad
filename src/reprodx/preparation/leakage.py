"""The gate that no run passes whose training could know what it is tested on.

Refused are a patient in two splits, identical inputs in two splits, a feature that names its cases, and a feature that
by itself gives the answer away, unless the owner of the data acknowledges it; then the run is marked as leaky.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from reprodx.artifacts.prepared import DUPLICATES_FILE
from reprodx.datasets.spelling import spelling
from reprodx.errors import LeakageError
from reprodx.inputs import Modality
from reprodx.preparation.give_aways import find_give_aways
from reprodx.preparation.late_features import find_late_features
from reprodx.preparation.naming_channels import find_naming_channels
from reprodx.preparation.suspicious_features import is_like_id
from reprodx.schemas import CASE_ID, PATIENT_ID, SPLIT, TRAIN, Y_TRUE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from reprodx.datasets.acknowledged import Acknowledged
    from reprodx.preparation.units import IdenticalInputs
    from reprodx.schemas import RawCases

logger = logging.getLogger(__name__)

PATIENT_KEYS = "data.patient, in data.drop or, if it names nobody, in data.categorical or data.ranges"
"""Where a column goes that looks like a patient's id."""
EVERY_DUPLICATE = "*"
"""What stands in `data.acknowledge.duplicates` for all of them."""


@dataclass(frozen=True)
class Leaks:
    """What the gate let through because it was acknowledged, and what it only warns of."""

    features: tuple[str, ...]
    duplicates: tuple[str, ...]
    num_patients: int
    warnings: tuple[str, ...]
    late_features: tuple[str, ...] = ()
    """Strong features that are called like what is known only after the outcome."""

    @property
    def is_leaky(self) -> bool:
        """Whether anything that was acknowledged was in fact found."""
        return bool(self.features or self.duplicates or self.num_patients)


def check_leakage(
    raw: RawCases, identical: IdenticalInputs, units: NDArray[np.int64], acknowledged: Acknowledged
) -> Leaks:
    """Let cases pass whose splits share nothing, or nothing that is not acknowledged.

    Args:
        raw: The cases, with their `split`.
        identical: Which of them have the same inputs.
        units: Shape (cases,), equal for cases of one patient.
        acknowledged: What may pass.

    Returns:
        What passed although it leaks, and warnings.

    Raises:
        LeakageError: If a patient or identical inputs lie in two splits, or a feature is like an id or gives the
            answer away.
    """
    num_patients = _patients_in_two_splits(raw.cases, acknowledged)
    duplicates, conflicts = _duplicates_in_two_splits(raw.cases, identical, acknowledged)
    patients = {name: why for name, why in raw.undeclared_patients.items() if name in raw.features.columns}
    _refuse_features(patients, acknowledged, PATIENT_KEYS)
    ids = tuple(dict.fromkeys([*patients, *(values.name for values in raw.features if is_like_id(values))]))
    _refuse_features(dict.fromkeys(ids, "names its cases like an id"), acknowledged)
    channels = find_naming_channels(raw.inputs) if raw.modality == Modality.SERIES and raw.inputs else []
    _refuse_features(dict.fromkeys(channels, "is one number throughout each series and names it"), acknowledged)
    found, warnings, late = _telling_features(raw, units, leave_out=ids)
    _refuse_features(found, acknowledged)
    leaks = Leaks(tuple(sorted({*ids, *channels, *found})), duplicates, num_patients, (*conflicts, *warnings), late)
    logger.info("leakage gate passed%s", ", leaky as acknowledged" if leaks.is_leaky else "")
    return leaks


def _patients_in_two_splits(cases: pl.DataFrame, acknowledged: Acknowledged) -> int:
    # Who lets patients stand in several splits may have meant two spellings of one.
    names = spelling(cases[PATIENT_ID]) if acknowledged.patients else cases[PATIENT_ID]
    num_splits = cases.group_by(names).agg(pl.col(SPLIT).n_unique())[SPLIT]
    num_patients = int((num_splits > 1).sum())
    if num_patients and not acknowledged.patients:
        raise LeakageError(
            f"{num_patients} of {num_splits.len()} patients have cases in more than one split: split by patient, as "
            f"split=patient_stratified does, or let it pass with data.acknowledge.patients=true"
        )
    return num_patients


def _duplicates_in_two_splits(
    cases: pl.DataFrame, identical: IdenticalInputs, acknowledged: Acknowledged
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    table = cases.select(CASE_ID, Y_TRUE, SPLIT, first=pl.Series(identical.first), alike=pl.Series(identical.alike))
    grouped = table.filter(pl.len().over("first") > 1)
    conflicting = grouped.filter(pl.col(Y_TRUE).n_unique().over("first") > 1)[CASE_ID]
    straddling = grouped.filter(pl.col(SPLIT).n_unique().over("first") > 1)[CASE_ID]
    unknown = straddling.filter(~straddling.is_in(list(acknowledged.duplicates)))
    if unknown.len() and EVERY_DUPLICATE not in acknowledged.duplicates:
        also = conflicting.is_in(straddling).sum()
        raise LeakageError(
            f"{unknown.len()} cases have inputs {identical.kind} to a case's in another split"
            f"{f', {also} of them with another label' if also else ''}: keep them together; or let them pass with "
            f'data.acknowledge.duplicates=["*"], which lists them in {DUPLICATES_FILE}, and then name those that may'
        )
    warnings = []
    if conflicting.len():
        warnings.append(
            f"{conflicting.len()} cases have {identical.kind} inputs and conflicting labels: see {DUPLICATES_FILE}"
        )
    if identical.believed is not None and not identical.is_by_chance:
        num_apart = table.filter(pl.col(SPLIT).n_unique().over("alike") > 1).height
        if num_apart:
            warnings.append(
                f"{num_apart} cases have inputs {identical.kind} to a case's of another patient in another split"
            )
    return tuple(straddling.sort()), tuple(warnings)


def _telling_features(
    raw: RawCases, units: NDArray[np.int64], *, leave_out: tuple[str, ...]
) -> tuple[dict[str, str], list[str], tuple[str, ...]]:
    """Return features that give the answer away with the reason, warnings, and strong features known too late."""
    is_train = raw.cases[SPLIT] == TRAIN
    features, patients = raw.features.drop(leave_out).filter(is_train), units[is_train.to_numpy()]
    truth = pl.DataFrame([raw.is_of(name).alias(name) for name in raw.classes]).filter(is_train)
    told = list(find_give_aways(features, truth, raw.classes, raw.task, patients))
    refused = {one.feature: one.tells for one in told if one.is_all}
    warnings = [f"{one.feature} {one.tells} alone" for one in told if not one.is_all]
    late = find_late_features(features.drop(refused), truth, raw.classes, raw.task, patients)
    warnings += [
        f"{name} is called like what is known only after the outcome and is among the strongest features (AUROC "
        f"{area:.2f} by itself): look for a leak, and name it in data.drop if it is not known when the model is asked"
        for name, area in late.items()
    ]
    return refused, warnings, tuple(late)


def _refuse_features(found: dict[str, str], acknowledged: Acknowledged, key: str = "data.drop") -> None:
    unknown = [f"{name!r} {reason}" for name, reason in found.items() if name not in acknowledged.features]
    if unknown:
        raise LeakageError(
            f"feature {', '.join(unknown)}: name it in {key}, or let it pass with data.acknowledge.features"
        )
