"""Predictions of which some have hashed ids, made to call the same case alike."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from reprodx.errors import IncomparableError
from reprodx.tracking.patient_ids import key_of, with_hashes
from reprodx.tracking.patient_key import KEY_FILE, find_own

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reprodx.comparison.source import Source
    from reprodx.tracking.patient_key import PatientKey


def joined(sources: Sequence[Source]) -> list[Source]:
    """Return sources whose ids can be held against each other.

    Args:
        sources: Runs and files, whose ids are hashed or as they are.

    Returns:
        The same where no ids are hashed; else all hashed, with the key of the project that one stands in where some
        were not.

    Raises:
        IncomparableError: If ids are hashed with several keys, or some are not and the key of the others is not here.
    """
    fingerprints = {source.label: key_of(source.predictions) for source in reversed(sources)}
    keys = {key: label for label, key in fingerprints.items() if key is not None}
    if not keys:
        return list(sources)
    if len(keys) > 1:
        first, second = list(keys.values())[::-1][:2]
        raise IncomparableError(
            f"the case ids of {first} and {second} are hashed with the keys of different projects, so that nobody can "
            "tell which cases are the same: give the files that one of them left, or log both from one project"
        )
    (fingerprint, hashed) = next(iter(keys.items()))
    plain = [source.label for source in sources if key_of(source.predictions) is None]
    if not plain:
        return list(sources)
    key = find_own(fingerprint)
    if key is None:
        raise IncomparableError(
            f"the case ids of {hashed} are hashed with the key of another project than this one, and those of "
            f"{plain[0]} are not hashed: compare where that run was made, or bring its {KEY_FILE} here"
        )
    return [one if key_of(one.predictions) else _with_hashes(one, key) for one in sources]


def _with_hashes(source: Source, key: PatientKey) -> Source:
    return replace(source, predictions=with_hashes(source.predictions, key))
