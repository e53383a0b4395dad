"""Links within a folder, out of it, and to what DVC and git-annex keep."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reprodx.config.identity import content_hash
from reprodx.errors import SchemaError
from reprodx.folder_links import leads_out, links_out_of

if TYPE_CHECKING:
    from pathlib import Path

STORES = (f".dvc/cache/files/md5/ab/{'c' * 30}", f"shared/ab/{'0' * 30}", ".git/annex/objects/Xq/0f/MD5E-s3--a/a.png")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder of data with a file, beside others."""
    for name in ("data/in/a.png", "outside/b.png", *STORES):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    return tmp_path / "data"


@pytest.mark.parametrize("target", ["in/a.png", "in", *(f"../{store}" for store in STORES), "gone.png", "link"])
def test_what_lies_within_or_in_a_store_may_be_linked(folder: Path, target: str) -> None:
    (folder / "link").symlink_to(target)
    assert not leads_out(folder / "link", folder)
    assert links_out_of(folder) == []


@pytest.mark.parametrize("target", ["../outside/b.png", "../outside", "/etc/hostname", "../gone.png", "../.dvc/cache"])
def test_a_link_that_leads_out_makes_the_folder_unusable(folder: Path, target: str) -> None:
    (folder / "in/link").symlink_to(f"../{target}" if target.startswith("..") else target)
    assert links_out_of(folder) == [folder / "in/link"]
    with pytest.raises(SchemaError, match=r"^data\.folder: links in .* lead out of it \(1;") as refused:
        content_hash("data.folder", folder)
    assert "in/link" not in str(refused.value)


def test_a_folder_may_be_called_by_a_link(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "called").symlink_to(folder)
    (folder / "link").symlink_to("in/a.png")
    assert not leads_out(tmp_path / "called/link", tmp_path / "called")
    assert content_hash("data.folder", tmp_path / "called") == content_hash("data.folder", folder)
