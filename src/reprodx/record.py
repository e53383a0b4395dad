"""What `make record` writes beside the last result before it is committed: its environment, and README numbers."""

from __future__ import annotations

from pathlib import Path

from reprodx.artifacts.files import write_json, write_text
from reprodx.config.composition import read_params, validate
from reprodx.errors import ArtifactError
from reprodx.last_result import lines
from reprodx.start import start
from reprodx.tracking.committed_result import ENVIRONMENT, environment_of

README = Path("README.md")
LAST_SHOWN = "  report "
"""How the line begins that follows the numbers."""


def record() -> None:
    """Write the environment of the last result, and its numbers where the README shows what `make run` ends with.

    Raises:
        ArtifactMissingError: If nothing has been evaluated yet.
        ArtifactError: If the README shows no result of the same model and data.
    """
    write_json(ENVIRONMENT, environment_of(validate(read_params(), components=())))
    write_text(README, with_numbers(README.read_text(encoding="utf-8"), lines()))


def with_numbers(readme: str, shown: list[str]) -> str:
    """Return the README with the numbers of a result.

    Args:
        readme: Holds the first line of the result, then its numbers up to the line of the report.
        shown: What `make run` ends with.

    Returns:
        The text, otherwise as it was.

    Raises:
        ArtifactError: If these lines are not there.
    """
    found = readme.split("\n")
    if shown[0] not in found:
        raise ArtifactError(f"{README} shows no result that begins with {shown[0]!r}")
    begin = found.index(shown[0])
    end = next(row for row in range(begin, len(found)) if found[row].startswith(LAST_SHOWN))
    num_numbers = next(row for row, line in enumerate(shown) if line.startswith(LAST_SHOWN))
    return "\n".join([*found[:begin], *shown[:num_numbers], *found[end:]])


if __name__ == "__main__":
    start()
    record()
