"""The source that DVC takes a stage's result to be of: it looks at it when the stage has ended."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from reprodx.errors import ArtifactError
from reprodx.hashing import sha256_of_files

if TYPE_CHECKING:
    from collections.abc import Iterator

PIPELINE = Path("dvc.yaml")
SOURCES = "src/"
"""How the dependencies begin that are source."""
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


def _hashes(stage: str) -> dict[str, str]:
    import yaml

    if not PIPELINE.is_file():
        return {}
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    listed = yaml.load(PIPELINE.read_text(encoding="utf-8"), loader)["stages"][stage]["deps"]  # noqa: S506 - it is safe
    sources = [Path(dep) for dep in listed if isinstance(dep, str) and dep.startswith(SOURCES)]
    return {str(source): sha256_of_files(source.parent, _files(source)) for source in sources if source.exists()}


def _files(source: Path) -> list[Path]:
    if source.is_file():
        return [source]
    return [file for file in source.rglob("*") if file.is_file() and CACHES not in file.parts]
