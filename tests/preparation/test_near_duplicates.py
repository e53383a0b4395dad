"""Copies of pictures are found however they were made, and pictures that only look alike are not."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from reprodx.inputs import Inputs, Modality
from reprodx.preparation.near_duplicates import MAX_DISTANCE, ROWS_PER_BLOCK, _candidates, find_near_duplicates

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

SIZE = 128


def draw_eye(seed: int) -> Image.Image:
    """Return a disc of one colour and shade for all seeds, with an optic disc in one place and vessels of its own."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:SIZE, :SIZE] / SIZE - 0.5
    shade = np.clip(1.2 - 1.6 * np.hypot(x, y), 0, 1)[..., None] * np.array([190, 95, 40])
    image = Image.fromarray(shade.astype(np.uint8))
    pen = ImageDraw.Draw(image)
    for _ in range(14):
        points = np.cumsum(random.normal(0, 9, (9, 2)), axis=0) + random.uniform(30, 98, 2)
        pen.line([tuple(point) for point in points], fill=(110, 30, 15), width=2)
    pen.ellipse((84, 56, 100, 72), fill=(240, 210, 120))
    image = image.filter(ImageFilter.GaussianBlur(0.8))
    rim = Image.new("L", (SIZE, SIZE))
    ImageDraw.Draw(rim).ellipse((4, 4, SIZE - 5, SIZE - 5), fill=255)
    return Image.composite(image, Image.new("RGB", (SIZE, SIZE)), rim)


def jpeg(image: Image.Image, quality: int = 90) -> Image.Image:
    file = BytesIO()
    image.save(file, "JPEG", quality=quality)
    return Image.open(file)


def inputs(images: list[Image.Image], mode: str = "RGB") -> Inputs:
    values = np.stack([np.asarray(image.convert(mode).resize((SIZE, SIZE))) for image in images])
    return Inputs.of_rows(Modality.IMAGE, values.reshape(len(values), SIZE, SIZE, -1))


EYES = [draw_eye(seed) for seed in range(30)]
COPIES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "the same": lambda image: image,
    "recompressed": lambda image: jpeg(image, 40),
    "smaller": lambda image: jpeg(image.resize((60, 60))),
    "larger": lambda image: jpeg(image.resize((300, 300))),
    "mirrored": ImageOps.mirror,
    "brighter": lambda image: jpeg(ImageEnhance.Brightness(image).enhance(1.3)),
    "darker": lambda image: jpeg(ImageEnhance.Brightness(image).enhance(0.6)),
    "more contrast": lambda image: jpeg(ImageEnhance.Contrast(image).enhance(1.4)),
    "less contrast": lambda image: jpeg(ImageEnhance.Contrast(image).enhance(0.7)),
    "with a grey surround": lambda image: jpeg(image.point(lambda value: value + 30)),
    "all at once": lambda image: jpeg(ImageOps.mirror(ImageEnhance.Brightness(image.resize((80, 80))).enhance(1.2))),
}


def test_pictures_that_only_look_alike_are_not_joined() -> None:
    assert find_near_duplicates(inputs(EYES)).tolist() == list(range(30))


@pytest.mark.parametrize("mode", ["RGB", "L"])
@pytest.mark.parametrize("how", COPIES)
def test_copies_are_found_among_others(how: str, mode: str) -> None:
    copies = [COPIES[how](image) for image in EYES[:10]]
    assert find_near_duplicates(inputs([*EYES, *copies], mode)).tolist() == [*range(30), *range(10)]


def test_copies_of_one_kind_are_not_joined_with_each_other() -> None:
    brighter = [image.point(lambda value: value + 40) for image in EYES]
    assert find_near_duplicates(inputs(brighter)).tolist() == list(range(30))


def test_the_first_case_stands_for_all() -> None:
    images = [EYES[0], EYES[1], ImageOps.mirror(EYES[0]), jpeg(EYES[0]), EYES[1], EYES[0]]
    assert find_near_duplicates(inputs(images)).tolist() == [0, 1, 0, 0, 1, 0]


def test_only_the_chosen_cases_are_compared() -> None:
    everything = inputs([EYES[0], EYES[1], EYES[0], EYES[1]])
    assert find_near_duplicates(everything.select(np.array([3, 2, 1]))).tolist() == [0, 1, 0]


def test_empty_and_uniform_pictures_resemble_none() -> None:
    uniform = [Image.new("RGB", (SIZE, SIZE), (level,) * 3) for level in (0, 0, 128, 128, 255)]
    assert find_near_duplicates(inputs(uniform)).tolist() == [0, 1, 2, 3, 4]
    assert find_near_duplicates(inputs(EYES[:1]).select(np.zeros(0, np.int64))).tolist() == []


def test_blocks_propose_every_pair_within_the_distance_once() -> None:
    bits = np.random.default_rng(0).random((700, 256)) < 0.03
    hashes = np.packbits(bits, axis=1).view(np.uint64)
    starts = range(0, len(hashes), ROWS_PER_BLOCK)
    found: list[NDArray[np.int64]] = [pair for start in starts for pair in _candidates(hashes, hashes, start)]
    distances = (bits[:, None] != bits[None]).sum(axis=2)
    expected = np.argwhere(np.triu(distances <= MAX_DISTANCE, 1))
    assert len(expected) > 1000
    assert sorted(map(tuple, np.concatenate(found).tolist())) == sorted(map(tuple, expected.tolist()))
