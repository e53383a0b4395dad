"""The report of a generator as its readers meet it: one file, the same each time, for eyes and screen readers."""

from __future__ import annotations

import itertools
import re
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest

from reprodx.reporting.generation.report import write_report

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from selenium import webdriver

    from reprodx.reporting.generation.evaluation import GeneratorEvaluation

    Evaluated = Callable[..., GeneratorEvaluation]

SECTIONS = ["Samples", "Quality", "Privacy", "Health of the training", "Participants", "Limits", "Provenance"]


@pytest.fixture(scope="module", params=[False, True], ids=["pictures", "texts"])
def report(request: pytest.FixtureRequest, evaluated: Evaluated, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("generation") / "report.html"
    write_report(path, evaluated(is_text=request.param, warnings=("mode collapse from epoch 40",)))
    return path


def test_sections_stand_in_their_order_under_headings_that_skip_no_level(report: Path) -> None:
    text = report.read_text(encoding="utf-8")
    assert re.findall(r"<h2[^>]*>(.*?)</h2>", text) == SECTIONS
    levels = [int(level) for level in re.findall(r"<h([1-6])", text)]
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


def test_ids_are_unique_and_every_reference_has_its_target(report: Path) -> None:
    text = report.read_text(encoding="utf-8")
    ids = re.findall(r'\sid="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    assert {name for label in re.findall(r'aria-labelledby="([^"]+)"', text) for name in label.split()} <= set(ids)
    assert set(re.findall(r'href="#([^"]+)"', text)) <= set(ids)


def test_nothing_is_fetched_and_every_picture_has_words(report: Path) -> None:
    text = report.read_text(encoding="utf-8")
    assert not re.search(r"<script|<iframe|@import|url\((?!#)|https?://", text)
    pictures = re.findall(r"<img [^>]*>", text)
    assert len(pictures) == (0 if "char_rnn" in text else 3)
    for picture in pictures:
        assert 'src="data:image/png;base64,' in picture
        assert re.search(r'alt="10 generated pictures of class \w+, side by side; made by the program\."', picture)


def test_texts_with_markup_are_shown_and_not_obeyed_and_folders_are_not_named(report: Path) -> None:
    text = report.read_text(encoding="utf-8")
    assert "<b>" not in text
    assert ("no &lt;b&gt;pain&lt;/b&gt; &amp; no fever" in text) == ("char_rnn" in text)
    assert "/home/" not in text
    assert "Config hash" in text
    assert not re.search(r"\bNone\b|\bnan\b", re.sub(r"<svg.*?</svg>|base64,[^\"]*", "", text, flags=re.DOTALL))


@pytest.mark.parametrize("is_text", [False, True])
def test_equal_arguments_give_equal_bytes(tmp_path: Path, evaluated: Evaluated, is_text: bool) -> None:
    for name in ("one.html", "other.html"):
        write_report(tmp_path / name, evaluated(is_text=is_text))
    assert (tmp_path / "one.html").read_bytes() == (tmp_path / "other.html").read_bytes()


@pytest.mark.browser
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_it_fits_and_axe_finds_nothing_serious(
    browser: webdriver.Chrome, report: Path, width: int, scheme: str
) -> None:
    media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    browser.get_log("browser")
    browser.get(report.as_uri())
    assert browser.get_log("browser") == []
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width
    sizes = browser.execute_script("return [...document.images].map(one => [one.naturalWidth, one.width, one.height])")
    assert all(natural > 0 and shown >= 200 and height > 60 for natural, shown, height in sizes)
    browser.execute_script("document.querySelectorAll('details').forEach(details => details.open = true)")
    browser.execute_script((files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8"))
    result: dict[str, Any] = browser.execute_async_script("axe.run().then(arguments[arguments.length - 1])")
    assert len(result["passes"]) > 20, "axe has looked at something"
    serious = [found for found in result["violations"] if found["impact"] in {"serious", "critical"}]
    assert [(found["id"], [node["html"] for node in found["nodes"]]) for found in serious] == []
