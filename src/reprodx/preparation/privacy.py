"""The gate that no data pass by which persons can be known, unless their owner says that they may."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from reprodx.datasets.identifying_columns import Kind, Role, find_kind
from reprodx.errors import PrivacyError
from reprodx.inputs import Modality
from reprodx.schemas import CASE_ID, GROUP_PREFIX, PATIENT_ID, SITE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from reprodx.schemas import RawCases

IDS = {PATIENT_ID: "data.patient", CASE_ID: "data.id", SITE: "data.site"}
"""Columns of the cases, by the key that says which column of the source they are."""
REMEDIES = {
    Role.FEATURE: "leave it out (data.drop)",
    Role.GROUP: "take it out of data.groups",
    Role.ID: "write a code in its place",
    Role.TEXT: "take them out of the texts",
}


def check_privacy(raw: RawCases, roles: Mapping[str, str], acknowledged: Collection[str]) -> list[str]:
    """Let cases pass by which nobody can be known, as far as names and shapes tell, or who may be.

    Args:
        raw: The cases as they were read.
        roles: The column of the source by the key that names it, such as `data.patient`.
        acknowledged: Columns that may pass.

    Returns:
        What passed although it identifies, one sentence for each column.

    Raises:
        PrivacyError: If a feature, group, id or text holds names, addresses, numbers of records or the like.
    """
    found = {(name, role): kind for name, role, kind in _identifying(raw, roles)}
    refused = {place: kind for place, kind in found.items() if place[0] not in acknowledged}
    if refused:
        told = "; ".join(f"{role} {name!r} holds {kind}: {REMEDIES[role]}" for (name, role), kind in refused.items())
        names = ",".join(dict.fromkeys(name for name, _ in refused))
        raise PrivacyError(
            f"persons can be known by what would be read: {told}; or, where that is allowed, let it pass with "
            f"'data.acknowledge.identifying=[{names}]'"
        )
    return [
        f"{role} {name!r} holds {kind}, as acknowledged: guard what is made of it"
        for (name, role), kind in found.items()
    ]


def _identifying(raw: RawCases, roles: Mapping[str, str]) -> Iterator[tuple[str, Role, Kind]]:
    for values, role in _columns(raw, roles):
        kind = find_kind(values, role)
        if kind is not None:
            yield values.name, role, kind


def _columns(raw: RawCases, roles: Mapping[str, str]) -> Iterator[tuple[pl.Series, Role]]:
    """Yield what is read, under the names of the source."""
    yield from ((values, Role.FEATURE) for values in raw.features)
    for name in raw.cases.columns:
        if name.startswith(GROUP_PREFIX):
            yield raw.cases[name].alias(name.removeprefix(GROUP_PREFIX)), Role.GROUP
    for name, key in IDS.items():
        if key in roles and name in raw.cases.columns:
            yield raw.cases[name].alias(roles[key]), Role.GROUP if name == SITE else Role.ID
    if raw.inputs is not None and raw.modality == Modality.TEXT:
        texts = pl.Series(roles.get("data.text", "text"), [str(text) for text in raw.inputs.values], dtype=pl.String)
        yield texts, Role.TEXT
