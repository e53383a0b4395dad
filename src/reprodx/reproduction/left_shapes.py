"""The shapes of the files that a run leaves: anybody may have edited them, so they are checked before they are used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import StringConstraints, TypeAdapter, ValidationError
from typing_extensions import TypedDict

from reprodx.errors import ArtifactCorruptError
from reprodx.tracking.logged_files import read_logged_json

if TYPE_CHECKING:
    from pathlib import Path


class About(TypedDict):
    """What a bundle says of its run."""

    format: int
    run_id: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z_-]{1,64}$")]
    """It becomes the name of a file."""
    name: str
    experiment: str
    tags: dict[str, str]
    ended_at: str | None
    has_data: bool
    is_numbered: bool


class Environment(TypedDict, total=False):
    """See `tracking.environment.environment_record`."""

    python: str
    platform: dict[str, str]
    processor: dict[str, str | int | list[str] | None]
    accelerator: str
    threads: int
    library_threads: dict[str, int]
    packages: dict[str, str | None]
    elsewhere: dict[str, str]


class Manifest(TypedDict, total=False):
    """What is read of that of the prepared cases."""

    data_hash: str
    split_hash: str
    files: dict[str, str]


class Settings(TypedDict, total=False):
    """The sections that are looked into before they are validated."""

    data: dict[str, Any]
    model: dict[str, Any]


class Named(TypedDict):
    """A section of the settings."""

    name: str


class ReportSettings(TypedDict):
    """The sections that name an experiment."""

    data: Named
    model: Named


class ReportRecord(TypedDict):
    """See `reporting.provenance.experiment_record`."""

    config: ReportSettings
    config_hash: str
    data_hash: str
    split_hash: str


class Score(TypedDict, total=False):
    """One number of `metrics.json`."""

    value: float | None


Hashes = dict[str, dict[str, str]]
"""sha256 by stage and by name."""
Metrics = dict[str, dict[str, Score]]
"""By split and by name."""


def check_shape(content: object, shape: Any, path: Path) -> None:
    """Refuse what does not have the shape that a file of its name has.

    Args:
        content: What the file holds; None where there is no file.
        shape: Its type.
        path: The file.

    Raises:
        ArtifactCorruptError: If it has another shape.
    """
    try:
        TypeAdapter(shape | None).validate_python(content, strict=True)
    except (ValidationError, RecursionError) as error:
        raise ArtifactCorruptError(f"{path} is not as a run writes it: have it made again") from error


def read_left(path: Path, shape: Any) -> Any:
    """Return what a JSON file holds that a run left.

    Args:
        path: The file.
        shape: Its type.

    Returns:
        None where there is no file.

    Raises:
        ArtifactCorruptError: If it is no JSON, or has another shape.
    """
    content = read_logged_json(path)
    check_shape(content, shape, path)
    return content
