"""What DVC takes a stage's result to be of: the files that `dvc.yaml` lists, as they are when the stage has ended."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from reprodx.errors import ArtifactError, ConfigError
from reprodx.hashing import sha256_of_files

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PIPELINE = Path("dvc.yaml")
SOURCES = Path("src")
CACHES = "__pycache__"


@contextmanager
def unedited_sources(stage: str) -> Iterator[None]:
    """Fail a stage of which the source was edited while it ran.

    DVC would keep the result as that of the edited source, and hand it to everybody who runs that.

    Args:
        stage: As `dvc.yaml` calls it.

    Yields:
        Nothing; the stage runs meanwhile.

    Raises:
        ArtifactError: If a source that the stage lists is another when it has ended.
    """
    before = _hashes(stage)
    yield
    edited = sorted(name for name, content in _hashes(stage).items() if content != before.get(name))
    if edited:
        raise ArtifactError(
            f"{', '.join(edited)} was edited while `reprodx {stage}` ran, and DVC would take the result for that of "
            "the edited source: run `dvc repro` again, and edit in another worktree meanwhile"
        )


def refuse_unwatched(stage: str, files: Mapping[str, Path]) -> None:
    """Refuse files that DVC would not see change: it would keep a result that is of other files.

    Args:
        stage: As `dvc.yaml` calls it.
        files: What settings name, by their keys.

    Raises:
        ConfigError: If the stage does not list one of them, or a folder that it is in.
    """
    watched = [dep.resolve() for dep in _deps(stage)]
    for key, path in files.items():
        if PIPELINE.is_file() and not any(path.resolve().is_relative_to(dep) for dep in watched):
            raise ConfigError(
                f"{key}: `dvc repro` would not see {path} change: list it among the deps of train and of evaluate in "
                f"{PIPELINE}, or use `reprodx run`"
            )


def _hashes(stage: str) -> dict[str, str]:
    sources = [dep for dep in _deps(stage) if dep.is_relative_to(SOURCES) and dep.exists()]
    return {str(source): sha256_of_files(source.parent, _files(source)) for source in sources}


def _deps(stage: str) -> list[Path]:
    import yaml

    if not PIPELINE.is_file():
        return []
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    stages = yaml.load(PIPELINE.read_text(encoding="utf-8"), loader)["stages"]  # noqa: S506 - both loaders are safe
    return [Path(dep) for dep in stages[stage]["deps"] if isinstance(dep, str)]


def _files(source: Path) -> list[Path]:
    if source.is_file():
        return [source]
    return [file for file in source.rglob("*") if file.is_file() and CACHES not in file.parts]
