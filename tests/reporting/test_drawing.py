"""One picture for light, dark and paper: its colours are the page's, and its bytes the drawing's alone."""

import re
from itertools import product
from xml.etree import ElementTree

import matplotlib as mpl
import pytest
from matplotlib.figure import Figure as Canvas

from reprodx.reporting.drawing import VARIABLES, as_svg
from reprodx.reporting.page import TEMPLATES

STYLE_SHEET = (TEMPLATES / "style.css").read_text(encoding="utf-8")


def draw(canvas: Canvas) -> None:
    axes = canvas.subplots()
    axes.plot([0, 1], [0, 1], "o-", color="#0072b2", label="a & b < c $x$ 漢")
    axes.stairs([1, 2], [0, 0.5, 1], fill=True, color="#d55e00", alpha=0.3)
    axes.vlines([0.5], [0], [1], color="#009e73")
    axes.legend()


def svg_of(key: str = "roc") -> str:
    return str(as_svg(draw, key=key, title="A <title>", description="What & why"))


def test_equal_drawings_are_equal_bytes_whatever_the_machine_prefers() -> None:
    expected = svg_of()
    with mpl.rc_context({"font.size": 30, "svg.hashsalt": "other", "lines.color": "red", "svg.fonttype": "path"}):
        assert svg_of() == expected


def test_the_picture_names_itself_and_is_well_formed() -> None:
    root = ElementTree.fromstring(svg_of().replace("<svg ", '<svg xmlns:xlink="http://www.w3.org/1999/xlink" '))  # noqa: S314 - our own text
    labels = {element.get("id"): element.text for element in root if element.tag in {"title", "desc"}}
    assert labels == {"roc-title": "A <title>", "roc-desc": "What & why"}
    assert root.get("aria-labelledby") == "roc-title roc-desc"
    assert "a & b < c $x$ 漢" in {element.text for element in root.iter("text")}


def test_every_id_begins_with_the_key_and_every_reference_has_its_target() -> None:
    svg = svg_of("calibration")
    ids = re.findall(r' id="([^"]*)"', svg)
    references = re.findall(r'href="#([^"]*)"|url\(#([^)]*)\)', svg)
    assert len(ids) == len(set(ids))
    assert all(name.startswith("calibration-") for name in ids)
    assert {one or other for one, other in references} <= set(ids)


def test_every_colour_is_one_of_the_pages() -> None:
    svg = svg_of()
    assert "var(--series-1, #0072b2)" in svg
    assert set(re.findall(r"#[0-9a-f]{6}\b", re.sub(r"var\(--[a-z0-9-]+, #[0-9a-f]{6}\)", "", svg))) == set()


def variables(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6});", block))


def luminance(colour: str) -> float:
    """Return the relative luminance by WCAG 2.2."""
    shares = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


LIGHT, DARK = (variables(block) for block in re.findall(r":root \{(.*?)\}", STYLE_SHEET, re.DOTALL))


def test_contrast_is_computed_as_the_standard_does() -> None:
    assert contrast("#000000", "#ffffff") == 21
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


def test_the_light_scheme_is_what_the_figures_are_drawn_in() -> None:
    assert {name: LIGHT[name] for name in VARIABLES.values()} == {name: colour for colour, name in VARIABLES.items()}
    assert set(DARK) == set(LIGHT)


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
def test_words_stand_out_by_4_5_and_lines_by_3(scheme: dict[str, str]) -> None:
    for word, ground in product(("ink", "muted", "link", "caution", "alarm"), ("page", "panel")):
        assert contrast(scheme[word], scheme[ground]) >= 4.5, (word, ground)
    for word in ("ink", "alarm"):
        assert contrast(scheme[word], scheme["alarm-panel"]) >= 4.5, word
    for line in ("series-1", "series-2", "series-3", "muted"):
        assert contrast(scheme[line], scheme["page"]) >= 3, line
