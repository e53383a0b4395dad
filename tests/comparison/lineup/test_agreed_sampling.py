"""How the cases came to be, as sources say that are compared on the same ones."""

from collections.abc import Callable

import pytest

from reprodx.comparison.lineup.agreed_sampling import agreed_sampling
from reprodx.comparison.source import Source


@pytest.mark.parametrize(
    ("stated", "sampling"),
    [
        ((None, None), "cohort"),
        (("cohort", None), "cohort"),
        (("case_control", "case_control"), "case_control"),
        (("case_control", None), "case_control"),
    ],
)
def test_who_says_nothing_contradicts_nobody(
    make_source: Callable[..., Source], stated: tuple[str | None, ...], sampling: str
) -> None:
    metadata: list[dict[str, str]] = [{} if one is None else {"sampling": one} for one in stated]
    found = agreed_sampling([make_source(name, **one) for name, one in zip("ab", metadata, strict=True)])
    assert (found.sampling, found.notes) == (sampling, ())


def test_a_contradiction_is_said_and_taken_for_a_cohort(make_source: Callable[..., Source]) -> None:
    found = agreed_sampling([make_source("a", sampling="cohort"), make_source("b", sampling="case_control")])
    assert found.sampling == "cohort"
    (note,) = found.notes
    assert note.startswith("The classes were fixed by design as b would have it, and patients taken as they came as a ")
