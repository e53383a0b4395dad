"""From predictions to cases that can be compared: grouped into contenders, named, aligned, or refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from reprodx.comparison.compared_cases import ComparedCases, Contender
from reprodx.comparison.lineup.agreed_classes import agreed_classes
from reprodx.comparison.lineup.agreed_sampling import agreed_sampling
from reprodx.comparison.lineup.alignment import aligned, are_declared, patients_of
from reprodx.comparison.lineup.answers import Calling, answers
from reprodx.comparison.lineup.assumptions import file_notes, lost_notes, patient_notes, threshold_notes
from reprodx.comparison.lineup.case_columns import columns_of, folds_of
from reprodx.comparison.lineup.checks import comparability_table
from reprodx.comparison.lineup.codes import code_notes
from reprodx.comparison.lineup.comparability import refuse_unfit
from reprodx.comparison.lineup.entrants import Entrant, distinct, repeat_notes
from reprodx.comparison.lineup.naming import contender_names, position_of
from reprodx.comparison.lineup.recipe_groups import recipe_groups
from reprodx.errors import ConfigError
from reprodx.metrics.scored_cases import patient_numbers
from reprodx.schemas import CASE_ID, FOLD, PATIENT_ID, VAL, Y_TRUE, Task

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reprodx.comparison.lineup.agreed_classes import AgreedClasses
    from reprodx.comparison.lineup.agreed_sampling import AgreedSampling
    from reprodx.comparison.lineup.answers import Answers
    from reprodx.comparison.lineup.recipe_groups import RecipeGroup
    from reprodx.comparison.source import Source


def line_up(
    sources: Sequence[Source],
    *,
    split: str,
    reference: str | None,
    intersect: bool,
    across_code: bool,
    positive: str | None,
    order: Sequence[str] | None,
    threshold: float | None,
    ordinal_cut: int,
) -> ComparedCases:
    """Return the cases of several models in one order, with what each model said of them.

    Runs that differ in seed, fold and repetition alone are one contender, and so are those that predict the same.
    Whether they can be compared is decided from cases, labels and patients themselves.

    Args:
        sources: Two or more, of two contenders or more.
        split: The split that is compared on.
        reference: A contender's name, or the label, id or name of one of its runs; None takes the first source's.
        intersect: Whether the common cases are compared where contenders have different ones.
        across_code: Whether runs of one recipe are compared that different code made, see `recipe_groups`.
        positive: The positive class of a binary task where no source declares it; None takes what the files suggest.
        order: The classes as ascending grades, of files of other tools; None takes what the sources declare.
        threshold: At which cases of files without a threshold are called, in [0, 1]; None takes 0.5.
        ordinal_cut: Of grades, the position of the first that is referable, from 0.

    Returns:
        The cases, sorted by case id; the reference is the first contender.

    Raises:
        ConfigError: If there are fewer than two contenders, also since all predict the same, a run is given twice, or
            an argument fits no source.
        IncomparableError: If cases, labels, patients, classes or tasks differ, the runs of a recipe are of different
            code, or a source must not be believed.
    """
    if threshold is not None and not 0 <= threshold <= 1:
        raise ConfigError(f"--threshold {threshold}: give a probability from 0 to 1")
    refuse_unfit(sources, split)
    classes, calling = agreed_classes(sources, positive, order), Calling(threshold, ordinal_cut)
    sampled = agreed_sampling(sources)
    groups = recipe_groups(sources, split, across_code=across_code)
    if len(groups) < 2:
        raise ConfigError(
            f"the {len(sources)} runs given are of one recipe and differ in seed or fold at most: "
            "give two runs or more of different models"
        )
    names = contender_names(groups)
    first = 0 if reference is None else position_of(reference, groups, names)
    places = [first, *(place for place in range(len(groups)) if place != first)]
    groups, names = [groups[place] for place in places], [names[place] for place in places]
    event = {Task.BINARY: 1, Task.ORDINAL: ordinal_cut}.get(classes.task)
    given = [_answers(group, split, classes, calling) for group in groups]
    shared, lost = aligned(given, names, intersect=intersect, event=event)
    entrants = distinct([Entrant(*entry) for entry in zip(names, groups, shared, lost, strict=True)])
    tested = pl.concat([one.ids for group in given for one in group]).unique()
    contenders = [_contender(one, _validation(one, tested, classes, calling, sampled)) for one in entrants]
    return _compared(entrants, contenders, split=split, classes=classes, calling=calling, sampled=sampled)


def _answers(group: RecipeGroup, split: str, classes: AgreedClasses, calling: Calling) -> list[Answers]:
    return [
        answers(member, key, split=split, classes=classes, calling=calling)
        for member, key in zip(group.members, group.keys, strict=True)
    ]


def _contender(entrant: Entrant, validation: ComparedCases | None) -> Contender:
    counts = [source.predictions.metadata.get("num_train") for source in entrant.group.sources]
    known = [count for count in counts if count is not None]
    return Contender(
        name=entrant.name,
        members=tuple(one.member for one in entrant.answers),
        num_train=round(float(np.mean(known))) if len(known) == len(counts) else None,
        num_lost=entrant.lost.num_cases,
        num_events_lost=entrant.lost.num_events,
        validation=validation,
    )


def _with_repeats(entrants: Sequence[Entrant]) -> list[Entrant]:
    """Return all entrants, each with those that predict the same."""
    return [one for entrant in entrants for one in (entrant, *entrant.repeats)]


def _validation(
    entrant: Entrant, tested: pl.Series, classes: AgreedClasses, calling: Calling, sampled: AgreedSampling
) -> ComparedCases | None:
    """Return what a contender's runs said of validation cases that are the same in all and tested in none."""
    ids = [source.predictions.of(VAL).table[CASE_ID].sort() for source in entrant.group.sources]
    if ids[0].is_empty() or any(not one.equals(ids[0]) for one in ids[1:]) or ids[0].is_in(tested.implode()).any():
        return None
    shared, lost = aligned(
        [_answers(entrant.group, VAL, classes, calling)], [entrant.name], intersect=False, event=None
    )
    alone = Entrant(entrant.name, entrant.group, shared[0], lost[0])
    return _compared([alone], [_contender(alone, None)], split=VAL, classes=classes, calling=calling, sampled=sampled)


