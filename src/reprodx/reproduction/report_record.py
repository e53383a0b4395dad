"""Which experiment a report is of, as the report itself tells machines."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from reprodx.errors import ArtifactCorruptError, ArtifactMissingError, ConfigError
from reprodx.reporting.page import RECORD_NAME
from reprodx.reproduction.left_shapes import ReportRecord, check_shape


def read_report_record(path: Path) -> dict[str, Any]:
    """Return what a report says of its experiment.

    Args:
        path: The report, an HTML file.

    Returns:
        `config config_hash data_hash split_hash`.

    Raises:
        ArtifactMissingError: If there is no such file.
        ArtifactCorruptError: If what it says is damaged.
        ConfigError: If it says nothing: it is of a comparison, or no report of ours.
    """
    if not path.is_file():
        raise ArtifactMissingError(f"{path} does not exist: give the path of a report, or a run's id")
    reader = _MetaReader()
    try:
        reader.feed(path.read_text(encoding="utf-8"))
        record = json.loads(reader.content) if reader.content else None
    except ValueError as error:
        raise ArtifactCorruptError(
            f"{path} is damaged (its {RECORD_NAME} cannot be read): give the run's id"
        ) from error
    if record is None:
        raise ConfigError(f"{path} does not say which experiment it is of: give a report of one run, or the run's id")
    check_shape(record, ReportRecord, Path(f"{path}: {RECORD_NAME}"))
    found: dict[str, Any] = record
    return found


class _MetaReader(HTMLParser):
    """Finds the first `meta` element of ours."""

    content: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take the content of the element, which Python has unescaped."""
        found = dict(attrs)
        if tag == "meta" and found.get("name") == RECORD_NAME and self.content is None:
            self.content = found.get("content")
