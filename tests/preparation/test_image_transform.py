"""What is fitted to training pictures, and how new pictures are read."""

from __future__ import annotations

import base64
import json
from io import BytesIO
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from reprodx.errors import SchemaError
from reprodx.inputs import Inputs, Modality
from reprodx.preparation.image_transform import ImageTransform

SETTINGS = {"size": [6, 4], "fit": "pad", "colour": "rgb"}


def pictures(count: int, seed: int = 0) -> Inputs:
    values = np.random.default_rng(seed).integers(0, 256, (count, 6, 4, 3), dtype=np.uint8)
    return Inputs.of_rows(Modality.IMAGE, values, channels=("red", "green", "blue"), settings=SETTINGS)


def png(size: tuple[int, int] = (4, 6), colour: int = 90) -> bytes:
    file = BytesIO()
    Image.new("L", size, colour).save(file, "PNG")
    return file.getvalue()


@given(count=st.integers(1, 600), seed=st.integers(0, 3))
def test_mean_and_spread_are_those_of_numpy(count: int, seed: int) -> None:
    train = pictures(count, seed)
    mean, std = ImageTransform.fit(train).scaling()
    shares = train.values / 255
    np.testing.assert_allclose(mean, shares.mean(axis=(0, 1, 2)), rtol=1e-12)
    np.testing.assert_allclose(std, shares.std(axis=(0, 1, 2)), rtol=1e-12)


def test_only_the_training_pictures_count() -> None:
    everything = pictures(20)
    train = everything.select(np.arange(5))
    mean, _ = ImageTransform.fit(train).scaling()
    np.testing.assert_allclose(mean, everything.values[:5].mean(axis=(0, 1, 2)) / 255)


def test_a_channel_without_spread_is_divided_by_one() -> None:
    train = pictures(3)
    train.values[..., 1] = 77
    mean, std = ImageTransform.fit(train).scaling()
    assert mean[1] == pytest.approx(77 / 255)
    assert std[1] == 1.0
    assert std[0] < 1


def test_pictures_are_left_as_they_are_and_json_keeps_all() -> None:
    train = pictures(3)
    transform = ImageTransform.fit(train)
    assert transform.apply(train) is train
    assert ImageTransform.from_json(json.loads(json.dumps(transform.to_json()))) == transform
    assert transform.description() == {**SETTINGS, "channels": ["red", "green", "blue"]}
    assert transform.columns == ("image",)


def test_new_pictures_are_paths_or_base64_or_bytes(tmp_path: Path) -> None:
    transform = ImageTransform.fit(pictures(3))
    (tmp_path / "scan.png").write_bytes(png())
    (tmp_path / "scan1234").write_bytes(png())
    text = base64.b64encode(png()).decode()
    broken = "\n".join(text[start : start + 76] for start in range(0, len(text), 76))
    paths = [str(tmp_path / "scan.png"), str(tmp_path / "scan1234")]
    read = transform.read_raw(pl.DataFrame({"image": [*paths, text, broken]}))
    assert read.values.shape == (4, 6, 4, 3)
    assert (read.values == 90).all()
    assert read.settings == SETTINGS
    assert read.channels == ("red", "green", "blue")
    of_bytes = transform.read_raw(pl.DataFrame({"image": [png(), png(colour=10)]}))
    assert of_bytes.values[:, 0, 0, 0].tolist() == [90, 10]


def test_a_short_path_that_is_base64_too_is_a_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("scan1234").write_bytes(png())
    assert ImageTransform.fit(pictures(2)).read_raw(pl.DataFrame({"image": ["scan1234"]})).values.max() == 90


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ("nowhere.png", "row 3: the image is missing"),
        ("", "row 3: 'image' is missing"),
        (None, "row 3: 'image' is missing"),
        (base64.b64encode(png()[:50]).decode(), "row 3: the image is truncated"),
        (base64.b64encode(b"no picture" * 50).decode(), "row 3: the image is of no format that is read"),
        ("?" * 5000, "row 3: 'image' is neither a path nor base64 text"),
    ],
)
def test_an_unreadable_picture_is_named_by_its_row(wrong: str | None, message: str) -> None:
    good = base64.b64encode(png()).decode()
    with pytest.raises(SchemaError, match=message):
        ImageTransform.fit(pictures(2)).read_raw(pl.DataFrame({"image": [good, wrong]}))


def test_a_table_without_pictures_is_refused() -> None:
    with pytest.raises(SchemaError, match="the table has no column 'image'"):
        ImageTransform.fit(pictures(2)).read_raw(pl.DataFrame({"x": ["a"]}))


def test_the_example_is_a_grey_picture_that_can_be_read() -> None:
    transform = ImageTransform.fit(pictures(2))
    content = base64.b64decode(transform.example()["image"])
    assert Image.open(BytesIO(content)).size == (4, 6)
    read = transform.read_raw(pl.DataFrame([transform.example()]))
    assert (read.values == 128).all()
