"""A report says which experiment it is of, and what is no such report is refused in one line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from reprodx.errors import ArtifactCorruptError, ArtifactMissingError, ConfigError, ReprodxError
from reprodx.reporting.page import Page, write_page
from reprodx.reproduction.report_record import read_report_record

if TYPE_CHECKING:
    from pathlib import Path

RECORD = {
    "config": {"data": {"name": "x"}, "model": {"name": "a \"b\" <c> & 'd'"}},
    "config_hash": "c" * 64,
    "data_hash": "d" * 64,
    "split_hash": "e" * 64,
}


def report(tmp_path: Path, record: str | None) -> Path:
    path = tmp_path / "report.html"
    write_page(path, Page("t", "h", [], [], record))
    return path


def test_what_a_report_says_is_read_as_it_was_written(tmp_path: Path) -> None:
    assert read_report_record(report(tmp_path, json.dumps(RECORD))) == RECORD


@pytest.mark.parametrize(
    ("record", "error", "message"),
    [
        (None, ConfigError, "does not say which experiment"),
        ("{", ArtifactCorruptError, "cannot be read"),
        ("[]", ArtifactCorruptError, "is not as a run writes it"),
        ('{"config": {}}', ArtifactCorruptError, "is not as a run writes it"),
    ],
)
def test_other_pages_are_refused(tmp_path: Path, record: str | None, error: type[ReprodxError], message: str) -> None:
    with pytest.raises(error, match=message) as refused:
        read_report_record(report(tmp_path, record))
    assert "\n" not in str(refused.value)


def test_an_absent_report_and_a_binary_one_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ArtifactMissingError, match="does not exist"):
        read_report_record(tmp_path / "report.html")
    (tmp_path / "other.html").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ArtifactCorruptError):
        read_report_record(tmp_path / "other.html")
