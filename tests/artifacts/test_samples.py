"""Samples: chosen by their order alone, laid out by class, written whole and the same each time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from reprodx.artifacts.samples import GAP, Samples, file_stems, sheet, shown_rows, write_samples
from reprodx.inputs import Inputs, Modality

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

CLASSES = st.lists(st.integers(0, 4), max_size=40).map(lambda found: np.array(found, dtype=np.int64))


def pictures(classes: list[int], names: tuple[str, ...], channels: int = 3) -> Samples:
    """Return pictures that are all of one grey, 10 times their place."""
    images = np.zeros((len(classes), 4, 6, channels), np.uint8) + 10 * np.arange(len(classes))[:, None, None, None]
    return Samples(Inputs.of_rows(Modality.IMAGE, images.astype(np.uint8)), np.array(classes), names)


def texts(words: list[str]) -> Samples:
    """Return texts of one class each, whose tokens do not matter."""
    tokens = Inputs.of_steps(Modality.TEXT, np.zeros(len(words), np.int32), np.ones(len(words), np.int64))
    return Samples(tokens, np.arange(len(words)), tuple(f"class{i}" for i in range(len(words))), tuple(words))


@given(CLASSES, st.integers(1, 45))
def test_each_class_is_shown_by_its_first_cases_and_no_class_by_many_more(
    classes: NDArray[np.int64], num_samples: int
) -> None:
    rows = shown_rows(classes, num_samples)
    assert len(set(rows.tolist())) == len(rows) == min(num_samples, len(classes))
    assert (np.diff(classes[rows]) >= 0).all()
    counts = {label: (classes[rows] == label).sum() for label in set(classes.tolist())}
    for label, count in counts.items():
        own = np.flatnonzero(classes == label)
        assert rows[classes[rows] == label].tolist() == own[:count].tolist()
        assert count == len(own) or count >= max(counts.values()) - 1


def test_a_sheet_has_a_line_for_each_class_in_their_order() -> None:
    samples = pictures([0, 0, 2], ("none", "mild", "severe"))
    drawn = sheet(samples.inputs.gathered(), samples.classes, 3)
    assert drawn.shape == (3 * 4 + 2 * GAP, 2 * 6 + GAP, 3)
    assert (drawn[:4, :6] == 0).all()
    assert (drawn[:4, 6 + GAP :] == 10).all()
    assert (drawn[4 + GAP : 8 + GAP] == 255).all(), "the class without pictures"
    assert (drawn[8 + 2 * GAP :, :6] == 20).all()
    assert (drawn[8 + 2 * GAP :, 6 + GAP :] == 255).all()


def test_a_class_with_many_pictures_goes_on_in_the_next_line() -> None:
    samples = pictures([0] * 5, ("",))
    drawn = sheet(samples.inputs.gathered(), samples.classes, 1, max_columns=2)
    assert drawn.shape == (3 * 4 + 2 * GAP, 2 * 6 + GAP, 3)
    assert (drawn[8 + 2 * GAP :, :6] == 40).all()


@pytest.mark.parametrize("channels", [1, 3])
def test_pictures_are_written_one_by_one_and_as_a_sheet(tmp_path: Path, channels: int) -> None:
    samples = pictures([0, 1], ("no change", "mild/early"), channels)
    write_samples(tmp_path / "samples", samples)
    names = ["000_no_change.png", "001_mild_early.png", "sheet.png"]
    assert sorted(file.name for file in (tmp_path / "samples").iterdir()) == names
    for name, image in zip(names, samples.inputs.gathered(), strict=False):
        with Image.open(tmp_path / "samples" / name) as read:
            assert (np.asarray(read).reshape(image.shape) == image).all()
    with Image.open(tmp_path / "samples" / "sheet.png") as read:
        assert read.size == (6, 8 + GAP)


def test_equal_samples_give_equal_bytes_and_replace_what_was_there(tmp_path: Path) -> None:
    samples = pictures([0, 1, 1], ("none", "mild"))
    for folder in ("one", "other"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "old.png").touch()
        write_samples(tmp_path / folder, samples)
    one, other = ({file.name: file.read_bytes() for file in (tmp_path / name).iterdir()} for name in ("one", "other"))
    assert one == other
    assert "old.png" not in one


def test_nothing_is_left_of_samples_that_cannot_be_written(tmp_path: Path) -> None:
    folder = tmp_path / "samples"
    write_samples(folder, pictures([0], ("none",)))
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    with pytest.raises((TypeError, ValueError, OSError)):
        write_samples(folder, pictures([0], ("none",), channels=7))
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before
    assert list(tmp_path.iterdir()) == [folder]


def test_texts_are_numbered_lines_with_their_class(tmp_path: Path) -> None:
    write_samples(tmp_path / "samples", texts(["no pain.", "two\nlines\tof words"]))
    written = (tmp_path / "samples" / "samples.txt").read_text(encoding="utf-8")
    assert written == "000\tclass0\tno pain.\n001\tclass1\ttwo lines of words\n"


def test_no_samples_are_an_empty_folder(tmp_path: Path) -> None:
    write_samples(tmp_path / "samples", texts([]))
    assert list((tmp_path / "samples").iterdir()) == []


def test_cases_of_no_class_have_numbers_alone() -> None:
    assert file_stems(["", ""]) == ["000", "001"]
    assert pictures([0], ("",)).class_names == ("",)
