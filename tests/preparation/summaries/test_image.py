"""Numbers that tell pictures apart, standardised by the training cases and the same when read back."""

import json

import numpy as np
import pytest
from scipy import stats

from reprodx.inputs import Inputs, Modality
from reprodx.preparation.summaries.image import ImageSummary

RGB = ("red", "green", "blue")


def pictures(num_cases=40, side=32, channels=RGB, seed=0):
    rng = np.random.default_rng(seed)
    values = np.zeros((num_cases, side, side, len(channels)), dtype=np.uint8)
    shape = (num_cases, side - 8, side - 8, len(channels))
    brightness = rng.uniform(60, 160, (num_cases, 1, 1, len(channels)))
    values[:, 4:-4, 4:-4] = np.clip(rng.normal(0, 15, shape) + brightness, 30, 255)
    return Inputs.of_rows(Modality.IMAGE, values, channels=channels)


def feature(name, inputs, train):
    summary = ImageSummary.fit(train, None)
    return summary.apply(inputs)[:, summary.names.index(name)]


@pytest.mark.parametrize("channels", [RGB, ("grey",)])
def test_features_are_standardised_by_the_training_cases(channels):
    train = pictures(channels=channels)
    summary = ImageSummary.fit(train, None)
    values = summary.apply(train)

    assert values.dtype == np.float32
    assert values.shape == (40, len(summary.names))
    assert len(set(summary.names)) == len(summary.names)
    assert values.mean(axis=0) == pytest.approx(np.zeros(values.shape[1]), abs=1e-3)
    assert values.std(axis=0) == pytest.approx(np.ones(values.shape[1]), abs=1e-3)
    assert f"{channels[0]}_mean" in summary.names
    assert "component_4" in summary.names
    assert "component_5" not in summary.names


def test_is_the_same_when_read_back():
    train = pictures()
    summary = ImageSummary.fit(train, None)
    content = json.dumps(summary.to_json())
    again = ImageSummary.from_json(json.loads(content))

    assert again.names == summary.names
    assert np.array_equal(again.apply(pictures(seed=1)), summary.apply(pictures(seed=1)))
    assert len(content) < 500_000


def test_other_cases_have_no_part_in_a_case_and_order_is_kept():
    train = pictures()
    summary = ImageSummary.fit(train, None)
    rows = np.array([7, 2, 30])

    assert np.array_equal(summary.apply(train.select(rows)), summary.apply(train)[rows])


def test_statistics_are_of_the_field_of_view_alone():
    train = pictures()
    brightness = train.values[:, 4:-4, 4:-4].reshape(40, -1, 3)

    red_mean = feature("red_mean", train, train)
    assert red_mean == pytest.approx(stats.zscore(brightness[..., 0].mean(axis=1)), abs=1e-3)
    blue_skewness = feature("blue_skewness", train, train)
    assert blue_skewness == pytest.approx(stats.zscore(stats.skew(brightness[..., 2], axis=1)), abs=1e-3)


def test_dark_and_bright_spots_are_told_apart():
    train = pictures()
    values = np.full((3, 32, 32, 3), 120, dtype=np.uint8)
    values[1, 8:24:5, 8:24:5] = 40
    values[2, 8:24:5, 8:24:5] = 220
    spotted = Inputs.of_rows(Modality.IMAGE, values, channels=RGB)

    dark = feature("texture_0.7_log_dark_spots_0.1", spotted, train)
    bright = feature("texture_0.7_log_bright_spots_0.1", spotted, train)
    assert dark.argmax() == 1
    assert bright.argmax() == 2


def test_pictures_that_are_black_or_of_one_colour_or_large_have_numbers_too():
    train = pictures()
    summary = ImageSummary.fit(train, None)

    for side, brightness in ((32, 0), (32, 255), (150, 90), (17, 60)):
        plain = np.full((2, side, side, 3), brightness, dtype=np.uint8)
        assert np.isfinite(summary.apply(Inputs.of_rows(Modality.IMAGE, plain, channels=RGB))).all()


def test_few_cases_have_no_components():
    train = pictures(num_cases=5)
    summary = ImageSummary.fit(train, None)

    assert not any(name.startswith("component") for name in summary.names)
    assert np.array_equal(ImageSummary.from_json(summary.to_json()).apply(train), summary.apply(train))
