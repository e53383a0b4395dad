"""Figures of attributions for those who cannot see them: the numbers in words, and the data as a table."""

from __future__ import annotations

from dataclasses import replace

from reprodx.artifacts.explanations import Attribution, Explanations, FailureKind, Randomisation
from reprodx.inputs import Modality
from reprodx.reporting.attribution_figures import case_figures, mean_figures

ONE = Attribution("c7", "sick", FailureKind.FALSE_NEGATIVE, -1.5)


def explained(modality: Modality, one: Attribution, **changes: object) -> Explanations:
    found = Explanations(modality, (), (), (one,), Randomisation(0.1, 1, 3), "integrated gradients")
    return replace(found, **changes)


def test_features_are_told_with_their_signs() -> None:
    found = explained(Modality.TABLE, replace(ONE, features=(("age", -2.0), ("sex", 0.5))))
    (figure,) = case_figures(found, 0, names_question=False)
    assert figure.title == "Case c7: false negative"
    assert "Log odds of sick: −1.50." in figure.summary
    assert figure.summary.endswith("Most for it: sex (0.50). Most against it: age (−2.00).")
    assert figure.data.rows == (("age", "−2.000"), ("sex", "0.500"))
    assert figure.summary in figure.svg


def test_several_questions_are_named() -> None:
    found = explained(Modality.TABLE, replace(ONE, features=(("age", 2.0),)))
    (figure,) = case_figures(found, 0, names_question=True)
    assert figure.title == "Case c7: false negative, sick"
    assert "Nothing speaks against it." in figure.summary


def test_a_picture_tells_its_strongest_places() -> None:
    found = explained(Modality.IMAGE, replace(ONE, grid=((0.0, 3.0), (-1.0, 0.0))), mean_grid=((0.0, 3.0), (1.0, 0.0)))
    (figure,) = case_figures(found, 0, names_question=False)
    assert "Most for it: row 1 of 2, column 2 of 2. Most against it: row 2 of 2, column 1 of 2." in figure.summary
    assert figure.data.rows == (("1", "0.000", "3.000"), ("2", "−1.000", "0.000"))
    (mean,) = mean_figures(found)
    assert mean.summary.endswith("Strongest: row 1 of 2, column 2 of 2.")


def test_a_series_shows_its_strongest_channels_and_its_features_beside() -> None:
    channels = tuple(f"channel{index}" for index in range(14))
    grid = tuple((float(index), -float(index)) if index % 2 else (float(index), 0.0) for index in range(14))
    one = replace(ONE, grid=grid, num_steps=7, features=(("age", 1.0),))
    found = explained(Modality.SERIES, one, channels=channels, mean_absolute=(("channel13", 26.0), ("age", 1.0)))
    strips, features = case_figures(found, 0, names_question=False)
    assert "Shown are the 12 of 14 channels" in strips.summary
    assert strips.data.columns[:3] == ("from step", "channel1", "channel3")
    assert [row[0] for row in strips.data.rows] == ["0", "3"]
    assert "Most for it: channel12 (12.00)." in strips.summary
    assert features.title.endswith("(features)")
    (mean,) = mean_figures(found)
    assert mean.summary == "What these answers rest on most: channel13, age."


def test_a_text_tells_positions_and_no_mean() -> None:
    found = explained(Modality.TEXT, replace(ONE, grid=((0.5, -0.25, 1.0),), num_steps=3))
    (figure,) = case_figures(found, 0, names_question=False)
    assert "Most for it: token 3 (1.00). Most against it: token 2 (−0.25)." in figure.summary
    assert figure.data.rows[1] == ("2", "−0.250")
    assert mean_figures(found) == []
