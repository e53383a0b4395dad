"""The report as its readers meet it: one file, the same each time, for eyes, screen readers and small screens."""

from __future__ import annotations

import itertools
import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest

from reprodx.artifacts.predictions import Predictions
from reprodx.errors import MetricError
from reprodx.metrics.failures import worst_failures
from reprodx.schemas import CASE_ID

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from selenium import webdriver

    from reprodx.reporting.evaluation import Evaluation

    Write = Callable[[Path, Evaluation], Path]

SECTIONS = [
    "Participants",
    "Metrics",
    "Discrimination",
    "Calibration",
    "Decisions",
    "Sites and subgroups",
    "Failures",
    "When not to trust it",
    "Limits",
    "Checklist",
]


class Outline(HTMLParser):
    """Collects headings, attributes by tag, and ids."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attributes)))

    def all(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.found if tag == name]


@pytest.fixture(scope="module", params=["binary", "multiclass"])
def report(request: pytest.FixtureRequest, written: Write, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp(request.param) / "report.html", request.getfixturevalue(request.param))


def test_sections_stand_in_their_order_under_headings_that_skip_no_level(report: Path) -> None:
    text = report.read_text(encoding="utf-8")
    headings = re.findall(r"<h2[^>]*>(.*?)</h2>", text)
    assert headings == [*SECTIONS, "Provenance"]
    levels = [int(level) for level in re.findall(r"<h([1-6])", text)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


def test_ids_are_unique_and_every_reference_has_its_target(report: Path) -> None:
    text = report.read_text(encoding="utf-8")
    outline = Outline(text)
    ids = [attributes["id"] for _, attributes in outline.found if "id" in attributes]
    assert len(ids) == len(set(ids))
    labels = [attributes.get("aria-labelledby") or "" for _, attributes in outline.found]
    assert {name for label in labels for name in label.split()} <= set(ids)
    drawn = re.findall(r'xlink:href="#([^"]+)"|url\(#([^)]+)\)', text)
    assert {one or other for one, other in drawn} <= set(ids)
    assert {attributes["href"] for attributes in outline.all("a")} <= {f"#{name}" for name in ids}


def test_every_figure_has_words_and_data(report: Path) -> None:
    text = report.read_text(encoding="utf-8")
    figures = re.findall(r"<figure>(.*?)</figure>", text, re.DOTALL)
    assert len(figures) == 8
    for figure in figures:
        for part in ("<svg", 'role="img"', "<title", "<desc", "<figcaption>", "<details>", "<table>", "<caption"):
            assert part in figure


def test_nothing_is_fetched_stored_or_run(report: Path) -> None:
    text = report.read_text(encoding="utf-8")
    outline = Outline(text)
    assert not {"script", "img", "iframe", "object", "form", "base"} & {tag for tag, _ in outline.found}
    assert not re.search(r"@import|url\((?!#)|https?://|localStorage|sessionStorage|document\.cookie", text)
    assert [attributes["href"] for attributes in outline.all("link")] == ["data:,"]


def test_no_case_can_be_found_in_it_but_the_listed_failures(
    report: Path, binary: Evaluation, multiclass: Evaluation
) -> None:
    text = report.read_text(encoding="utf-8")
    lists = [worst_failures(one.test, 2, one.settings.num_failures) for one in (binary, multiclass)]
    found = {case_id for case_id in binary.predictions.table[CASE_ID] if case_id in text}
    assert found in [{failure.case_id for failure in failures} for failures in lists]
    assert "/home/" not in text


def test_equal_arguments_give_equal_bytes(tmp_path: Path, written: Write, binary: Evaluation) -> None:
    one = written(tmp_path / "one" / "report.html", binary).read_bytes()
    rebuilt = replace(
        binary, predictions=Predictions(binary.predictions.table.clone(), dict(binary.predictions.metadata))
    )
    assert written(tmp_path / "other" / "name.html", rebuilt).read_bytes() == one


def test_another_process_gives_equal_bytes(report: Path, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    name = request.node.callspec.params["report"]
    program = (
        "from pathlib import Path; from tests.reporting import conftest; "
        f"conftest.write(Path('again.html'), conftest.{name}.__wrapped__())"
    )
    root = request.config.rootpath
    environment = {
        **os.environ,
        "PYTHONPATH": f"{root / 'src'}{os.pathsep}{root}",
        "PYTHONHASHSEED": "7",
        "TZ": "Asia/Tokyo",
    }
    (tmp_path / "matplotlibrc").write_text("font.size: 30\nsvg.hashsalt: other\naxes.grid: False\n")
    subprocess.run([sys.executable, "-c", program], cwd=tmp_path, env=environment, check=True)
    assert (tmp_path / "again.html").read_bytes() == report.read_bytes()


def test_names_with_markup_are_shown_and_not_obeyed(
    tmp_path: Path, written: Write, predicted: Callable[..., Predictions], evaluated: Callable[..., Evaluation]
) -> None:
    evaluation = evaluated(predicted(("<b>no</b>", "a & $b$")), warnings=["<script>alert(1)</script>"])
    text = written(tmp_path / "report.html", evaluation).read_text(encoding="utf-8")
    assert "<script>" not in text
    assert "&lt;script&gt;" in text
    assert "<b>" not in text


def test_a_leaky_run_carries_its_banner_and_a_clean_one_none(
    tmp_path: Path, written: Write, predicted: Callable[..., Predictions], evaluated: Callable[..., Evaluation]
) -> None:
    predictions = predicted(("healthy", "disease"))
    acknowledged = {"features": ["code"], "duplicates": [], "patients": 0}
    leaky = written(tmp_path / "leaky.html", evaluated(predictions, leaky=True, acknowledged=acknowledged)).read_text()
    clean = written(tmp_path / "clean.html", evaluated(predictions)).read_text()
    assert "Leaky: do not use this result" in leaky
    assert leaky.index("The run is leaky") < leaky.index("Leaky: do not use") < leaky.index("<nav")
    assert "leaky" not in clean.lower()


def test_a_threshold_that_was_chosen_on_test_is_refused_and_nothing_is_written(
    tmp_path: Path, written: Write, binary: Evaluation
) -> None:
    metadata = {**binary.predictions.metadata, "threshold": {"value": 0.4, "rule": "Youden", "chosen_on": "test"}}
    peeking = replace(binary, predictions=Predictions(binary.predictions.table, metadata))
    with pytest.raises(MetricError, match="chosen on the test split"):
        written(tmp_path / "report.html", peeking)
    assert list(tmp_path.iterdir()) == []


def test_one_class_in_the_test_split_still_makes_a_report(
    tmp_path: Path, written: Write, predicted: Callable[..., Predictions], evaluated: Callable[..., Evaluation]
) -> None:
    predictions = predicted(("healthy", "disease"))
    kept = (predictions.table["split"] == "val") | (predictions.table["y_true"] == "healthy")
    evaluation = evaluated(Predictions(predictions.table.filter(kept), predictions.metadata))
    text = written(tmp_path / "report.html", evaluation).read_text(encoding="utf-8")
    assert "The AUROC cannot be estimated on the test split (40 patients, 0 positive (disease))" in text
    assert "one class only: no positive case" in text
    assert not re.search(r"\bnan\b", text, re.IGNORECASE)


# What follows needs Chromium: the page as it is laid out.

VIEWS = [(width, scheme) for width in (1280, 390) for scheme in ("light", "dark")]


def open_page(browser: webdriver.Chrome, address: str, width: int, scheme: str) -> None:
    """Open a page in a window of some width and a colour scheme, with empty logs."""
    media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    for log in ("browser", "performance"):
        browser.get_log(log)
    browser.get(address)


def requests(browser: webdriver.Chrome) -> list[str]:
    """Return the addresses that were asked for since the page was opened, its own among them."""
    messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    sent = [message["params"] for message in messages if message["method"] == "Network.requestWillBeSent"]
    return [request["request"]["url"] for request in sent]


@pytest.mark.browser
@pytest.mark.parametrize(("width", "scheme"), VIEWS)
def test_the_page_is_quiet_fits_and_shows_its_figures(
    browser: webdriver.Chrome, report: Path, width: int, scheme: str
) -> None:
    open_page(browser, report.as_uri(), width, scheme)
    assert browser.get_log("browser") == []
    assert [url for url in requests(browser) if not url.startswith("data:")] == [report.as_uri()]
    assert browser.execute_script("return performance.getEntriesByType('resource').map(entry => entry.name)") == []
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width
    sizes = browser.execute_script(
        "return [...document.querySelectorAll('svg')].map(svg => svg.getBoundingClientRect().toJSON())"
    )
    assert len(sizes) == 8
    assert all(size["width"] >= 300 and size["height"] >= 200 for size in sizes)
    assert all(size["left"] >= 0 and size["right"] <= width for size in sizes)


@pytest.mark.browser
@pytest.mark.parametrize(("width", "scheme"), VIEWS)
def test_axe_finds_nothing_serious(browser: webdriver.Chrome, report: Path, width: int, scheme: str) -> None:
    open_page(browser, report.as_uri(), width, scheme)
    browser.execute_script("document.querySelectorAll('details').forEach(details => details.open = true)")
    browser.execute_script((files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8"))
    result: dict[str, Any] = browser.execute_async_script("axe.run().then(arguments[arguments.length - 1])")
    assert len(result["passes"]) > 20, "axe has looked at something"
    serious = [found for found in result["violations"] if found["impact"] in {"serious", "critical"}]
    assert [(found["id"], [node["html"] for node in found["nodes"]]) for found in serious] == []


@pytest.mark.browser
def test_axe_does_find_what_is_wrong(browser: webdriver.Chrome, tmp_path: Path) -> None:
    (tmp_path / "bad.html").write_text("<!DOCTYPE html><title>t</title><p style='color:#ccc;background:#fff'>pale")
    open_page(browser, (tmp_path / "bad.html").as_uri(), 1280, "light")
    browser.execute_script((files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8"))
    result = browser.execute_async_script("axe.run().then(arguments[arguments.length - 1])")
    assert "color-contrast" in {found["id"] for found in result["violations"]}


@pytest.mark.browser
@pytest.mark.parametrize(
    ("scheme", "ink", "page"), [("light", "27, 31, 36", "255, 255, 255"), ("dark", "230, 233, 237", "18, 22, 27")]
)
def test_figures_take_the_colours_of_the_scheme(
    browser: webdriver.Chrome, report: Path, scheme: str, ink: str, page: str
) -> None:
    open_page(browser, report.as_uri(), 1280, scheme)
    fills = browser.execute_script(
        "return [...document.querySelectorAll('svg text')].map(text => getComputedStyle(text).fill)"
    )
    assert set(fills) == {f"rgb({ink})"}
    background = browser.execute_script("return getComputedStyle(document.documentElement).backgroundColor")
    assert background == f"rgb({page})"


@pytest.mark.browser
def test_it_opens_in_a_sandboxed_frame_from_a_blob_as_mlflow_shows_it(
    browser: webdriver.Chrome, report: Path, tmp_path: Path
) -> None:
    content = json.dumps(report.read_text(encoding="utf-8")).replace("</", "<\\/")
    (tmp_path / "frame.html").write_text(
        "<!DOCTYPE html><html lang='en'><title>frame</title><link rel='icon' href='data:,'>"
        "<iframe sandbox='allow-scripts' title='report' width='1000' height='800'></iframe>"
        f"<script>const blob = new Blob([{content}], {{type: 'text/html'}});"
        "document.querySelector('iframe').src = URL.createObjectURL(blob);</script></html>",
        encoding="utf-8",
    )
    open_page(browser, (tmp_path / "frame.html").as_uri(), 1280, "light")
    browser.switch_to.frame(0)
    assert browser.execute_script("return document.querySelector('h1').textContent") == "mlp on ward"
    assert browser.execute_script("return document.querySelectorAll('svg')[0].getBoundingClientRect().width") >= 300
    browser.switch_to.default_content()
    assert browser.get_log("browser") == []


@pytest.mark.parametrize("kind", ["ordinal", "multilabel"])
def test_a_report_of_each_task_is_whole_and_the_same_each_time(
    tmp_path: Path, written: Write, request: pytest.FixtureRequest, kind: str
) -> None:
    evaluation: Evaluation = request.getfixturevalue(kind)
    first, second = (written(tmp_path / name, evaluation).read_bytes() for name in ("a.html", "b.html"))
    assert first == second
    text = first.decode()
    ids = re.findall(r'\sid="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    assert text.count("<svg ") == {"ordinal": 8, "multilabel": 7}[kind]
    for name in evaluation.classes:
        assert name in text
    assert not re.search(r"\bNone\b|\bnan\b", re.sub(r"<svg.*?</svg>", "", text, flags=re.DOTALL))
    listed = worst_failures(evaluation.test, evaluation.settings.ordinal_cut, evaluation.settings.num_failures)
    assert set(re.findall(r"case\d{4}", text)) == {failure.case_id for failure in listed}
