"""A sweep as a person finds it in MLflow's own pages: nested, ordered, compared, with its report."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from mlflow import MlflowClient
from selenium.common.exceptions import TimeoutException
from selenium.webdriver.common.by import By
from selenium.webdriver.support import expected_conditions
from selenium.webdriver.support.wait import WebDriverWait

from tests.mlflow_server import MlflowServer
from tests.project import make_project

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mlflow.entities import Run
    from selenium import webdriver
    from selenium.webdriver.remote.webelement import WebElement

pytestmark = pytest.mark.browser

SECONDS = 60
"""How long a page may take on a busy machine."""
MODELS, SEEDS = ("logistic", "mlp", "gradient_boosting"), ("0", "1", "2")
LISTED = """
const cells = [...document.querySelectorAll('[role=gridcell][col-id="attributes.`Run Name`"]')];
const rows = cells.map(cell => cell.closest('[row-id]'));
rows.sort((one, other) => one.getAttribute('row-index') - other.getAttribute('row-index'));
return rows.map(row => row.getAttribute('row-id'));
"""
"""Gives the ids of the runs in the table, from top to bottom; the grid keeps them in another order in the document."""


@dataclass(frozen=True)
class Sweep:
    """A finished sweep, and where MLflow shows it."""

    origin: str
    experiment_id: str
    parent: Run
    children: list[Run]

    @property
    def address(self) -> str:
        """Return the address of the experiment."""
        return f"{self.origin}/#/experiments/{self.experiment_id}"

    @property
    def values(self) -> dict[str, float]:
        """Return the stored `val/auroc` by run id."""
        return {child.info.run_id: child.data.metrics["val/auroc"] for child in self.children}


@pytest.fixture(scope="module")
def sweep(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sweep]:
    """Run nine trials and serve their project as `mlflow ui` does without flags."""
    project = make_project(tmp_path_factory.mktemp("sweep") / "project")
    project("reprodx", "run", "-m", f"model={','.join(MODELS)}", f"seed={','.join(SEEDS)}", "trainer=smoke")
    client = MlflowClient(f"sqlite:///{project.folder}/mlflow.db")
    experiment = client.get_experiment_by_name("heart")
    *children, parent = client.search_runs([experiment.experiment_id])
    server = MlflowServer(project.folder, "ui")
    yield Sweep(server.uri, experiment.experiment_id, parent, children)
    server.kill()


@pytest.fixture
def page(browser: webdriver.Chrome, sweep: Sweep) -> Page:
    """Return the browser at MLflow's list of runs, as somebody finds it who was never there."""
    browser.set_window_size(1600, 1200)
    browser.execute_cdp_cmd("Storage.clearDataForOrigin", {"origin": sweep.origin, "storageTypes": "all"})
    page = Page(browser)
    page.open(f"{sweep.address}/runs?workflowType=machine_learning")
    page.until(lambda: page.listed() == [sweep.parent.info.run_id])
    return page


class Page:
    """A page that is still loading whenever it is asked for something."""

    def __init__(self, browser: webdriver.Chrome) -> None:
        self.browser = browser
        self._wait = WebDriverWait(browser, SECONDS)

    def open(self, address: str) -> None:
        # Addresses that differ behind their # alone would not be loaded anew.
        self.browser.get("about:blank")
        self.browser.get(address)

    def until(self, condition: Callable[[], Any]) -> None:
        try:
            self._wait.until(lambda _: condition())
        except TimeoutException as error:
            raise AssertionError(f"{self.browser.current_url} shows: {self.text()}") from error

    def find(self, css: str) -> WebElement:
        return self._wait.until(expected_conditions.element_to_be_clickable((By.CSS_SELECTOR, css)), css)

    def text(self) -> str:
        return self.browser.find_element(By.TAG_NAME, "body").text

    def listed(self) -> list[str]:
        ids: list[str] = self.browser.execute_script(LISTED)
        return ids

    def unfold(self, sweep: Sweep) -> None:
        """Show the trials below their sweep."""
        self.find(f'[row-id="{sweep.parent.info.run_id}"] [col-id="attributes.`Run Name`"] button').click()
        self.until(lambda: len(self.listed()) == 1 + len(sweep.children))

    def cells(self, heading: str) -> list[str]:
        """Return a row of a table whose rows have headings."""
        row = f"//tr[th[normalize-space()='{heading}']]/td"
        return [cell.get_attribute("textContent") or "" for cell in self.browser.find_elements(By.XPATH, row)]


def test_the_trials_are_listed_below_their_sweep(page: Page, sweep: Sweep) -> None:
    page.unfold(sweep)
    first, *others = page.listed()
    assert first == sweep.parent.info.run_id
    assert sorted(others) == sorted(sweep.values)
    assert all(f"{name} seed {seed}" in page.text() for name in ("logistic", "mlp", "boosting") for seed in SEEDS)


def test_the_trials_are_ordered_by_their_validation_auroc(page: Page, sweep: Sweep) -> None:
    page.find("[data-testid=sort-select-dropdown]").click()
    page.find('[data-testid="sort-select-val/auroc"]').click()
    page.until(lambda: set(page.listed()[:9]) == set(sweep.values))
    best_first = sorted(sweep.values.values(), reverse=True)
    assert [sweep.values[run_id] for run_id in page.listed()[:9]] == best_first
    shown = [
        page.browser.find_element(By.CSS_SELECTOR, f'[row-id="{run_id}"] [col-id="metrics.`val/auroc`"]')
        for run_id in page.listed()[:9]
    ]
    assert [float(cell.get_attribute("textContent") or "") for cell in shown] == best_first


def test_the_trials_are_compared_with_their_parameters(page: Page, sweep: Sweep) -> None:
    page.unfold(sweep)
    for child in sweep.children:
        page.find(f'[row-id="{child.info.run_id}"] .ag-checkbox-input').click()
    page.find("[data-testid=runs-compare-button]").click()
    page.until(lambda: "Comparing 9 Runs from 1 Experiment" in page.text())
    page.until(lambda: len(page.cells("seed")) == 9)
    trials = zip(page.cells("model.name"), page.cells("seed"), strict=True)
    assert sorted(trials) == sorted((run.data.params["model.name"], run.data.params["seed"]) for run in sweep.children)
    assert len(page.browser.find_elements(By.CLASS_NAME, "js-plotly-plot")) > 0, "parallel coordinates"


def test_the_report_opens_among_the_artifacts(page: Page, sweep: Sweep) -> None:
    child = sweep.children[0]
    page.open(f"{sweep.address}/runs/{child.info.run_id}/artifacts")
    page.until(lambda: "report.html" in page.text())
    (report,) = page.browser.find_elements(
        By.XPATH, "//*[@data-testid='artifact-tree-node'][contains(., 'report.html')]"
    )
    report.click()
    page.find("iframe.mlflow-html-iframe")
    page.browser.switch_to.frame(page.find("iframe.mlflow-html-iframe"))
    assert page.find("h1").text == f"{child.data.params['model.name']} on heart"
    widths = page.browser.execute_script(
        "return [...document.querySelectorAll('svg')].map(svg => svg.getBoundingClientRect().width)"
    )
    assert len(widths) == 6
    assert all(width >= 300 for width in widths)


def test_the_trials_are_tested_on_the_same_cases(sweep: Sweep) -> None:
    folders = [Path(child.info.artifact_uri.removeprefix("file://")) for child in sweep.children]
    columns = ["case_id", "patient_id", "split", "y_true"]
    first, *others = (pl.read_parquet(folder / "predictions.parquet", columns=columns) for folder in folders)
    assert all(other.equals(first) for other in others)
