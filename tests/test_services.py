"""Services on this machine: their passwords stay theirs, their ports stay, and what a kill left of them is found."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
from typing import TYPE_CHECKING

import psutil
import pytest

from reprodx.errors import ConfigError
from services import postgresql, s3
from services.__main__ import main, usage
from services.places import HOST, Places, find_places, free_port, refuse_taken
from services.processes import MARK, end, is_whole, running, start, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SLEEP = "import time; time.sleep(60)"
PARENT = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', '{SLEEP}']).wait()"


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return find_places(tmp_path / "services")


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Path]:
    """Return the folder of a service of two processes, the first of which is killed."""
    folder = tmp_path / "service"
    start(folder, [sys.executable, "-c", PARENT], {})
    wait_until(lambda: len(running(folder)) == 2, folder, "it")
    yield folder
    end(running(folder))


def test_passwords_are_in_files_of_the_owner_alone(places: Places) -> None:
    secrets = (places.password, places.access_key, places.secret_key)
    assert min(map(len, secrets)) >= 20
    for file in places.folder.iterdir():
        is_private = stat.S_IMODE(file.stat().st_mode) == 0o600
        assert is_private or not any(secret in file.read_text() for secret in secrets), file
    assert not any(secret in usage(places) for secret in secrets)
    assert not any(secret in places.environment.read_text() for secret in secrets)
    assert not stat.S_IMODE(places.folder.stat().st_mode) & 0o066


def test_ports_and_passwords_stay_unless_others_are_given(places: Places) -> None:
    assert find_places(places.folder) == places
    other = find_places(places.folder, {"s3": 20_001, "mlflow": 0})
    assert (other.ports.s3, other.ports.mlflow, other.password) == (20_001, places.ports.mlflow, places.password)
    assert find_places(places.folder) == other
    assert len({places.ports.mlflow, places.ports.postgresql, places.ports.s3}) == 3


def test_each_folder_has_passwords_of_its_own(places: Places, tmp_path: Path) -> None:
    assert find_places(tmp_path / "other").password != places.password


def test_a_damaged_note_is_no_reason_for_new_passwords(places: Places) -> None:
    note = places.folder / "places.json"
    note.write_text(note.read_text()[:40])
    with pytest.raises(ConfigError, match="damaged"):
        find_places(places.folder)


def test_a_port_that_something_has_is_refused_with_another_one() -> None:
    with socket.socket() as other:
        other.bind((HOST, 0))
        other.listen()
        with pytest.raises(ConfigError, match=r"is taken by another program: .*--s3-port [23]"):
            refuse_taken("s3", other.getsockname()[1])
    refuse_taken("s3", free_port())


def test_what_a_kill_left_of_a_service_is_found_and_ended(service: Path) -> None:
    first = next(process for process in running(service) if os.getpgid(process.pid) == process.pid)
    assert is_whole(service)
    first.kill()
    psutil.wait_procs([first], 10)
    (left,) = running(service)
    assert not is_whole(service)
    end([left])
    assert not running(service)


def test_a_service_is_known_by_its_folder(service: Path, tmp_path: Path) -> None:
    assert {process.environ()[MARK] for process in running(service)} == {str(service)}
    assert not running(tmp_path / "serv")


def test_a_service_that_does_not_start_says_why_at_once(tmp_path: Path) -> None:
    folder = tmp_path / "service"
    start(folder, [sys.executable, "-c", "raise SystemExit('no such bucket')"], {})
    with pytest.raises(ConfigError, match="S3 did not start: no such bucket"):
        wait_until(lambda: False, folder, "S3")


def test_settings_of_a_person_reach_no_service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "of a person")
    monkeypatch.setenv("PGPASSWORD", "of a person")
    folder = tmp_path / "service"
    start(folder, [sys.executable, "-c", PARENT], {"AWS_PROFILE": "own"})
    wait_until(lambda: len(running(folder)) == 2, folder, "it")
    found = running(folder)
    assert {(one.environ().get("AWS_ACCESS_KEY_ID"), one.environ().get("PGPASSWORD")) for one in found} == {
        (None, None)
    }
    assert {one.environ()["AWS_PROFILE"] for one in found} == {"own"}
    end(found)


def test_without_postgresql_it_is_said_how_to_install_it(
    places: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(postgresql, "INSTALLED", ())
    monkeypatch.setattr(postgresql.shutil, "which", lambda _: None)
    monkeypatch.setattr(postgresql.os, "geteuid", lambda: 1000)
    assert main(["start", "--folder", str(places.folder)]) == 2
    assert capsys.readouterr().err.startswith("services: PostgreSQL is not installed: apt-get install postgresql")
    assert not s3.stop(places)


def test_data_of_another_version_are_left_alone(
    places: Places, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(postgresql.os, "geteuid", lambda: 1000)
    data = places.folder / "postgresql" / "data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("8.4\n")
    assert main(["start", "--folder", str(places.folder)]) == 2
    assert "is of PostgreSQL 8.4, which is not installed" in capsys.readouterr().err
    assert [file.name for file in data.iterdir()] == ["PG_VERSION"]


def test_nothing_to_stop_is_no_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["stop", "--folder", str(tmp_path / "none")]) == 0
    assert "did not run" in capsys.readouterr().out
    assert not (tmp_path / "none").exists()


def test_make_clean_keeps_what_the_services_hold() -> None:
    said = subprocess.run(["make", "--dry-run", "clean"], capture_output=True, text=True, check=True).stdout
    assert ".services" not in said
    ignored = subprocess.run(
        ["git", "check-ignore", ".services/places.json"], capture_output=True, text=True, check=False
    )
    assert ignored.returncode == 0
