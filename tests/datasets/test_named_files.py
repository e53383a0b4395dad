"""Files found by names that another machine spelled."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from reprodx.datasets.named_files import NamedFiles

if TYPE_CHECKING:
    from pathlib import Path

Find = Callable[[str], list[str] | None]
NAMES = ("a.png", "Left/B.JPG", "left/c.tif", "scan.1.dcm", "d.png", "d.TIF", "E.png", "e.PNG", "x/y.png", "12.png")
COMPOSED, DECOMPOSED = (unicodedata.normalize(form, "Augenhöhle.png") for form in ("NFC", "NFD"))


@pytest.fixture
def find(tmp_path: Path) -> Find:
    folder = tmp_path / "images"
    for name in (*NAMES, DECOMPOSED):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    (folder / "folder.png").mkdir()
    (folder / "x.png").mkdir()
    (folder / "gone.png").symlink_to("nowhere")
    (tmp_path / "outside.png").touch()
    files = NamedFiles(folder, (".png", ".jpg", ".tif", ".dcm"))

    def names(name: str) -> list[str] | None:
        found = files.find(name)
        return None if found is None else [file.relative_to(folder).as_posix() for file in found]

    return names


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.png", ["a.png"]),
        ("a", ["a.png"]),
        ("A.PNG", ["a.png"]),
        ("12.0", ["12.png"]),
        ("\ufeffa\u200b.png", ["a.png"]),
        ("./x/../a.png", ["a.png"]),
        ("left/b.jpg", ["Left/B.JPG"]),
        (r"Left\B.JPG", ["Left/B.JPG"]),
        (r"LEFT\b", ["Left/B.JPG"]),
        ("Left/c", ["left/c.tif"]),
        ("scan.1", ["scan.1.dcm"]),
        (COMPOSED, [DECOMPOSED]),
        (DECOMPOSED, [DECOMPOSED]),
        ("e.png", ["E.png", "e.PNG"]),
        ("E.png", ["E.png"]),
        ("d", ["d.png", "d.TIF"]),
        ("gone.png", ["gone.png"]),
        ("x/y", ["x/y.png"]),
    ],
)
def test_a_name_finds_the_files_that_it_may_mean(find: Find, name: str, expected: list[str]) -> None:
    assert find(name) == expected


@pytest.mark.parametrize("name", ["", "none.png", "folder.png", "x", "a.png/b.png", "a\0.png", "n" * 5000, "C:\\a.png"])
def test_what_is_not_there_or_is_a_folder_is_not_found(find: Find, name: str) -> None:
    assert find(name) == []


@pytest.mark.parametrize(
    "name", ["../outside.png", r"..\outside.png", r"x\..\..\outside", "/etc/hostname", "../images2/a"]
)
def test_a_name_that_leads_out_is_none(find: Find, name: str) -> None:
    assert find(name) is None


@pytest.mark.parametrize("name", ["far.png", "FAR", "folder/outside.png"])
def test_a_link_that_leads_out_is_none(find: Find, tmp_path: Path, name: str) -> None:
    (tmp_path / "images/far.png").symlink_to("../outside.png")
    (tmp_path / "images/folder").symlink_to("..")
    assert find(name) is None
