"""What the tests of the report of a comparison share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.comparisons import (
    make_comparison,
    make_evidence,
    make_fold_difference,
    make_ledger,
    make_selection,
    make_seven,
    with_cases,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from reprodx.artifacts.openings import Ledger
    from reprodx.comparison.result import Comparison, FoldDifference, Selection
    from reprodx.reporting.comparison.evidence import Evidence


@pytest.fixture(scope="session")
def compared() -> Callable[..., Comparison]:
    """Return a function that makes comparisons; see `make_comparison`."""
    return make_comparison


@pytest.fixture(scope="session")
def evidence_of() -> Callable[..., Evidence]:
    """Return a function that makes what a report is made from."""
    return make_evidence


@pytest.fixture(scope="session")
def two() -> Comparison:
    """A forest that is superior to a logistic regression."""
    return make_comparison()


@pytest.fixture(scope="session")
def seven() -> Comparison:
    """Seven models of three seeds each, the best of them chosen on validation."""
    return make_seven()


@pytest.fixture(scope="session")
def ledger() -> Ledger:
    """Three openings by two experiments."""
    return make_ledger()


@pytest.fixture(scope="session")
def selected() -> Callable[..., Selection]:
    """Return a function that makes the choice of the second contender."""
    return make_selection


@pytest.fixture(scope="session")
def folded() -> FoldDifference:
    """A difference over five folds."""
    return make_fold_difference()


@pytest.fixture(scope="session")
def changed() -> Callable[..., Comparison]:
    """Return a function that replaces fields of a comparison's cases."""
    return with_cases
