"""Imports, probes, and errors in one line."""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
import threading
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING

import pytest

from reprodx.errors import TrackingError
from reprodx.tracking.connection import SETTINGS, connect, import_mlflow, one_line, probe, store_errors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


class Refusing(BaseHTTPRequestHandler):
    """Answers every request with 401."""

    def do_GET(self) -> None:
        self.send_error(401)

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


@pytest.fixture
def refusing_server() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Refusing)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def silent_port() -> Iterator[int]:
    """Accept connections and never answer."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening.getsockname()[1]


@pytest.fixture
def closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def test_a_server_that_answers_is_there_even_if_it_refuses(refusing_server: str) -> None:
    probe(f"http://ann:secret@{refusing_server}", seconds=5)


def test_a_server_that_stays_silent_is_unreachable(silent_port: int) -> None:
    with pytest.raises(TrackingError, match=r"unreachable .*timed out"):
        probe(f"http://127.0.0.1:{silent_port}", seconds=0.1)


def test_an_absent_server_is_unreachable_and_its_password_is_not_shown(closed_port: int) -> None:
    with pytest.raises(TrackingError, match=r"unreachable .*refused.*tracking=none") as caught:
        probe(f"http://ann:secret@127.0.0.1:{closed_port}", seconds=5)
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("kind", ["postgresql", "postgresql+psycopg", "mysql+pymysql"])
def test_a_database_server_that_is_down_is_said_at_once(closed_port: int, kind: str) -> None:
    with pytest.raises(TrackingError, match=r"unreachable .*refused") as caught:
        probe(f"{kind}://ann:secret@127.0.0.1:{closed_port}/mlflow", seconds=5)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("uri", ["sqlite:///mlflow.db", "databricks", "postgresql:///mlflow?host=/run/postgresql"])
def test_what_is_no_server_is_not_probed(uri: str) -> None:
    probe(uri, seconds=0.1)


def test_a_wrapped_reason_is_unwrapped() -> None:
    text = "Max retries exceeded with url: /x (Caused by NewConnectionError(\"Connection(host='h'): Failed: refused\"))"
    assert one_line(ValueError(text)) == "refused"


def test_the_cause_at_the_bottom_is_named() -> None:
    error = RuntimeError("a long story")
    error.__cause__ = ValueError("no such table")
    assert one_line(error) == "no such table"


def test_an_error_without_text_is_called_by_its_type() -> None:
    assert one_line(TimeoutError()) == "TimeoutError"


def test_the_page_of_another_is_not_repeated() -> None:
    said = "but the response body was not in a valid JSON format. Response body: '<html>" + "x" * 100_000
    assert one_line(ValueError(said)) == (
        "the answer is no MLflow's: see in a browser what is at the address, as a page that asks for a login"
    )


def test_settings_are_set_and_those_of_the_user_win(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SETTINGS:
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "99")
    import_mlflow()
    assert {name: os.environ[name] for name in SETTINGS} == SETTINGS | {"MLFLOW_HTTP_REQUEST_TIMEOUT": "99"}


@pytest.mark.parametrize(
    ("code", "words"), [(401, "MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD"), (403, "change")]
)
def test_a_server_with_accounts_is_understood(code: int, words: str) -> None:
    said = f"API request to endpoint /api failed with error code {code} != 200. Response body: 'You are not'"
    assert one_line(ValueError(said)).startswith(f"{code}: ")
    assert words in one_line(ValueError(said))


def test_an_error_of_a_server_keeps_its_code_and_loses_its_page() -> None:
    said = "API request to endpoint /api failed with error code 500 != 200. Response body: '<html>of any length"
    assert one_line(ValueError(said)) == "API request to endpoint /api failed with error code 500 != 200"


def test_of_a_folder_that_was_not_copied_the_first_reason_is_told() -> None:
    why = [("/home/ann/a", "/store/a", "[Errno 28] No space left on device: '/home/ann/a' -> '/store/a'")]
    assert one_line(shutil.Error(why * 2)) == "[Errno 28] No space left on device"


def test_a_database_that_fails_leaves_the_words_to_us(
    copy_database: Callable[[Path], None], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy_database(tmp_path)
    client = connect(f"sqlite:///{tmp_path}/mlflow.db")
    with closing(sqlite3.connect(tmp_path / "mlflow.db")) as database:
        database.execute("PRAGMA foreign_keys = OFF")
        database.execute("DROP TABLE experiments")
    with pytest.raises(store_errors()):
        client.create_experiment("heart")
    assert not capsys.readouterr().err
