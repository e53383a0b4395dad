"""A running trial gives signs of life without epochs; what others took for dead ends no worker."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import optuna
import pytest
from optuna.exceptions import StorageInternalError, UpdateFinishedTrialError

from reprodx.sweep.search import signs
from reprodx.sweep.search.signs import giving_signs

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def trial() -> optuna.Trial:
    return optuna.create_study().ask()


def test_signs_are_given_more_often_than_a_trial_is_taken_for_dead(
    trial: optuna.Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    wait_for = _counted(monkeypatch, lambda: None)
    with giving_signs(trial, dead_after=0.2):
        assert wait_for(3)
    assert not wait_for(1, seconds=0.1)


def test_a_storage_that_does_not_answer_once_is_asked_again(
    trial: optuna.Trial, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse() -> None:
        raise StorageInternalError

    wait_for = _counted(monkeypatch, refuse)
    with giving_signs(trial, dead_after=0.2):
        assert wait_for(2)
    assert "took no sign of life (StorageInternalError)" in caplog.text


def test_no_more_signs_are_given_of_what_was_taken_for_dead(
    trial: optuna.Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise UpdateFinishedTrialError

    wait_for = _counted(monkeypatch, refuse)
    with giving_signs(trial, dead_after=0.04):
        assert wait_for(1)
        assert not wait_for(1, seconds=0.1)


def _counted(monkeypatch: pytest.MonkeyPatch, give: Callable[[], None]) -> Callable[..., bool]:
    given = threading.Semaphore(0)

    def give_sign(_: optuna.Trial) -> None:
        given.release()
        give()

    monkeypatch.setattr(signs, "give_sign", give_sign)

    def wait_for(num: int, seconds: float = 10.0) -> bool:
        return all(given.acquire(timeout=seconds) for _ in range(num))

    return wait_for
