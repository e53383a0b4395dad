"""What a person names to be compared, found on the disk or in the store; and what the store knows of test openings.

Files are looked for first, and the store is opened only for a name that is of no file.
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from reprodx.artifacts.openings import Opening, TrackedOpening, ledger
from reprodx.errors import ConfigError
from reprodx.schemas import TEST
from reprodx.tracking.compared_files import file_source, find_file
from reprodx.tracking.joined_ids import joined
from reprodx.tracking.names import (
    CLOSED,
    COMPLETE,
    CONFIG_HASH,
    DATA_HASH,
    KIND,
    PREDICTIONS_SHA256,
    RECIPE_HASH,
    SEED,
    SHORT,
    SPLIT_HASH,
    TEST_SPLIT,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mlflow.entities import Run as StoredRun

    from reprodx.artifacts.openings import Ledger
    from reprodx.comparison.source import Source
    from reprodx.tracking.named_runs import NamedRuns
    from reprodx.tracking.store import Store

THOSE_FOUND = "-"
"""Stands for the runs that the experiment and the filter select, also beside names."""


def open_sources(
    names: Sequence[str],
    *,
    experiment: str | None,
    filter_string: str | None,
    store: Callable[[], Store | None] | Store | None,
    split: str = TEST,
) -> list[Source]:
    """Return the predictions that a person names.

    Args:
        names: Each is a file of predictions, or a folder that holds one; else what `NamedRuns.of` takes; else `-`, for
            the finished runs of the experiment that the filter selects. No name at all stands for `-`.
        experiment: The experiment in which runs' names are looked up too; None for all.
        filter_string: MLflow's filter, of runs' names too; None for all runs.
        store: Where runs are kept, or what opens it when a name needs it; None where nothing is tracked.
        split: Whose predictions are asked for.

    Returns:
        In the order of the names, each run once; their labels are distinct.

    Raises:
        ConfigError: If nothing was named, or nothing has a name, or several have it.
        ArtifactError: If a run has no predictions, or a file is absent or damaged.
        SchemaError: If predictions are not what they should be.
        IncomparableError: If a run is of a generator, or ids are hashed so that cases cannot be told.
        TrackingError: If the store refuses.
    """
    if experiment is None and filter_string is None and (not names or THOSE_FOUND in names):
        raise ConfigError("nothing to compare: name runs or files of predictions, or --experiment NAME")
    find = functools.cache(lambda: _named_runs(store, experiment, filter_string, names))
    found: list[tuple[Source, str]] = []
    seen: set[str] = set()
    for name in names or [THOSE_FOUND]:
        file = None if name == THOSE_FOUND else find_file(name)
        if file is not None:
            found.append(file_source(file))
            continue
        runs = find().finished(split) if name == THOSE_FOUND else find().of(name)
        found += [(find().source(run), run.info.run_id[:SHORT]) for run in runs if run.info.run_id not in seen]
        seen |= {run.info.run_id for run in runs}
    return joined(_told_apart(found))


def tracked_openings(store: Store, split_hash: str) -> list[TrackedOpening]:
    """Return by which runs of the store the test split of a split hash has been scored.

    Args:
        store: All its experiments are searched, for deleted runs too: they have seen the test split as well.
        split_hash: Of the split.

    Returns:
        Oldest first.

    Raises:
        TrackingError: If the store refuses.
    """
    from reprodx.tracking.named_runs import NamedRuns

    if not re.fullmatch("[0-9a-f]+", split_hash):
        return []
    opened = [_opening(run) for run in NamedRuns(store).ever_tagged(SPLIT_HASH, split_hash) if _is_scored(run)]
    return sorted(opened, key=lambda one: (one.opening.opened_at, one.run_id))


def ledger_of(sources: Sequence[Source], store: Store | None) -> Ledger | None:
    """Return how often the test splits of all runs were scored; of cross-validation the folds' together.

    Args:
        sources: The runs and files.
        store: Whose runs are counted too; None counts none.

    Returns:
        None where no file says which split it is of.

    Raises:
        ArtifactCorruptError: If the ledger is damaged.
        TrackingError: If the store refuses.
    """
    found = {source.predictions.metadata.get("split_hash") for source in sources} - {None}
    ledgers = [_with_runs(ledger(split_hash), store) for split_hash in sorted(map(str, found))]
    if not ledgers:
        return None
    return functools.reduce(lambda one, other: one.joined(other), ledgers)


def _with_runs(noted: Ledger, store: Store | None) -> Ledger:
    return noted if store is None else noted.with_runs(tracked_openings(store, noted.split_hash))


def _named_runs(
    store: Callable[[], Store | None] | Store | None,
    experiment: str | None,
    filter_string: str | None,
    names: Sequence[str],
) -> NamedRuns:
    from reprodx.tracking.named_runs import NamedRuns

    opened = store() if callable(store) else store
    if opened is None:
        absent = [repr(name) for name in names if name != THOSE_FOUND and find_file(name) is None]
        what = f"{absent[0]} is no file of predictions, and " if absent else ""
        raise ConfigError(f"{what}no run is tracked here (tracking=none, or no mlflow.db): name files that exist")
    return NamedRuns(opened, experiment, filter_string)


def _told_apart(found: Sequence[tuple[Source, str]]) -> list[Source]:
    """Return sources whose labels are distinct: by an id or folder where names are equal, else by a number."""
    often = Counter(source.label for source, _ in found)
    labels = [source.label if often[source.label] == 1 else f"{source.label} ({mark})" for source, mark in found]
    numbers = [labels[: position + 1].count(label) for position, label in enumerate(labels)]
    labels = [label if number == 1 else f"{label} #{number}" for label, number in zip(labels, numbers, strict=True)]
    return [replace(source, label=label) for (source, _), label in zip(found, labels, strict=True)]


def _is_scored(run: StoredRun) -> bool:
    """Tell whether a run has looked at the test split."""
    tags = run.data.tags
    has_scores = COMPLETE in tags or any(name.startswith(f"{TEST}/") for name in run.data.metrics)
    return has_scores and KIND not in tags and tags.get(TEST_SPLIT) != CLOSED


def _opening(run: StoredRun) -> TrackedOpening:
    tags, params = run.data.tags, run.data.params
    time = datetime.fromtimestamp((run.info.end_time or run.info.start_time) / 1000, UTC)
    opening = Opening(
        split_hash=tags[SPLIT_HASH],
        data_hash=tags.get(DATA_HASH, ""),
        cv_hash="",
        config_hash=tags.get(CONFIG_HASH, ""),
        recipe_hash=tags.get(RECIPE_HASH, ""),
        name=params.get("model.name") or run.info.run_name or "",
        seed=tags.get(SEED, ""),
        fold=params.get("split.fold", "0"),
        predictions_sha256=tags.get(PREDICTIONS_SHA256, ""),
        opened_at=time.isoformat(timespec="seconds"),
        margin=params.get("evaluation.margin", ""),
    )
    return TrackedOpening(opening, run.info.run_id, is_deleted=run.info.lifecycle_stage != "active")
