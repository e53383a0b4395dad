"""The report as its readers meet it: one file, the same each time, for eyes, screen readers and small screens."""

from __future__ import annotations

import itertools
import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest

from reprodx.metrics.difference import Difference
from reprodx.reporting.comparison.report import write_comparison_report
from reprodx.schemas import Estimate, Task
from tests.comparisons import HOW_TO_REPEAT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from selenium import webdriver

    from reprodx.artifacts.openings import Ledger
    from reprodx.comparison.result import Comparison, FoldDifference, Selection

SECTIONS = [
    "Verdict",
    "Comparability",
    "Participants",
    "Paired comparison",
    "ROC",
    "Calibration",
    "Decision curve",
    "Thresholds",
    "Subgroups and sites",
    "Failures",
    "Checklist",
    "Provenance",
]
KINDS = ("two", "seven")


def text_of(path: Path, comparison: Comparison, ledger: Ledger | None = None) -> str:
    write_comparison_report(path, comparison, ledger=ledger, how_to_repeat=HOW_TO_REPEAT)
    return path.read_text(encoding="utf-8")


@pytest.fixture(scope="module", params=KINDS)
def report(request: pytest.FixtureRequest, ledger: Ledger, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp(request.param) / "comparison.html"
    text_of(path, request.getfixturevalue(request.param), ledger)
    return path


def test_sections_stand_in_their_order_under_headings_that_skip_no_level(report: Path) -> None:
    text = report.read_text(encoding="utf-8")
    assert re.findall(r"<h2[^>]*>(.*?)</h2>", text) == SECTIONS
    levels = [int(level) for level in re.findall(r"<h([1-6])", text)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


def test_ids_are_unique_and_every_reference_has_its_target(report: Path) -> None:
    text = report.read_text(encoding="utf-8")
    ids = re.findall(r'\sid="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    labels = re.findall(r'aria-labelledby="([^"]+)"', text)
    assert {name for label in labels for name in label.split()} <= set(ids)
    drawn = re.findall(r'xlink:href="#([^"]+)"|url\(#([^)]+)\)|<a href="#([^"]+)"', text)
    assert {name for names in drawn for name in names if name} <= set(ids)


def test_every_figure_has_words_and_data(report: Path) -> None:
    figures = re.findall(r"<figure>(.*?)</figure>", report.read_text(encoding="utf-8"), re.DOTALL)
    assert len(figures) == 5
    for figure in figures:
        for part in ("<svg", 'role="img"', "<title", "<desc", "<figcaption>", "<details>", "<table>", "<caption"):
            assert part in figure


def test_nothing_is_fetched_stored_or_run(report: Path) -> None:
    text = report.read_text(encoding="utf-8")
    assert not re.search(r"<(script|img|iframe|object|form|base)\b", text)
    assert not re.search(r"@import|url\((?!#)|https?://|localStorage|sessionStorage|document\.cookie", text)


def test_only_the_ids_of_failures_are_shown(report: Path, two: Comparison) -> None:
    text = report.read_text(encoding="utf-8")
    shown = {case for case in two.cases.table["case_id"] if case in text}
    failures = text[text.index('<section id="failures"') : text.index('<section id="provenance"')]
    assert 0 < len(shown) < 60
    assert all(case in failures for case in shown)
    assert not any(case in text.replace(failures, "") for case in shown)


def test_equal_arguments_give_equal_bytes_in_another_process(
    report: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    made = {"two": "make_comparison()", "seven": "make_seven()"}[request.node.callspec.params["report"]]
    program = (
        "from pathlib import Path; from tests.comparisons import *; "
        "from reprodx.reporting.comparison.report import write_comparison_report; "
        f"write_comparison_report(Path('again.html'), {made}, ledger=make_ledger(), how_to_repeat=HOW_TO_REPEAT)"
    )
    root = request.config.rootpath
    environment = {
        **os.environ,
        "PYTHONPATH": f"{root / 'src'}{os.pathsep}{root}",
        "PYTHONHASHSEED": "7",
        "TZ": "Asia/Tokyo",
    }
    subprocess.run([sys.executable, "-c", program], cwd=tmp_path, env=environment, check=True)
    assert (tmp_path / "again.html").read_bytes() == report.read_bytes()


@pytest.mark.parametrize("task", list(Task))
@pytest.mark.parametrize("seeds", [1, 2])
def test_every_task_makes_a_whole_report(
    tmp_path: Path, compared: Callable[..., Comparison], task: Task, seeds: int
) -> None:
    text = text_of(tmp_path / "report.html", compared(task, 3, seeds=seeds))
    ids = re.findall(r'\sid="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    assert text.count("<svg ") == 5
    words = re.sub(r"<svg.*?</svg>|<style>.*?</style>", "", text, flags=re.DOTALL)
    assert not re.search(r"\bNone\b|\bnan\b|\{\w*\}", words)


def test_names_with_markup_are_shown_and_not_obeyed(
    tmp_path: Path, two: Comparison, changed: Callable[..., Comparison]
) -> None:
    first, second = two.cases.contenders
    named = changed(two, contenders=(replace(first, name="<b>a</b>"), replace(second, name="x & $y$")))
    text = text_of(tmp_path / "report.html", named)
    assert "<b>" not in text
    assert "&lt;b&gt;a&lt;/b&gt;" in text


def test_one_class_only_still_makes_a_report(
    tmp_path: Path, two: Comparison, changed: Callable[..., Comparison]
) -> None:
    undefined = Estimate.undefined("one class only: no positive case", n=240)
    nothing = Difference(undefined, None, None)
    metrics = tuple(
        replace(
            one,
            estimates=(undefined, undefined),
            pairs=tuple(replace(pair, difference=nothing, p_holm=None, p_bh=None) for pair in one.pairs),
        )
        for one in two.metrics
    )
    verdicts = tuple(replace(one, minimum_detectable=None, patients_needed=None) for one in two.verdicts)
    bare = replace(two, metrics=metrics, verdicts=verdicts, groups=(), overall=None)
    text = text_of(tmp_path / "report.html", changed(bare, targets=two.cases.targets * 0))
    assert "The difference in AUROC cannot be estimated on the test split: 240 patients, 0 positive" in text
    assert "one class only: no positive case" in text
    assert not re.search(r"\bnan\b", re.sub(r"<svg.*?</svg>", "", text, flags=re.DOTALL), re.IGNORECASE)


def test_fifty_models_make_a_report_that_draws_a_few_and_lists_all(
    tmp_path: Path, compared: Callable[..., Comparison]
) -> None:
    comparison = compared(num_contenders=50)
    text = text_of(tmp_path / "report.html", comparison)
    assert "Drawn are 5 of 50 models" in text
    assert all(contender.name in text for contender in comparison.cases.contenders)
    assert len(text) < 1_000_000


def test_folds_selection_and_openings_are_in_it(
    tmp_path: Path,
    two: Comparison,
    folded: FoldDifference,
    selected: Callable[..., Selection],
    ledger: Ledger,
) -> None:
    comparison = replace(two, by_fold=(folded,), selection=selected(two, 0.02))
    text = text_of(tmp_path / "report.html", comparison, ledger)
    assert "Nadeau and Bengio" in text
    assert "looks 0.020 better than it is by the luck of being the best of 2" in text
    assert "Other experiments have opened the test split" in text[: text.index("<nav")]


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


@pytest.mark.browser
@pytest.mark.parametrize(("width", "scheme"), VIEWS)
def test_the_page_is_quiet_and_fits(browser: webdriver.Chrome, report: Path, width: int, scheme: str) -> None:
    open_page(browser, report.as_uri(), width, scheme)
    assert browser.get_log("browser") == []
    messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    sent = [one["params"]["request"]["url"] for one in messages if one["method"] == "Network.requestWillBeSent"]
    assert [url for url in sent if not url.startswith("data:")] == [report.as_uri()]
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width
    sizes = browser.execute_script(
        "return [...document.querySelectorAll('svg')].map(svg => svg.getBoundingClientRect().toJSON())"
    )
    assert len(sizes) == 5
    assert all(size["width"] >= 300 and size["left"] >= 0 and size["right"] <= width for size in sizes)


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
