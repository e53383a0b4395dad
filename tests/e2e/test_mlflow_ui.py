"""A sweep as a person finds it in MLflow's own pages: nested, ordered, compared, with its report."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from selenium.common.exceptions import (
    ElementClickInterceptedException,
    ElementNotInteractableException,
    StaleElementReferenceException,
    TimeoutException,
)
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

from tests.mlflow_server import MlflowServer
from tests.project import make_project

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mlflow.entities import Run
    from selenium import webdriver

pytestmark = pytest.mark.browser

SECONDS = 60
"""How long a page may take on a busy machine."""
MODELS, SEEDS = ("logistic", "mlp", "gradient_boosting"), ("0", "1", "2")
NOT_YET = (ElementClickInterceptedException, ElementNotInteractableException, StaleElementReferenceException)
"""What a page that is still loading answers to a click."""
RUN_NAME, VAL_AUROC = "attributes.`Run Name`", "metrics.`val/auroc`"
"""Columns of MLflow's table of runs."""
COLUMN = """
const cells = [...document.querySelectorAll('[role=gridcell]')];
const rows = cells.filter(cell => cell.getAttribute('col-id') === arguments[0])
    .map(cell => ({text: cell.textContent, row: cell.closest('[row-id]')}));
rows.sort((one, other) => one.row.getAttribute('row-index') - other.row.getAttribute('row-index'));
return rows.map(({text, row}) => [row.getAttribute('row-id'), text]);
"""
"""Gives run ids and texts from top to bottom; the document holds the rows in another order."""


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
    from mlflow import MlflowClient

    project = make_project(tmp_path_factory.mktemp("sweep") / "project")
    project("reprodx", "run", "-m", f"model={','.join(MODELS)}", f"seed={','.join(SEEDS)}", "trainer=smoke")
    client = MlflowClient(f"sqlite:///{project.folder}/mlflow.db")
    experiment = client.get_experiment_by_name("heart")
    parent, *children = client.search_runs([experiment.experiment_id], order_by=["attributes.start_time ASC"])
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
    """A page that may still be loading whenever it is asked for something."""

    def __init__(self, browser: webdriver.Chrome) -> None:
        self.browser = browser
        self._wait = WebDriverWait(browser, SECONDS, ignored_exceptions=NOT_YET)

    def open(self, address: str) -> None:
        # Addresses that differ behind their # alone would not be loaded anew.
        self.browser.get("about:blank")
        self.browser.get(address)

    def until(self, condition: Callable[[], Any]) -> None:
        try:
            self._wait.until(lambda _: condition())
        except TimeoutException as error:
            raise AssertionError(f"{self.browser.current_url} shows: {self.text()}") from error

    def click(self, xpath: str) -> None:
        self._wait.until(lambda browser: browser.find_element(By.XPATH, xpath).click() is None, xpath)

    def text(self) -> str:
        return self.browser.find_element(By.TAG_NAME, "body").text

    def column(self, name: str) -> list[tuple[str, str]]:
        """Return run id and text of each cell of the table of runs."""
        return [(run_id, text) for run_id, text in self.browser.execute_script(COLUMN, name)]

    def listed(self) -> list[str]:
        return [run_id for run_id, _ in self.column(RUN_NAME)]

    def unfold(self, sweep: Sweep) -> None:
        """Show the trials below their sweep."""
        self.click(f"//*[@row-id='{sweep.parent.info.run_id}']//*[@col-id='{RUN_NAME}']//button")
        self.until(lambda: len(self.listed()) == 1 + len(sweep.children))

    def compared(self, heading: str) -> list[str]:
        """Return a row of the tables that compare runs."""
        cells = self.browser.find_elements(By.XPATH, f"//tr[th[normalize-space()='{heading}']]/td")
        return [cell.get_attribute("textContent") or "" for cell in cells]


def test_the_trials_are_listed_below_their_sweep(page: Page, sweep: Sweep) -> None:
    page.unfold(sweep)
    first, *others = page.listed()
    assert first == sweep.parent.info.run_id
    assert sorted(others) == sorted(sweep.values)
    assert all(f"{model} seed {seed}" in page.text() for model in MODELS for seed in SEEDS)


def test_the_trials_are_ordered_by_their_validation_auroc(page: Page, sweep: Sweep) -> None:
    page.click("//*[@data-testid='sort-select-dropdown']")
    page.click("//*[@data-testid='sort-select-val/auroc']")
    best_first = [(value, str(value)) for value in sorted(sweep.values.values(), reverse=True)]
    page.until(lambda: [(sweep.values.get(run_id), text) for run_id, text in page.column(VAL_AUROC)][:9] == best_first)


def test_the_trials_are_compared_with_their_parameters(page: Page, sweep: Sweep) -> None:
    page.unfold(sweep)
    for run_id in sweep.values:
        page.click(f"//*[@row-id='{run_id}']//*[contains(@class, 'ag-checkbox-input-wrapper')]")
    page.click("//*[@data-testid='runs-compare-button']")
    page.until(lambda: "Comparing 9 Runs from 1 Experiment" in page.text())
    page.until(lambda: len(page.compared("seed")) == 9)
    trials = zip(page.compared("model.name"), page.compared("seed"), strict=True)
    assert sorted(trials) == sorted((run.data.params["model.name"], run.data.params["seed"]) for run in sweep.children)
    assert "Parallel Coordinates Plot" in page.text()
    page.until(lambda: page.browser.find_elements(By.CLASS_NAME, "js-plotly-plot"))


def test_the_report_opens_among_the_artifacts(page: Page, sweep: Sweep) -> None:
    child = sweep.children[0]
    page.open(f"{sweep.address}/runs/{child.info.run_id}/artifacts")
    page.click("//*[@data-testid='artifact-tree-node'][contains(., 'report.html')]")
    page.until(lambda: page.browser.find_elements(By.TAG_NAME, "iframe"))
    page.browser.switch_to.frame(0)
    page.until(lambda: [heading.text for heading in page.browser.find_elements(By.TAG_NAME, "h1")])
    assert page.browser.find_element(By.TAG_NAME, "h1").text == f"{child.data.params['model.name']} on heart"
    widths = page.browser.execute_script(
        "return [...document.querySelectorAll('svg')].map(svg => svg.getBoundingClientRect().width)"
    )
    assert widths
    assert all(width >= 300 for width in widths)


def test_the_trials_are_tested_on_the_same_cases(sweep: Sweep) -> None:
    folders = [Path(child.info.artifact_uri.removeprefix("file://")) for child in sweep.children]
    columns = ["case_id", "patient_id", "split", "y_true"]
    first, *others = (pl.read_parquet(folder / "predictions.parquet", columns=columns) for folder in folders)
    assert all(other.equals(first) for other in others)
