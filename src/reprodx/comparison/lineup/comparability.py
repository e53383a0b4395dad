"""What must hold of sources before they are compared; each refusal says what was found and what to do."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

from reprodx.artifacts.prediction_metadata import GENERATION
from reprodx.errors import ConfigError, IncomparableError, SchemaError
from reprodx.metrics.chosen_threshold import THRESHOLD, THRESHOLDS
from reprodx.schemas import SPLIT, TEST

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from reprodx.comparison.source import Source

THRESHOLD_KEYS = {"value", "rule", "chosen_on"}


def refuse_unfit(sources: Sequence[Source], split: str) -> None:
    """Refuse sources that nothing can be compared with.

    Args:
        sources: As they were named.
        split: The split that is compared on.

    Raises:
        ConfigError: If there are fewer than two, or one is given twice.
        IncomparableError: If one is a generator's, is leaky, lacks the split, or chose a threshold on test.
        SchemaError: If a threshold of the metadata has no value, rule or split that chose it.
    """
    if len(sources) < 2:
        raise ConfigError(f"{len(sources)} given: give two runs or more to compare")
    _refuse_repeated(sources)
    for source in sources:
        _refuse_generator(source)
        _refuse_leaky(source)
        _refuse_absent_split(source, split)
        _refuse_test_threshold(source)


def threshold_entries(metadata: Mapping[str, Any]) -> Iterator[Any]:
    """Yield the entries of a file's metadata for its thresholds: one, or one a label."""
    if metadata.get(THRESHOLD) is not None:
        yield metadata[THRESHOLD]
    yield from (metadata.get(THRESHOLDS) or {}).values()


def _refuse_repeated(sources: Sequence[Source]) -> None:
    """Refuse a source that is given twice; others that predict the same are put together later, see `distinct`."""
    for one, two in combinations(sources, 2):
        if one.run or two.run:
            is_same = bool(one.run and two.run and one.run.run_id == two.run.run_id)
        else:
            is_same = one.label == two.label and one.predictions.table.equals(two.predictions.table)
        if is_same:
            raise ConfigError(f"{two.label} is given twice: name every run once")


def _refuse_generator(source: Source) -> None:
    if source.predictions.metadata.get("task") == GENERATION:
        raise IncomparableError(f"{source.label} is a generator's run: it predicts no class; compare classifiers")


def _refuse_leaky(source: Source) -> None:
    if source.predictions.metadata.get("leaky"):
        raise IncomparableError(
            f"{source.label} is marked leaky: it may know the cases that it is tested on; compare runs without leaks"
        )


def _refuse_absent_split(source: Source, split: str) -> None:
    present = sorted(source.predictions.table[SPLIT].drop_nulls().unique())
    if split not in present:
        held = ", ".join(map(repr, present)) or "none"
        remedy = (
            f"take --split {present[0]}, or run it with its settings, which opens test" if present else "name another"
        )
        raise IncomparableError(f"{source.label} has no case of the split {split!r}: it holds {held}; {remedy}")


def _refuse_test_threshold(source: Source) -> None:
    for entry in threshold_entries(source.predictions.metadata):
        if not isinstance(entry, dict) or not set(entry) >= THRESHOLD_KEYS:
            raise SchemaError(f"{source.label}: a threshold of its metadata lacks one of {sorted(THRESHOLD_KEYS)}")
        if entry["chosen_on"] == TEST:
            raise IncomparableError(
                f"{source.label} chose its threshold on the test split, so test cannot judge it: "
                "choose it on the validation split or fix it"
            )
