"""The key of a project: kept to its owner, never replaced, and what it makes of ids."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import polars as pl
import pytest

from reprodx.errors import ArtifactCorruptError
from reprodx.tracking.patient_key import PatientKey, find_key, own_key

if TYPE_CHECKING:
    from pathlib import Path

KEY = PatientKey(b"k" * 32)


def test_a_project_keeps_the_key_that_it_made_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert find_key() is None
    made = own_key()
    assert own_key() == made == find_key()
    assert stat.S_IMODE((tmp_path / ".cache/patient_key").stat().st_mode) == 0o600
    assert [file.name for file in (tmp_path / ".cache").iterdir()] == ["patient_key"]


def test_two_projects_have_two_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fingerprints = set()
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        monkeypatch.chdir(tmp_path / name)
        fingerprints.add(own_key().fingerprint)
    assert len(fingerprints) == 2


@pytest.mark.parametrize("text", ["", "0f", "no key at all"])
def test_a_damaged_key_is_said_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".cache").mkdir()
    (tmp_path / ".cache/patient_key").write_text(text)
    with pytest.raises(ArtifactCorruptError, match="restore it from a backup"):
        own_key()
    assert (tmp_path / ".cache/patient_key").read_text() == text


def test_ids_are_hashed_as_the_standard_says() -> None:
    import hashlib
    import hmac

    wanted = hmac.new(b"k" * 32, b"id:P-17", hashlib.sha256).hexdigest()[:32]
    assert KEY.hash_of("P-17") == wanted
    assert KEY.hashed(pl.Series("case_id", ["P-17", "a", "P-17"])).to_list() == [wanted, KEY.hash_of("a"), wanted]


def test_what_was_sealed_opens_with_the_same_key_alone() -> None:
    sealed = KEY.sealed("P-17")
    assert sealed == KEY.sealed("P-17")
    assert "P-17" not in sealed
    assert PatientKey(b"j" * 32).opened(sealed) == sealed
    assert KEY.opened(sealed[:-1] + ("0" if sealed[-1] != "0" else "1")) != "P-17"
    assert KEY.opened("sealed.t") == "sealed.t"
