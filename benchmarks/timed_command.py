"""Run one reprodx command in a process of its own, and print what parts of it took.

`python timed_command.py '{"splitting": ["reprodx.splits.patient_stratified:PatientStratified.assign"]}' prepare ...`
prints JSON: for each part the seconds inside its functions, by the clock and of processor time, and the peak of
memory, with mapped files and without.
"""

from __future__ import annotations

import functools
import importlib
import json
import resource
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reprodx import cli

if TYPE_CHECKING:
    from collections.abc import Callable

PEAK_BYTES, PEAK_OWN_BYTES = "peak_bytes", "peak_own_bytes"
BYTES_PER_UNIT = 1 if sys.platform == "darwin" else 1024
"""Of `ru_maxrss`."""
STATUS, OWN_MEMORY = Path("/proc/self/status"), "RssAnon:"
"""Where Linux tells a process's own memory from that of mapped files; other systems do not."""
SECONDS_BETWEEN_LOOKS = 0.02


class Stopwatch:
    """Sums the time of the calls that it wraps; what happens inside another timed call counts there alone."""

    is_any_running = False

    def __init__(self) -> None:
        """Start at 0."""
        self.clock = self.processor = 0.0

    def around(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function that does the same and is timed."""

        @functools.wraps(function)
        def timed(*args: Any, **kwargs: Any) -> Any:
            if Stopwatch.is_any_running:
                return function(*args, **kwargs)
            Stopwatch.is_any_running = True
            clock, processor = time.perf_counter(), time.process_time()
            try:
                return function(*args, **kwargs)
            finally:
                Stopwatch.is_any_running = False
                self.clock += time.perf_counter() - clock
                self.processor += time.process_time() - processor

        return timed

    def replace(self, place: str) -> None:
        """Put the timed function where the original is: `module:name` or `module:class.name`."""
        module, _, path = place.partition(":")
        *parents, name = path.split(".")
        owner = functools.reduce(getattr, parents, importlib.import_module(module))
        setattr(owner, name, self.around(getattr(owner, name)))


class PeakMemory:
    """Looks at the memory that the process holds and no file backs, in a thread of its own until it is stopped."""

    def __init__(self) -> None:
        """Start to look."""
        self._peak = anonymous_bytes()
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> float:
        """Return the peak in bytes; NaN where it cannot be known."""
        self._is_over.set()
        self._thread.join()
        return self._peak

    def _watch(self) -> None:
        while not self._is_over.wait(SECONDS_BETWEEN_LOOKS):
            self._peak = max(self._peak, anonymous_bytes())


def anonymous_bytes() -> float:
    """Return the memory that this process holds and no file backs, in bytes; NaN where it cannot be known."""
    if not STATUS.exists():
        return float("nan")
    line = next(line for line in STATUS.read_text().splitlines() if line.startswith(OWN_MEMORY))
    return 1024.0 * int(line.split()[1])


def main() -> None:
    parts, arguments = json.loads(sys.argv[1]), sys.argv[2:]
    watches = {name: Stopwatch() for name in parts}
    for name, places in parts.items():
        for place in places:
            watches[name].replace(place)
    memory = PeakMemory()
    if exit_code := cli.main(arguments):
        sys.exit(exit_code)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * BYTES_PER_UNIT
    seconds = {name: [watch.clock, watch.processor] for name, watch in watches.items()}
    print(json.dumps({**seconds, PEAK_BYTES: peak, PEAK_OWN_BYTES: memory.stop()}))


if __name__ == "__main__":
    main()
