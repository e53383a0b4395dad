"""The comparability table: what was checked before comparing, and what was found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reprodx.comparison.lineup.assumptions import GROUPS, listed
from reprodx.comparison.lineup.codes import code_check
from reprodx.comparison.lineup.comparability import threshold_entries
from reprodx.comparison.lineup.recipe_groups import NUM_DIGITS
from reprodx.metrics.referable import referable_classes
from reprodx.schemas import VAL, Task

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from reprodx.comparison.compared_cases import Contender
    from reprodx.comparison.lineup.agreed_classes import AgreedClasses
    from reprodx.comparison.source import Source
    from reprodx.schemas import Sampling

ON = {VAL: "validation"}
FIXED = "without one of its own, see the notes"


def comparability_table(
    contenders: Sequence[Contender],
    classes: AgreedClasses,
    *,
    num_cases: int,
    patients: NDArray[np.int64] | None,
    has_patients: bool,
    without_threshold: Collection[str],
    sampling: Sampling,
    ordinal_cut: int,
) -> tuple[tuple[str, str], ...]:
    """Return what was checked, and what was found.

    Args:
        contenders: As they are compared.
        classes: Their classes.
        num_cases: That are compared on.
        patients: Shape (cases,), a number for each patient; None where every case is a patient of its own.
        has_patients: Whether a file names patients.
        without_threshold: Labels of the sources that were called at a fixed threshold.
        sampling: How the cases came to be, as the sources agree.
        ordinal_cut: Of grades, the position of the first that is referable, from 0.

    Returns:
        Pairs of words.
    """
    sources = [source for contender in contenders for member in contender.members for source in member.sources]
    return (
        ("Cases", _cases(contenders, num_cases)),
        ("Labels", f"agree in all {num_cases} cases"),
        ("Classes", _classes(classes, ordinal_cut)),
        ("Patients", _patients(patients, has_patients=has_patients)),
        ("Thresholds", _thresholds(sources, classes.task, without_threshold)),
        ("Leaks", _leaks(sources)),
        ("Split", _hashes(contenders, "split_hash", _other_splits(contenders))),
        ("Data versions", _hashes(contenders, "data_hash", "hashes of the data differ, the labels compared agree")),
        ("Code", code_check([(one.name, list(_sources(one))) for one in contenders])),
        ("Folds and seeds", "; ".join(f"{one.name}: {_members(one)}" for one in contenders)),
        ("Reference standard", _standards(sources)),
        ("Sampling", sampling.in_words),
        ("Trained with", "; ".join(f"{one.name}: {_trained(one.num_train)}" for one in contenders)),
    )


def _cases(contenders: Sequence[Contender], num_cases: int) -> str:
    if not any(one.num_lost for one in contenders):
        return f"{num_cases} in every run"
    return f"{num_cases} in common; left out: " + ", ".join(f"{one.num_lost} of {one.name}" for one in contenders)


def _other_splits(contenders: Sequence[Contender]) -> str:
    if any(one.num_lost for one in contenders):
        return "split hashes differ, and so do the cases: the common ones are compared"
    return "cases agree though split hashes differ"


def _classes(classes: AgreedClasses, ordinal_cut: int) -> str:
    named = ", ".join(classes.names)
    if classes.task == Task.BINARY:
        return f"{named}; {classes.names[1]} is positive"
    if classes.task == Task.ORDINAL:
        return f"grades {named}; referable: {referable_classes(classes.names, ordinal_cut)[1]}"
    return f"labels {named}, any number a case" if classes.task == Task.MULTILABEL else named


def _patients(patients: NDArray[np.int64] | None, *, has_patients: bool) -> str:
    if not has_patients:
        but = "" if patients is None else f" but for {GROUPS}"
        return f"no file names patients: cases{but} are treated as independent"
    if patients is None:
        return "every case is a patient of its own"
    return f"{patients.max() + 1} patients, several cases of some; named alike in all files that name them"


def _thresholds(sources: Sequence[Source], task: Task, without_threshold: Collection[str]) -> str:
    if task == Task.MULTICLASS:
        return "none: the most probable class is called"
    by_origin: dict[str, list[str]] = {}
    for source in sources:
        for origin in _origins(source, is_fixed=source.label in without_threshold):
            by_origin.setdefault(origin, []).append(source.label)
    if len(by_origin) == 1:
        return f"each {next(iter(by_origin))}"
    return "; ".join(f"{listed(labels)}: {origin}" for origin, labels in by_origin.items())


def _origins(source: Source, *, is_fixed: bool) -> Iterable[str]:
    if is_fixed:
        return [FIXED]
    entries = threshold_entries(source.predictions.metadata)
    return dict.fromkeys(
        f"chosen on {ON.get(entry['chosen_on'], entry['chosen_on'])}: {entry['rule']}" for entry in entries
    )


def _leaks(sources: Sequence[Source]) -> str:
    unknown = [source.label for source in sources if source.predictions.metadata.get("leaky") is None]
    if not unknown:
        return "no run is marked leaky"
    if len(unknown) == len(sources):
        return "unknown: files of other tools do not say"
    return f"unknown for {listed(unknown)}; no other run is marked leaky"


def _hashes(contenders: Sequence[Contender], key: str, differing: str) -> str:
    """Compare contenders by the hashes of their runs; folds of one cross-validation have one each."""
    by_contender = [{str(value) for value in _of_metadata(_sources(one), key) if value} for one in contenders]
    if not all(by_contender):
        return "not said by every file; decided by cases and labels themselves"
    if any(hashes != by_contender[0] for hashes in by_contender):
        return differing
    return f"equal hashes {listed(sorted(one[:NUM_DIGITS] for one in by_contender[0]))}"


def _members(contender: Contender) -> str:
    seeds = [str(seed) for seed in sorted({member.seed for member in contender.members if member.seed is not None})]
    num_repeats = len({member.repeat for member in contender.members})
    num_folds = sorted({len(member.sources) for member in contender.members})
    parts = ["seed not said" if not seeds else f"seed {seeds[0]}" if len(seeds) == 1 else _counted(seeds)]
    if num_repeats > 1:
        parts.append(f"{num_repeats} repetitions")
    if num_folds != [1]:
        parts.append(f"{' or '.join(map(str, num_folds))} folds")
    return ", ".join(parts)


def _counted(seeds: Sequence[str]) -> str:
    return f"{len(seeds)} seeds ({', '.join(seeds)})"


def _trained(num_train: int | None) -> str:
    return "not said" if num_train is None else f"{num_train} cases"


def _standards(sources: Sequence[Source]) -> str:
    said = {source.label: source.predictions.metadata.get("reference_standard") for source in sources}
    standards = list(dict.fromkeys(standard for standard in said.values() if standard))
    if not standards:
        return "not stated by any file"
    stated = standards[0] if len(standards) == 1 else f"differs: {'; '.join(standards)}"
    silent = [label for label, standard in said.items() if not standard]
    return f"{stated}; not stated by {listed(silent)}" if silent else stated


def _of_metadata(sources: Iterable[Source], key: str) -> Iterator[object]:
    return (source.predictions.metadata.get(key) for source in sources)


def _sources(contender: Contender) -> Iterator[Source]:
    return (source for member in contender.members for source in member.sources)
