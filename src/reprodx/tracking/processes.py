"""Which process a run is of, and whether that process is gone: a machine's name or a user's is not given away.

A process id is used again, so the moment at which the process started belongs to it; and what is told of another
machine, or of another container, whose processes cannot be seen from here, is that nothing is known.
"""

from __future__ import annotations

import functools
import hashlib
import os
import platform
from pathlib import Path

from reprodx.artifacts.files import is_running

PROCESSES = Path("/proc")
"""Where Linux tells of processes; elsewhere a process is known by its id alone."""
DIGITS = 6
"""Of each of the two hashes."""
STATE, STARTED = 0, 19
"""Fields of `/proc/<pid>/stat` behind the name, which may hold spaces and brackets."""
ZOMBIE = "Z"


def own() -> str:
    """Return the tag of this process.

    Returns:
        `<6 digits of a hash of the machine><6 of its boot>:<process id>:<start in ticks since the boot>`.
    """
    return f"{_machine()}{_boot()}:{os.getpid()}:{_started(os.getpid()) or 0}"


def is_dead(tag: str) -> bool:
    """Tell whether a process is known to be gone.

    Args:
        tag: As `own` returned it there.

    Returns:
        False also of a process of another machine, of which nothing is known.
    """
    return _is_of_this_machine(tag) and not is_alive(tag)


def is_alive(tag: str) -> bool:
    """Tell whether a process is known to be there.

    Args:
        tag: As `own` returned it there.

    Returns:
        False also of a process of another machine, of which nothing is known.
    """
    place, process, started = _parts(tag)
    if place != _machine() + _boot():
        return False
    found = _started(int(process))
    return found is not None and found == int(started)


def _is_of_this_machine(tag: str) -> bool:
    return _parts(tag)[0][:DIGITS] == _machine()


def _parts(tag: str) -> tuple[str, str, str]:
    """Return place, process id and start; of what is no such tag a place that is none."""
    place, _, rest = tag.partition(":")
    process, _, started = rest.partition(":")
    return (place, process, started) if process.isdecimal() and started.isdecimal() else ("", "0", "0")


@functools.cache
def _machine() -> str:
    # The namespace tells containers of one machine apart; outside of one it is the same number always.
    return _hash(_text("/etc/machine-id"), platform.node(), _link("/proc/self/ns/pid"))


@functools.cache
def _boot() -> str:
    return _hash(_text("/proc/sys/kernel/random/boot_id"))


def _hash(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:DIGITS]


def _text(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError:
        return ""


def _link(path: str) -> str:
    try:
        return str(Path(path).readlink())
    except OSError:
        return ""


def _started(process: int) -> int | None:
    """Return when a process started, 0 where that cannot be told; None where it is gone."""
    if not PROCESSES.joinpath("self").exists():
        return 0 if is_running(process) else None
    stat = _text(f"{PROCESSES}/{process}/stat")
    fields = stat.rpartition(")")[2].split()
    return None if not fields or fields[STATE] == ZOMBIE else int(fields[STARTED])
