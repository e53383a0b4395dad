"""Files are copied, and what they replace goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reprodx.reproduction.placing import put, remove

if TYPE_CHECKING:
    from pathlib import Path


def test_a_folder_takes_the_place_of_another_and_links_are_followed(tmp_path: Path) -> None:
    (tmp_path / "stored").write_bytes(b"x")
    source, target = tmp_path / "source", tmp_path / "deep/target"
    source.mkdir()
    (source / "a").symlink_to(tmp_path / "stored")
    source.chmod(0o555)
    target.mkdir(parents=True)
    (target / "old").touch()
    put(source, target)
    assert [path.name for path in target.iterdir()] == ["a"]
    assert (target / "a").read_bytes() == b"x"
    assert target.stat().st_mode & 0o200
    (target / "a").write_bytes(b"y")
    assert (tmp_path / "stored").read_bytes() == b"x"


def test_a_link_is_removed_and_what_it_leads_to_stays(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "kept")
    remove(tmp_path / "link")
    remove(tmp_path / "absent")
    assert (tmp_path / "kept").is_dir()
    assert not (tmp_path / "link").exists()
