"""What the name of a column says."""

from __future__ import annotations

import pytest

from reprodx.datasets.column_meanings import is_event, is_known_late, is_time, plain_name


@pytest.mark.parametrize(
    "name",
    ["time", "Zeit", "Follow-up (months)", "FollowUpTime", "follow up", "length of stay", "LOS", "los_days", "icu_los",
     "Hospital days", "discharge", "DischargeDate", "Entlassungsdatum", "death_date", "DOD", "Todesdatum",
     "survival_months", "os_months", "Überlebenszeit", "Durée de séjour", "date_sortie", "fecha de alta",
     "Verweildauer", "dias de estancia", "date_of_death", "time_days"],
)  # fmt: skip
def test_what_is_known_only_after_the_outcome(name: str) -> None:
    assert is_known_late(name)


@pytest.mark.parametrize(
    "name",
    ["age", "prothrombin time", "reaction_time", "nasal discharge", "dolor de los pies", "presion alta", "close",
     "timepoint", "glucose", "alos", "bilirubin", "doses", "day", "status", "suffix", "method", "todo"],
)  # fmt: skip
def test_what_is_known_before(name: str) -> None:
    assert not is_known_late(name)


def test_times_and_events() -> None:
    assert all(map(is_time, ("time", "TTE", "Survival Time", "days_to_death")))
    assert not is_time("runtime")
    assert is_event("Event")
    assert not is_event("y")
    assert plain_name("Überleben (Tage)") == "uberleben_tage"
