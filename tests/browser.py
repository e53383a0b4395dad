"""Chromium without a window, for the tests that see pages as their readers do."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from selenium import webdriver

if TYPE_CHECKING:
    from collections.abc import Iterator

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SECONDS = 110
"""How long a script may take in a page on a busy machine: 30 by itself, and Selenium waits 120 for any answer."""


@contextmanager
def open_chromium() -> Iterator[webdriver.Chrome]:
    """Open a browser whose console and network are watched; a test that needs one fails where there is none."""
    found = [shutil.which(name) for name in CHROMIUM]
    chromium, driver = next(filter(None, found), None), shutil.which("chromedriver")
    if chromium is None or driver is None:
        pytest.fail("browser tests need Chromium and its driver: install Debian's chromium and chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in FLAGS:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    with webdriver.Chrome(options=options, service=webdriver.ChromeService(driver)) as chrome:
        chrome.set_script_timeout(SECONDS)
        yield chrome
