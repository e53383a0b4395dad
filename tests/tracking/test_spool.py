"""What waits on disk, and who may have it open."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from reprodx.errors import TrackingError
from reprodx.tracking.spool import BusyError, Spool

if TYPE_CHECKING:
    from pathlib import Path

RUN = "b" * 32
KILLED_AMID_EVENTS = """
import os, sys
from pathlib import Path
from reprodx.tracking.spool import Spool
spool = Spool(Path(sys.argv[1]), sys.argv[2], "s", "here")
for number in range(100):
    spool.add("points", [number])
print("logged", flush=True)
os.kill(os.getpid(), 9)
"""


def opened(folder: Path) -> Spool:
    return Spool(folder, RUN, "s", "here", seconds=0)


def test_events_come_out_in_order_as_many_as_are_of_one_kind(tmp_path: Path) -> None:
    with opened(tmp_path) as spool:
        for kind, content in [("points", 1), ("points", 2), ("tags", {"a": "b"}), ("points", float("inf"))]:
            spool.add(kind, content)
        assert [event.content for event in spool.oldest(9)] == [1, 2]
        assert [event.content for event in spool.oldest(1)] == [1]
        spool.forget(spool.oldest(9))
        assert [(event.kind, event.content) for event in spool.oldest(9)] == [("tags", {"a": "b"})]
        spool.forget(spool.oldest(9))
        assert [event.content for event in spool.oldest(9)] == [float("inf")]
        assert len(spool) == 1


def test_a_killed_process_loses_nothing_and_holds_nothing_up(tmp_path: Path) -> None:
    command = [sys.executable, "-c", KILLED_AMID_EVENTS, str(tmp_path), RUN]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False)
    assert (done.returncode, done.stdout) == (-9, b"logged\n")
    with opened(tmp_path) as spool:
        assert [event.content for event in spool.oldest(200)] == [[number] for number in range(100)]


def test_what_waits_is_kept_and_what_does_not_leaves_nothing(tmp_path: Path) -> None:
    with opened(tmp_path) as spool:
        spool.add("files", [(None, spool.keep_bytes(b"text", "a.txt"))])
    with opened(tmp_path) as spool:
        ((_, kept),) = spool.oldest(1)[0].content
        assert (spool.files / kept).read_bytes() == b"text"
        spool.forget(spool.oldest(1))
    assert not list(tmp_path.iterdir())


def test_two_files_of_one_name_are_two(tmp_path: Path) -> None:
    with opened(tmp_path / "spool") as spool:
        (tmp_path / "a.txt").write_text("one")
        first = spool.keep_file(tmp_path / "a.txt")
        (tmp_path / "a.txt").write_text("two")
        second = spool.keep_file(tmp_path / "a.txt")
        assert [(spool.files / kept).read_text() for kept in (first, second)] == ["one", "two"]
        assert spool.keep_file(tmp_path / "a.txt") == second


def test_one_process_at_a_time_has_it_open(tmp_path: Path) -> None:
    with opened(tmp_path) as spool:
        with pytest.raises(BusyError, match="run bbbbbbbb is being written by another process"):
            opened(tmp_path)
        spool.add("tags", {})
    opened(tmp_path).close()


def test_a_damaged_one_is_set_aside_and_said(tmp_path: Path) -> None:
    (tmp_path / f"{RUN}.db").write_text(
        "no database, and long enough to be seen as such by who reads its beginning" * 20
    )
    with pytest.raises(TrackingError, match=r"was damaged and is now .*\.db\.damaged"):
        opened(tmp_path)
    with opened(tmp_path) as spool:
        assert len(spool) == 0


def test_a_full_disk_is_said_as_the_operating_system_says_it(tmp_path: Path) -> None:
    with opened(tmp_path) as spool:
        pages = spool._connection.execute("PRAGMA page_count").fetchone()[0]
        spool._connection.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
            spool.add("tags", {"long": "x" * 100_000})
        assert len(spool) == 0