def _compared(
    entrants: Sequence[Entrant],
    contenders: Sequence[Contender],
    *,
    split: str,
    classes: AgreedClasses,
    calling: Calling,
    sampled: AgreedSampling,
) -> ComparedCases:
    members = [one for entrant in entrants for one in entrant.answers]
    given = [*members, *(one for entrant in entrants for repeat in entrant.repeats for one in repeat.answers)]
    patient_ids, without_patients = patients_of(given)
    has_patients = patient_ids is not None and are_declared(given)
    folds, fold_note = folds_of([entrant.answers for entrant in entrants])
    columns, column_notes = columns_of(given)
    table = members[0].table.select(CASE_ID, PATIENT_ID, Y_TRUE)
    table = table.with_columns(patient_ids if patient_ids is not None else table[CASE_ID].alias(PATIENT_ID), *columns)
    if folds is not None:
        table = table.with_columns(pl.Series(FOLD, folds))
    patients = None if patient_ids is None else patient_numbers(patient_ids)
    without_threshold = [label for one in members for label in one.without_threshold]
    notes = (
        *classes.notes,
        *file_notes([source for one in given for source in one.member.sources]),
        *code_notes([(one.name, one.group.sources) for one in _with_repeats(entrants)]),
        *repeat_notes(entrants),
        *(note for entrant in entrants for note in entrant.group.notes),
        *lost_notes(contenders, table.height),
        *patient_notes(without_patients, has_patients=has_patients, has_groups=patients is not None),
        *threshold_notes(members, calling, task=classes.task, split=split),
        *([fold_note] if fold_note else []),
        *column_notes,
        *sampled.notes,
    )
    checks = comparability_table(
        contenders,
        classes,
        num_cases=table.height,
        patients=patients,
        has_patients=has_patients,
        without_threshold=without_threshold,
        sampling=sampled.sampling,
        ordinal_cut=calling.ordinal_cut,
    )
    return ComparedCases(
        table=table,
        targets=members[0].targets,
        patients=patients,
        folds=folds,
        task=classes.task,
        classes=classes.names,
        split=split,
        contenders=tuple(contenders),
        has_patients=has_patients,
        notes=notes,
        checks=checks,
        sampling=sampled.sampling,
    )
