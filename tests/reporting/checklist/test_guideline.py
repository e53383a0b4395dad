"""The items are those of the papers by number, and each has a question for a person."""

import re
import tomllib
from pathlib import Path

import pytest

from reprodx.reporting.checklist.guideline import FOLDER, guidelines, questions

NUMBERS = {"TRIPOD+AI": 27, "CLAIM 2024": 44, "STARD-AI": 40}
"""Items by guideline, sub-items counted with theirs: Collins et al 2024, Tejani et al 2024, Sounderajah et al 2025."""
SUB_ITEMS = {"TRIPOD+AI": 52, "CLAIM 2024": 44, "STARD-AI": 48}
"""Rows by guideline, as in the tables of the papers."""


@pytest.mark.parametrize("name", NUMBERS)
def test_every_item_of_the_paper_is_there_once_and_in_order(name: str) -> None:
    (found,) = [guideline for guideline in guidelines() if guideline.name == name]
    numbers = [item.number for item in found.items]
    whole = [int(re.sub(r"\D", "", number)) for number in numbers]
    assert len(numbers) == len(set(numbers)) == SUB_ITEMS[name]
    assert sorted(set(whole)) == list(range(1, NUMBERS[name] + 1))
    assert whole == sorted(whole)


def test_each_topic_has_a_question_and_each_question_a_topic() -> None:
    topics = {item.topic for guideline in guidelines() for item in guideline.items}
    assert topics == set(questions())
    assert all(re.search(r"[?.]$", question) for question in questions().values())


def test_items_are_short_and_unlike_each_other_within_a_guideline() -> None:
    for guideline in guidelines():
        texts = [item.asks for item in guideline.items]
        assert len(set(texts)) == len(texts)
        assert all(len(text) < 100 and not text.endswith(".") for text in texts)


def test_keys_differ_and_are_fit_for_a_page() -> None:
    keys = [guideline.key for guideline in guidelines()]
    assert len(set(keys)) == len(keys)
    assert all(re.fullmatch(r"[a-z]([a-z-]*[a-z])?", key) for key in keys)


def test_the_items_are_installed_with_the_package() -> None:
    root = Path(__file__).parents[3]
    packaged = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["setuptools"]["package-data"]["reprodx"]
    source = root / "src" / "reprodx"
    installed = {path for pattern in packaged for path in source.glob(pattern)}
    assert set(FOLDER.glob("*.toml")) <= installed
