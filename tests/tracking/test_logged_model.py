"""A saved model becomes a logged model of its run once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reprodx.errors import TrackingError
from reprodx.tracking.logged_model import log_model
from tests.tracking.fake_client import FakeClient, write_model

if TYPE_CHECKING:
    from pathlib import Path

RUN = "d" * 32


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_model(tmp_path)
    return tmp_path


def test_the_saved_model_is_told_which_one_it_is(folder: Path) -> None:
    from mlflow.models import Model

    client = FakeClient()
    log_model(client, RUN, folder, is_served=True)
    assert (Model.load(str(folder)).model_id, client.outputs) == ("m-0", ["m-0"])


def test_a_run_that_has_its_model_gets_no_second_one(folder: Path) -> None:
    client = FakeClient()
    for _ in range(2):
        log_model(client, RUN, folder, is_served=True)
    assert client.models == client.outputs == ["m-0"]
    assert client.calls["log_model_artifacts"] == 1


@pytest.mark.parametrize("call", range(7))
def test_a_lost_answer_makes_no_second_one(folder: Path, call: int) -> None:
    client = FakeClient()
    client.plan = ["fine"] * call + ["unanswered"]
    with pytest.raises(TrackingError, match="was not answered"):
        log_model(client, RUN, folder, is_served=True)
    log_model(client, RUN, folder, is_served=True)
    assert client.models == client.outputs == ["m-0"]


def test_files_that_a_server_does_not_have_are_no_model(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    client = FakeClient()
    monkeypatch.setattr(client, "log_model_artifacts", lambda *_: None)
    with pytest.raises(TrackingError, match="3 files of the model were sent"):
        log_model(client, RUN, folder, is_served=True)
    assert not client.outputs
