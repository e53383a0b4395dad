"""What a pointer of DVC's says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reprodx.tracking.dvc_pointers import outs_of

if TYPE_CHECKING:
    from pathlib import Path


def test_what_is_kept_is_told_by_its_name(tmp_path: Path) -> None:
    pointer = tmp_path / "table.csv.dvc"
    assert outs_of(pointer) == {}
    pointer.write_text("outs:\n- md5: abc\n  size: 3\n  path: table.csv\n")
    assert outs_of(pointer) == {"table.csv": {"md5": "abc", "size": 3, "path": "table.csv"}}


@pytest.mark.parametrize("text", [b"", b"outs:", b"outs: [1]", b"outs: [{md5: a}]", b"- outs", b"\xff", b"outs: ["])
def test_what_is_none_of_dvcs_says_nothing(text: bytes, tmp_path: Path) -> None:
    pointer = tmp_path / "table.csv.dvc"
    pointer.write_bytes(text)
    assert outs_of(pointer) == {}
