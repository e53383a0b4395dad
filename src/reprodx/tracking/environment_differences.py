"""What differs between how a run was made and what is here, before anything is run again."""

from __future__ import annotations

import platform
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class Kind(StrEnum):
    """What a difference is in."""

    COMMIT = "commit"
    CHANGES = "uncommitted changes"
    CODE = "code"
    CONFIG = "settings"
    DATA = "data"
    PACKAGE = "package"
    PYTHON = "Python"
    PLATFORM = "platform"
    PROCESSOR = "processor"
    THREADS = "threads"
    PORTABLE = "portable arithmetic"
    ACCELERATOR = "accelerator"


@dataclass(frozen=True)
class Difference:
    """One thing that was otherwise when the run was made."""

    kind: Kind
    name: str
    """Of the package, or of the file; empty where there is one of the kind."""
    recorded: str
    here: str
    is_undone: bool = False
    """Whether the rerun has it as recorded, as it has the commit: then it explains nothing."""

    @property
    def in_words(self) -> str:
        """The difference in a line."""
        about = f"{self.kind} {self.name}".strip()
        return f"{about}: {self.recorded} then, {self.here} here" + (" (rerun as then)" if self.is_undone else "")


def environment_differences(recorded: Mapping[str, Any], here: Mapping[str, Any]) -> list[Difference]:
    """Compare two records of an environment.

    Args:
        recorded: See `tracking.environment.environment_record`; of an older run what its lock says.
        here: The same of this process, or of the interpreter that the rerun uses.

    Returns:
        What differs; what one of them does not say is no difference.
    """
    return [*_plain(recorded, here), *_processors(recorded, here), *_packages(recorded, here)]


def record_of_lock(lock: str) -> dict[str, Any]:
    r"""Return what the lines of a lock say, in the form of an environment's record.

    >>> record_of_lock("# python 3.11.2 on Linux x86_64\nnumpy==2.1.0\n")["packages"]
    {'numpy': '2.1.0'}
    """
    header = re.match(r"# python (\S+) on (\S+) (\S+)", lock)
    about: dict[str, Any] = {}
    if header:
        about = {"python": header[1], "platform": {"system": header[2], "machine": header[3]}}
    return {**about, "packages": dict(re.findall(r"^([\w.\-]+)==(\S+)$", lock, re.MULTILINE))}


def _plain(recorded: Mapping[str, Any], here: Mapping[str, Any]) -> Iterator[Difference]:
    for kind, key in ((Kind.PYTHON, "python"), (Kind.ACCELERATOR, "accelerator"), (Kind.THREADS, "threads")):
        old, new = (_python(one.get(key)) if key == "python" else one.get(key) for one in (recorded, here))
        if old is not None and new is not None and old != new:
            yield Difference(kind, "", str(old), str(new))
    for kind, section in ((Kind.PLATFORM, "platform"), (Kind.THREADS, "library_threads")):
        for key, old in (recorded.get(section) or {}).items():
            new = (here.get(section) or {}).get(key)
            if old and new and old != new:
                yield Difference(kind, f"of {key}" if kind == Kind.THREADS else key, str(old), str(new))


def _processors(recorded: Mapping[str, Any], here: Mapping[str, Any]) -> Iterator[Difference]:
    old, new = (one.get("processor") or {} for one in (recorded, here))
    # Some libraries divide their sums among the cores.
    for key in ("model", "cores", "torch_capability"):
        if old.get(key) and new.get(key) and old[key] != new[key]:
            yield Difference(Kind.PROCESSOR, "" if key == "model" else key, str(old[key]), str(new[key]))
    flags, now = set(old.get("flags") or ()), set(new.get("flags") or ())
    if flags and now and flags != now:
        lacks, has = sorted(flags - now), sorted(now - flags)
        told = [f"without {' '.join(lacks)}"] if lacks else []
        told += [f"with {' '.join(has)}"] if has else []
        yield Difference(Kind.PROCESSOR, "instructions", "its own", ", ".join(told))


def _packages(recorded: Mapping[str, Any], here: Mapping[str, Any]) -> Iterator[Difference]:
    old, new = (_by_plain_name(one.get("packages") or {}) for one in (recorded, here))
    if not old or not new:
        return
    for name in sorted(old.keys() | new.keys()):
        # What nobody asked for, such as a tool for development, is more of no meaning.
        if name != "reprodx" and name in old and old[name] != new.get(name):
            yield Difference(Kind.PACKAGE, name, old[name], new.get(name, "absent"))


def _by_plain_name(packages: Mapping[str, str | None]) -> dict[str, str]:
    """Return versions by name as installers compare them: `Foo_Bar` is `foo-bar`, and a local version is no other."""
    return {
        re.sub(r"[-_.]+", "-", name).lower(): (version or "without version").partition("+")[0]
        for name, version in packages.items()
    }


def _python(told: str | None) -> str | None:
    """Return Python's version with its implementation, which older records leave out."""
    if told is None or " " in told:
        return told
    return f"{platform.python_implementation()} {told}"
