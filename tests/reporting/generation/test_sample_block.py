"""Samples on the page: generated ones alone, described for those who do not see them."""

from __future__ import annotations

import base64
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from reprodx.artifacts.samples import GAP, Samples
from reprodx.inputs import Inputs, Modality
from reprodx.reporting.generation.sample_block import COLUMNS, NUM_OPEN, samples_section
from reprodx.reporting.page import Folded, Paragraph, Picture, Pictures, Table
from reprodx.reporting.thumbnails import MAX_SIDE

if TYPE_CHECKING:
    from collections.abc import Callable

    from reprodx.reporting.generation.evaluation import GeneratorEvaluation
    from reprodx.reporting.page import Section

    Evaluated = Callable[..., GeneratorEvaluation]
    Sampled = Callable[..., Samples]


def pictures(section: Section) -> tuple[Picture, ...]:
    (block,) = [block for block in section.blocks if isinstance(block, Pictures)]
    return block.items


def decoded(picture: Picture) -> np.ndarray:
    kind, _, content = picture.source.partition(",")
    assert kind == "data:image/png;base64"
    return np.asarray(Image.open(BytesIO(base64.b64decode(content))))


def test_each_class_is_a_sheet_of_its_own_with_its_words(evaluated: Evaluated) -> None:
    evaluation = evaluated()
    found = pictures(samples_section(evaluation))
    assert [picture.title for picture in found] == ["none", "mild", "severe"]
    sheet = decoded(found[1])
    assert sheet.shape[:2] == (found[1].height, found[1].width) == (2 * 32 + GAP, COLUMNS * (32 + GAP) - GAP)
    assert (sheet[:32, :32] == evaluation.samples.of_class(1)[0]).all()
    assert found[1].description == "10 generated pictures of class mild, side by side; made by the program."


def test_a_class_without_samples_is_left_out(evaluated: Evaluated, sampled: Sampled) -> None:
    found = pictures(samples_section(evaluated(samples=sampled(False, 2))))
    assert [picture.title for picture in found] == ["none", "mild"]


def test_large_pictures_are_made_small(evaluated: Evaluated) -> None:
    images = np.zeros((1, 224, 224, 1), np.uint8)
    images[:, :, 112:] = 200
    samples = Samples(Inputs.of_rows(Modality.IMAGE, images), np.zeros(1, np.int64), ("",))
    (found,) = pictures(samples_section(evaluated(samples=samples)))
    assert found.title == "Generated pictures"
    assert found.width == found.height == 75 <= MAX_SIDE
    assert decoded(found)[:, [0, 74]].tolist() == [[0, 200]] * 75


def test_the_first_texts_of_each_class_are_open_and_all_are_there(evaluated: Evaluated) -> None:
    section = samples_section(evaluated(is_text=True))
    (shown,) = [block for block in section.blocks if isinstance(block, Table)]
    (folded,) = [block for block in section.blocks if isinstance(block, Folded)]
    assert len(shown.rows) == NUM_OPEN
    assert [row[0] for row in shown.rows][3:5] == ["003 none", "010 mild"]
    assert [row[0] for row in folded.table.rows][-1] == "029 severe"
    assert folded.table.rows[29][1] == "no <b>pain</b> & no fever, visit 29"


def test_few_texts_of_no_class_are_shown_once(evaluated: Evaluated, sampled: Sampled) -> None:
    section = samples_section(evaluated(is_text=True, samples=sampled(True, 3, ("",))))
    (shown,) = [block for block in section.blocks if not isinstance(block, Paragraph)]
    assert isinstance(shown, Table)
    assert [row[0] for row in shown.rows] == ["000", "001", "002"]


def test_withheld_cases_are_counted_and_nothing_else_may_be_left(evaluated: Evaluated, sampled: Sampled) -> None:
    (words,) = samples_section(evaluated(samples=sampled(False, 0), num_withheld=1)).blocks
    assert isinstance(words, Paragraph)
    assert words.text.startswith("0 samples of 300 generated pictures")
    assert words.text.endswith("1 more equals a training case, and is shown neither here nor there.")
    several = samples_section(evaluated(num_withheld=2)).blocks[0]
    assert isinstance(several, Paragraph)
    assert several.text.endswith("2 more equal training cases, and are shown neither here nor there.")
