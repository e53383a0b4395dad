"""What a bundle says of itself: an RO-Crate of the profile Process Run Crate, one run of one program.

Source: https://w3id.org/ro/wfrun/process/0.5 and https://w3id.org/ro/crate/1.1.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reprodx import __version__
from reprodx.hashing import sha256_of_path

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

METADATA = "ro-crate-metadata.json"
"""Where a crate says what is in it."""
RO_CRATE = "1.1"
"""The version that the profile builds on."""
PROFILE = "https://w3id.org/ro/wfrun/process/0.5"
FORMATS = {
    ".csv": "text/csv",
    ".diff": "text/x-diff",
    ".html": "text/html",
    ".json": "application/json",
    ".md": "text/markdown",
    ".parquet": "application/vnd.apache.parquet",
    ".tar": "application/x-tar",
    ".txt": "text/plain",
    ".yaml": "application/yaml",
}


@dataclass(frozen=True)
class Part:
    """A file or folder of a bundle."""

    name: str
    """Its path in the bundle."""
    description: str
    is_input: bool
    """Whether the run read it; else the run made it."""
    licence: str | None = None
    """The address of the licence, where it has one of its own."""


def write_crate(folder: Path, *, name: str, description: str, ended_at: str, parts: Sequence[Part]) -> None:
    """Write the crate's metadata beside what is in it; the same content gives the same bytes.

    Args:
        folder: That holds the parts.
        name: Of the run.
        description: In a sentence or two.
        ended_at: When the run ended, ISO 8601.
        parts: Everything that is in the folder.
    """
    from rocrate.model import ContextEntity
    from rocrate.rocrate import ROCrate

    crate = ROCrate(version=RO_CRATE)
    crate.name, crate.description = name, description
    crate.root_dataset["datePublished"] = ended_at
    about = {"@type": "CreativeWork", "name": "Process Run Crate", "version": "0.5"}
    crate.root_dataset["conformsTo"] = crate.add(ContextEntity(crate, PROFILE, about))
    entities = [(part, _entity(crate, folder, part)) for part in parts]
    program = {
        "@type": "SoftwareApplication",
        "name": "reprodx",
        "url": "https://pypi.org/project/reprodx/",
        "softwareVersion": __version__,
    }
    action = crate.add_action(
        crate.add(ContextEntity(crate, "#reprodx", program)),
        identifier="#run",
        object=[entity for part, entity in entities if part.is_input],
        result=[entity for part, entity in entities if not part.is_input],
        properties={"name": name, "endTime": ended_at, "actionStatus": "http://schema.org/CompletedActionStatus"},
    )
    crate.root_dataset["mentions"] = action
    crate.metadata.write(folder)
    _check(folder, parts)


def recorded_hashes(folder: Path) -> Mapping[str, str]:
    """Return the sha256 of each file that a crate lists, by its path.

    Args:
        folder: Of the crate.

    Returns:
        Those of folders are not listed.

    Raises:
        ValueError: If it is not JSON.
        KeyError: If it is no crate.
    """
    # Not by the library: it follows addresses, and whoever sent the crate may have written any.
    content = json.loads((folder / METADATA).read_text(encoding="utf-8"))
    return {str(one["@id"]): str(one["sha256"]) for one in content["@graph"] if "sha256" in one}


def _entity(crate: Any, folder: Path, part: Part) -> Any:
    path = folder / part.name
    about: dict[str, Any] = {"name": part.name, "description": part.description}
    if part.licence is not None:
        about["license"] = {"@id": part.licence}
    if path.is_dir():
        return crate.add_dataset(path, part.name, properties=about)
    size, digest = str(path.stat().st_size), sha256_of_path(path)
    about |= {"contentSize": size, "sha256": digest}
    if path.suffix in FORMATS:
        about["encodingFormat"] = FORMATS[path.suffix]
    return crate.add_file(path, part.name, properties=about)


def _check(folder: Path, parts: Sequence[Part]) -> None:
    """Read the crate as others will: it must list every part."""
    from rocrate.rocrate import ROCrate

    listed = {entity.id.rstrip("/") for entity in ROCrate(folder).data_entities}
    missing = {part.name for part in parts} - listed
    assert not missing, f"the crate does not list {sorted(missing)}"
