"""The thread that delivers while a training goes on."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

import pytest

from reprodx.tracking import courier as courier_module
from reprodx.tracking.courier import Courier, say_undelivered
from reprodx.tracking.delivery import Delivery
from reprodx.tracking.spool import Spool
from tests.tracking.fake_client import FakeClient

if TYPE_CHECKING:
    from pathlib import Path

RUN = "c" * 32


@pytest.fixture
def client() -> FakeClient:
    return FakeClient()


@pytest.fixture
def courier(client: FakeClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Courier:
    monkeypatch.setattr(courier_module, "FIRST_PAUSE", 0.05)
    monkeypatch.setattr(courier_module, "FAILING_SECONDS", 0.3)
    monkeypatch.setattr(Courier, "of_runs", {})
    return Courier(Delivery(client, Spool(tmp_path, RUN, "s", "here"), is_new=True, is_served=False))


def wait_until(is_true: object) -> None:
    end = time.monotonic() + 60
    while not is_true():  # type: ignore[operator]
        assert time.monotonic() < end
        time.sleep(0.01)


def test_points_wait_for_company_and_anything_else_goes_at_once(client: FakeClient, courier: Courier) -> None:
    courier.add("points", [("curve/loss", 0.5, 1, 1)])
    time.sleep(0.1)
    assert not client.points
    courier.add("tags", {"run_id": RUN, "tags": {"a": "b"}})
    wait_until(lambda: client.tags and client.points)
    assert courier.finish(is_interrupted=False) == 0


def test_an_ended_run_whose_store_has_all_leaves_nothing(courier: Courier, client: FakeClient, tmp_path: Path) -> None:
    courier.add("status", {"status": "FINISHED", "time_ms": 1})
    assert courier.finish(is_interrupted=False) == 0
    assert client.status == ("FINISHED", 1)
    assert not list(tmp_path.iterdir())


def test_a_store_that_is_away_for_a_while_is_said_to_be_and_to_be_back(
    courier: Courier, client: FakeClient, caplog: pytest.LogCaptureFixture
) -> None:
    client.plan = ["unheard"] * 2
    with caplog.at_level(logging.INFO, "reprodx"):
        courier.add("status", {"status": "FINISHED", "time_ms": 1})
        assert courier.finish(is_interrupted=False) == 0
    assert [record.message.partition(" (")[0] for record in caplog.records] == [
        "tracking: the store fails",
        "tracking: the store is back",
    ]


def test_the_end_does_not_wait_for_a_store_that_stays_away_and_the_last_line_says_so(
    courier: Courier, client: FakeClient, caplog: pytest.LogCaptureFixture
) -> None:
    client.plan = ["unheard"] * 1000
    courier.add("tags", {"run_id": RUN, "tags": {"a": "b"}})
    courier.add("status", {"status": "FINISHED", "time_ms": 1})
    assert courier.finish(is_interrupted=False) == 2
    say_undelivered()
    assert caplog.messages[-1].startswith("tracking: 2 events of 1 run(s) are not delivered")
    assert "reprodx track --pending" in caplog.messages[-1]
    client.plan = []
    wait_until(lambda: courier.num_waiting == 0)
    caplog.clear()
    say_undelivered()
    assert not caplog.messages


@pytest.mark.parametrize("is_asked_meanwhile", [False, True])
def test_an_interrupted_run_waits_for_no_store_that_hangs(
    courier: Courier, client: FakeClient, monkeypatch: pytest.MonkeyPatch, *, is_asked_meanwhile: bool
) -> None:
    monkeypatch.setattr(courier_module, "is_asked", lambda: is_asked_meanwhile)
    monkeypatch.setattr(courier_module, "INTERRUPTED_SECONDS", 0.1)
    answer = client._answer
    monkeypatch.setattr(client, "_answer", lambda *call: (time.sleep(0.5), answer(*call))[1])
    courier.add("status", {"status": "KILLED", "time_ms": 1})
    start = time.monotonic()
    assert courier.finish(is_interrupted=not is_asked_meanwhile) == 1
    assert time.monotonic() - start < 0.45
    wait_until(lambda: courier.num_waiting == 0)
