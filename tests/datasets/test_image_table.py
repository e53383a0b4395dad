"""Pictures listed in a CSV file, with everything that can be wrong with them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from reprodx.datasets.image_table import ImageTable
from reprodx.errors import ConfigError, DatasetNotFoundError, PrivacyError, SchemaError
from reprodx.inputs import Modality
from reprodx.schemas import Exclusion, Task
from tests.datasets.test_dicom_files import dicom

if TYPE_CHECKING:
    from pathlib import Path

Make = Callable[..., ImageTable]


@pytest.fixture
def image_table(tmp_path: Path, write_csv: Callable[[str], Path], settings: Callable[[str], dict[str, Any]]) -> Make:
    """Return a function from a table and settings to the dataset; a.png, b.jpg, ... are ten uniform pictures."""
    folder = tmp_path / "images"
    (folder / "left").mkdir(parents=True)
    for position, letter in enumerate("abcdefghij"):
        suffix = "jpg" if letter == "b" else "png"
        Image.new("RGB", (12, 10), (20 * position,) * 3).save(folder / f"{letter}.{suffix}")
    Image.new("RGB", (12, 10), "white").save(folder / "left" / "a.png")

    def make(text: str, **overrides: Any) -> ImageTable:
        given = {"path": str(write_csv(text)), "folder": str(folder), "image": "file", "target": "y", "size": [8, 8]}
        return ImageTable(**{**settings("image_table"), **given, **overrides})

    return make


def rows(names: str) -> str:
    return "file,y\n" + "".join(f"{name},{position % 2}\n" for position, name in enumerate(names.split()))


def test_pictures_come_in_the_order_of_the_cases(image_table: Make, tmp_path: Path) -> None:
    raw = image_table(rows("c.png a.png left/a.png b.jpg")).read(None, scratch=tmp_path)
    assert raw.inputs is not None
    assert raw.modality == Modality.IMAGE
    assert isinstance(raw.inputs.values, np.memmap)
    assert [int(image[4, 4, 0]) for image in raw.inputs] == [40, 0, 255, 20]
    assert raw.inputs.channels == ("red", "green", "blue")
    assert raw.inputs.settings == {"size": [8, 8], "fit": "pad", "colour": "rgb"}
    assert raw.features.shape == (4, 0)
    assert raw.cases["case_id"].to_list() == ["row2", "row3", "row4", "row5"]


def test_every_role_is_read(image_table: Make, tmp_path: Path) -> None:
    text = "file,id,who,eye,fold,grade\na.png,1,x,L,train,2\nb.jpg,2,x,R,test,10\nc.png,3,y,L,test,0\n"
    (tmp_path / "card.md").write_text("# Eyes\n", encoding="utf-8")
    roles = {"id": "id", "patient": "who", "groups": ["eye"], "target": "grade", "task": "ordinal", "colour": "grey"}
    raw = image_table(text, **roles).read("fold")
    assert raw.task == Task.ORDINAL
    assert raw.classes == ("0", "2", "10")
    assert raw.cases.columns == ["case_id", "patient_id", "y_true", "group_eye", "fold"]
    assert raw.cases["fold"].to_list() == ["train", "test", "test"]
    assert raw.has_patients
    assert raw.card == "# Eyes\n"
    assert raw.inputs is not None
    assert raw.inputs.values.shape == (3, 8, 8, 1)


def test_the_ending_may_be_left_out_where_one_file_fits(image_table: Make, tmp_path: Path) -> None:
    (tmp_path / "images" / "scan.1.PNG").write_bytes((tmp_path / "images" / "j.png").read_bytes())
    raw = image_table(rows("a b left/a scan.1")).read(None)
    assert raw.inputs is not None
    assert [int(image[4, 4, 0]) for image in raw.inputs] == [0, 20, 255, 180]
    (tmp_path / "images" / "a.tif").touch()
    with pytest.raises(
        SchemaError, match=r"table.csv, row 2: data.image 'file' fits 2 files of other endings or letter case"
    ):
        image_table(rows("a b")).read(None)


def test_names_may_be_spelled_as_another_machine_does(image_table: Make, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    raw = image_table(rows(r"LEFT\A.PNG c.png D")).read(None)
    assert raw.inputs is not None
    assert [int(image[4, 4, 0]) for image in raw.inputs] == [255, 40, 60]
    assert "table.csv: 2 names of images are the files' but for ending, case or slashes" in caplog.messages


def test_what_is_odd_of_pictures_is_said_by_row(image_table: Make, tmp_path: Path) -> None:
    values = np.linspace(0, 1, 64, dtype=np.float32).reshape(8, 8)
    values[0, 0] = np.nan
    Image.fromarray(values).save(tmp_path / "images" / "holes.tif")
    raw = image_table("file,y\na.png,0\nc.png,\nholes.tif,1\n", drop_unlabelled=True).read(None)
    assert [sentence for sentence in raw.warnings if "images with" in sentence] == [
        "table.csv: images with pixels that are no number or no data, shown as black: row 4",
        "table.csv: images with the same value in every pixel: row 2",
    ]


def test_two_rows_may_name_one_file(image_table: Make) -> None:
    raw = image_table(rows("a.png c.png a.png")).read(None)
    assert raw.inputs is not None
    assert len(raw.inputs.values) == 2
    assert raw.inputs.digests()[0] == raw.inputs.digests()[2]


def test_unreadable_pictures_are_left_out_counted_and_named_by_row(
    image_table: Make, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "images"
    (folder / "c.png").write_bytes((folder / "c.png").read_bytes()[:45])
    (folder / "d.png").write_bytes(b"")
    text = "file,id,y\na.png,A,0\nc.png,C,1\nd.png,D,0\nnone.png,N,1\n,O,1\ne.png,E,1\nf.png,F,\n"
    raw = image_table(text, id="id", max_unreadable_share=0.9, drop_unlabelled=True).read(None)
    assert raw.cases["case_id"].to_list() == ["A", "E"]
    assert raw.num_read == 7
    assert raw.exclusions == (
        Exclusion("the target is missing", 1),
        Exclusion("the image is empty", 1),
        Exclusion("the image is missing", 2),
        Exclusion("the image is truncated", 1),
    )
    assert raw.inputs is not None
    assert [int(image[4, 4, 0]) for image in raw.inputs] == [0, 80]
    assert len(raw.inputs) == raw.cases.height == raw.features.height
    warning = next(record for record in caplog.records if record.levelno == logging.WARNING).getMessage()
    assert warning.endswith("(1 empty, 2 missing, 1 truncated): rows 3, 4, 5, 6")


def test_too_many_unreadable_pictures_are_an_error(image_table: Make) -> None:
    table = image_table(rows("a.png b.jpg none.png"), max_unreadable_share=0.3)
    with pytest.raises(
        SchemaError, match=r"1 of 3 images cannot be read \(1 missing\).*of row 4, and is missing: look at data.folder"
    ):
        table.read(None)
    assert image_table(rows("a.png b.jpg none.png"), max_unreadable_share=0.34).read(None).cases.height == 2


@pytest.mark.parametrize("name", ["../table.csv", "left/../../table.csv", "/etc/hostname", "../images2/a.png"])
def test_no_file_outside_the_folder_is_read(image_table: Make, name: str) -> None:
    with pytest.raises(SchemaError, match=r"table.csv, row 3: data.image 'file' leads out of data.folder"):
        image_table(rows(f"a.png {name} c.png")).read(None)


def test_a_link_that_leads_out_of_the_folder_is_not_followed(image_table: Make, tmp_path: Path) -> None:
    (tmp_path / "store.png").write_bytes((tmp_path / "images" / "j.png").read_bytes())
    (tmp_path / "images" / "link.png").symlink_to(tmp_path / "store.png")
    with pytest.raises(SchemaError, match=r"table.csv, row 3: data.image 'file' leads out of data.folder"):
        image_table(rows("a.png link.png c.png")).read(None)


def test_absolute_paths_and_links_to_what_dvc_keeps_are_fine(image_table: Make, tmp_path: Path) -> None:
    stored = tmp_path / "cache/files/md5/ab" / ("0" * 30)
    stored.parent.mkdir(parents=True)
    stored.write_bytes((tmp_path / "images" / "j.png").read_bytes())
    (tmp_path / "images" / "link.png").symlink_to(stored)
    raw = image_table(rows(f"{tmp_path}/images/c.png link.png")).read(None)
    assert raw.inputs is not None
    assert [int(image[4, 4, 0]) for image in raw.inputs] == [40, 180]


def test_several_targets_are_labels(image_table: Make) -> None:
    raw = image_table("file,mass,oedema\na.png,1,0\nc.png,1,1\n", target=["mass", "oedema"]).read(None)
    assert raw.task == Task.MULTILABEL
    assert raw.is_of("oedema").to_list() == [False, True]


def test_settings_are_checked_before_the_files(image_table: Make) -> None:
    with pytest.raises(ConfigError, match=r"data.max_unreadable_share: 2 is not in \[0, 1\]"):
        image_table(rows("a.png c.png"), max_unreadable_share=2)
    with pytest.raises(ConfigError, match=r"data\.size"):
        image_table(rows("a.png c.png"), size=[8])
    with pytest.raises(DatasetNotFoundError, match=r"data\.folder: nowhere is missing"):
        image_table(rows("a.png c.png"), folder="nowhere").read(None)
    with pytest.raises(SchemaError, match=r"data\.image: table\.csv has no column 'files': did you mean 'file'"):
        image_table(rows("a.png c.png"), image="files").read(None)


def test_a_picture_with_text_burned_in_is_refused_until_that_is_acknowledged(
    image_table: Make, tmp_path: Path, settings: Callable[[str], dict[str, Any]]
) -> None:
    pixels = np.arange(64, dtype=np.uint8).reshape(8, 8)
    (tmp_path / "images" / "d1.dcm").write_bytes(dicom(pixels, BurnedInAnnotation="YES", PatientName="DOE^JANE"))
    table = rows("a.png b.jpg d1.dcm")
    with pytest.raises(PrivacyError, match=r"images with text burned into the pixels.*row 4.*identifying=\[file\]"):
        image_table(table).read(None)
    acknowledge = {**settings("image_table")["acknowledge"], "identifying": ["file"]}
    raw = image_table(table, acknowledge=acknowledge).read(None)
    assert raw.cases.height == 3
    assert any("text burned into the pixels" in warning for warning in raw.warnings)
