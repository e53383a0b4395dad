"""What waits reaches the store in order and once, whatever fails and whenever a process dies."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from reprodx.errors import TrackingError
from reprodx.tracking.delivery import UPLOADING, Delivery
from reprodx.tracking.spool import Spool
from tests.tracking.conftest import MANIFEST
from tests.tracking.fake_client import FakeClient, write_model

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reprodx.tracking.store import Store

RUN = "a" * 32
STATUS = {"status": "FINISHED", "time_ms": 9}


class Killed(BaseException):
    """The process is gone."""


def filled(spool: Spool, manifest: Mapping[str, Any]) -> None:
    """Log one of each kind."""
    spool.add("params", {"seed": "0"})
    spool.add("tags", {"run_id": RUN, "tags": {"reprodx.seed": "0"}})
    for epoch in (1, 2, 3):
        spool.add("points", [("curve/val_loss", 1 / epoch, epoch, epoch), ("curve/val_auroc", 0.5, epoch, epoch)])
    spool.add("scores", [("test/auroc", 0.9, 7, 0)])
    spool.add("files", [(None, spool.keep_bytes(b"seed: 0", "config.yaml"))])
    spool.add("files", [("plots", spool.keep_bytes(b"x,y", "roc.csv")), ("plots", spool.keep_bytes(b"x", "pr.csv"))])
    spool.add("dataset", {"name": "clinic", "manifest": dict(manifest)})
    folder = spool.keep_folder()
    write_model(folder)
    spool.add("model", folder.name)
    spool.add("status", STATUS)


def check(client: FakeClient) -> None:
    assert sorted(client.points) == sorted(
        [
            (name, value, epoch, epoch)
            for epoch in (1, 2, 3)
            for name, value in (("curve/val_loss", 1 / epoch), ("curve/val_auroc", 0.5))
        ]
        + [("test/auroc", 0.9, 7, 0)]
    )
    assert client.params == {"seed": "0"}
    assert client.tags == {(RUN, "reprodx.seed"): "0"}
    assert client.files["config.yaml"] == b"seed: 0"
    assert (client.files["plots/roc.csv"], client.files["plots/pr.csv"]) == (b"x,y", b"x")
    assert client.datasets == {"d" * 8}
    assert client.models == client.outputs == ["m-0"]
    assert b"m-0" in client.files["m-0:MLmodel"]
    assert client.status == ("FINISHED", 9)


def deliver(client: FakeClient, spool: Spool, *, is_new: bool) -> int:
    """Deliver until nothing waits, trying again after each failure; return how often it failed."""
    delivery = Delivery(client, spool, is_new=is_new, is_served=True)
    for failures in range(100):
        try:
            while delivery.deliver_next():
                pass
        except TrackingError:
            continue
        return failures
    raise AssertionError("the store never took it")


@pytest.fixture(scope="module")
def num_calls(tmp_path_factory: pytest.TempPathFactory) -> int:
    """Return in how many calls a run of one of each kind is delivered."""
    client = FakeClient()
    with Spool(tmp_path_factory.mktemp("spool"), RUN, "s", "here") as spool:
        filled(spool, MANIFEST)
        assert deliver(client, spool, is_new=False) == 0
    check(client)
    return client.calls.total()


@pytest.mark.parametrize("how", ["unheard", "unanswered"])
@pytest.mark.parametrize("is_new", [True, False])
def test_a_store_that_fails_at_any_call_gets_everything_once(
    tmp_path: Path, manifest: Mapping[str, Any], num_calls: int, how: str, *, is_new: bool
) -> None:
    for call in range(num_calls):
        client = FakeClient()
        client.plan = ["fine"] * call + [how]
        with Spool(tmp_path / f"{call}", RUN, "s", "here") as spool:
            filled(spool, manifest)
            deliver(client, spool, is_new=is_new)
        check(client)


def test_a_store_that_fails_at_every_second_call_gets_everything_once(
    tmp_path: Path, manifest: Mapping[str, Any]
) -> None:
    client = FakeClient()
    client.plan = ["unanswered", "fine"] * 50
    with Spool(tmp_path, RUN, "s", "here") as spool:
        filled(spool, manifest)
        assert deliver(client, spool, is_new=False) > 5
    check(client)


def test_a_file_that_a_server_says_to_have_taken_and_has_not_is_sent_again(tmp_path: Path) -> None:
    client = FakeClient()
    taken = client.log_artifact
    client.log_artifact = lambda *_: setattr(client, "log_artifact", taken)
    with Spool(tmp_path, RUN, "s", "here") as spool:
        spool.add("files", [(None, spool.keep_bytes(b"seed: 0", "config.yaml"))])
        assert deliver(client, spool, is_new=True) == 1
    assert client.files == {"config.yaml": b"seed: 0"}


def test_what_mlflow_left_of_an_upload_that_was_killed_goes_when_it_is_sent_again(store: Store, tmp_path: Path) -> None:
    run_id = store.create_run("killed uploads", "a", {})
    artifacts = Path(store.client.get_run(run_id).info.artifact_uri, "plots")
    artifacts.mkdir(parents=True)
    (artifacts / f"{UPLOADING}x1").write_bytes(b"x")
    (artifacts / "kept.csv").write_bytes(b"y")
    with Spool(tmp_path, run_id, "s", "") as spool:
        spool.add("files", [("plots", spool.keep_bytes(b"x,y", "roc.csv"))])
        assert Delivery(store.client, spool, is_new=False, is_served=False).deliver_next()
    assert {file.name for file in artifacts.iterdir()} == {"kept.csv", "roc.csv"}


def test_a_score_that_is_logged_again_counts_though_the_clock_was_set_back(store: Store, tmp_path: Path) -> None:
    run_id = store.create_run("clocks", "a", {})
    for value, time in ((0.9, 2000), (0.8, 1000)):
        with Spool(tmp_path, run_id, "s", "") as spool:
            spool.add("scores", [("test/auroc", value, time, 0)])
            assert Delivery(store.client, spool, is_new=False, is_served=False).deliver_next()
        assert store.client.get_run(run_id).data.metrics == {"test/auroc": value}


def test_what_the_store_will_never_take_does_not_hold_up_the_rest(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    from mlflow.exceptions import RestException

    client = FakeClient()

    def refuse(*_: object) -> None:
        raise RestException({"error_code": "INVALID_PARAMETER_VALUE", "message": "too long"})

    client.log_artifact = refuse
    with Spool(tmp_path, RUN, "s", "here") as spool:
        spool.add("files", [(None, spool.keep_bytes(b"", "x" * 200))])
        spool.add("status", STATUS)
        assert deliver(client, spool, is_new=True) == 0
    assert client.status == ("FINISHED", 9)
    assert "refuses files" in caplog.text


class Lives(RuleBasedStateMachine):
    """A run that is logged by processes which die, to a store that fails."""

    def __init__(self) -> None:
        """Begin with nothing logged."""
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.client = FakeClient()
        self.time = 0
        self.first_values: dict[tuple[str, int], float] = {}
        self.last_score: float | None = None
        self.tag: str | None = None
        self.files: dict[str, bytes] = {}
        self.num_models = 0
        self.open(is_new=True)

    def open(self, *, is_new: bool) -> None:
        """Be a new process."""
        self.spool = Spool(self.folder, RUN, "s", "here", seconds=0)
        self.delivery = Delivery(self.client, self.spool, is_new=is_new, is_served=True)

    @rule(step=st.integers(1, 6), value=st.sampled_from([0.25, 0.5]))
    def log_point(self, step: int, value: float) -> None:
        """Log a point, which a resumed training may have logged before."""
        self.time += 1
        self.spool.add("points", [("curve/loss", value, self.time, step)])
        self.first_values.setdefault(("curve/loss", step), value)

    @rule(value=st.sampled_from([0.7, 0.9]))
    def log_score(self, value: float) -> None:
        """Log a final value."""
        self.time += 1
        self.spool.add("scores", [("test/auroc", value, self.time, 0)])
        self.last_score = value

    @rule(value=st.sampled_from("ab"))
    def set_tag(self, value: str) -> None:
        """Set a tag again."""
        self.spool.add("tags", {"run_id": RUN, "tags": {"t": value}})
        self.tag = value

    @rule(name=st.sampled_from(["a", "b"]), content=st.binary(max_size=3))
    def log_file(self, name: str, content: bytes) -> None:
        """Log a file again."""
        self.spool.add("files", [("f", self.spool.keep_bytes(content, name))])
        self.files[f"f/{name}"] = content

    @rule()
    def log_model(self) -> None:
        """Log the model."""
        folder = self.spool.keep_folder()
        write_model(folder)
        self.spool.add("model", folder.name)
        self.num_models = 1

    @rule(plan=st.lists(st.sampled_from(["fine", "unheard", "unanswered"]), max_size=4))
    def deliver(self, plan: list[str]) -> None:
        """Deliver to a store that may fail."""
        self.client.plan = plan
        with contextlib.suppress(TrackingError):
            self.delivery.deliver_next()
        self.client.plan = []

    @rule(is_delivering=st.booleans())
    def die(self, *, is_delivering: bool) -> None:
        """Be killed, perhaps between the store's answer and the note of it, and start again."""
        if is_delivering:
            self.spool.forget = self._die
            with contextlib.suppress(Killed):
                self.delivery.deliver_next()
        # As the operating system lets go of what a process held; nothing is tidied up.
        self.spool._connection.close()
        self.spool._lock.release()
        self.open(is_new=False)

    def _die(self, _: object) -> None:
        raise Killed

    @precondition(lambda self: len(self.spool) == 0)
    @invariant()
    def the_store_has_everything_once(self) -> None:
        """Compare, where nothing waits."""
        curve = [((name, step), value) for name, value, _, step in self.client.points if name == "curve/loss"]
        assert sorted(curve) == sorted(self.first_values.items())
        assert self.client.get_run(RUN).data.metrics.get("test/auroc") == self.last_score
        assert self.client.tags == ({(RUN, "t"): self.tag} if self.tag else {})
        assert {path: content for path, content in self.client.files.items() if path[:2] == "f/"} == self.files
        assert len(self.client.models) == len(self.client.outputs) == self.num_models

    def teardown(self) -> None:
        """Deliver the rest and compare once more."""
        deliver(self.client, self.spool, is_new=False)
        self.the_store_has_everything_once()
        self.spool.close()
        assert not list(self.folder.iterdir())
        shutil.rmtree(self.folder)


TestLives = Lives.TestCase
TestLives.settings = settings(max_examples=20, stateful_step_count=20, deadline=None)
