"""How the process of a command begins: with the source of the folder it stands in, in the environment it needs.

An editable installation binds `reprodx` to one checkout, whatever the folder: in a second clone, a worktree or DVC's
temporary workspace the code that ran would not be the code that is recorded. And numerical libraries read their
variables once. Where either is amiss the process is started anew, at most once for each reason, with the same
arguments. What else calls `reprodx.cli.main`, as tests, notebooks and libraries do, is never started anew.
"""

from __future__ import annotations

import logging
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from reprodx.errors import ConfigError
from reprodx.portability import is_portable, native_environment, obstacle, portable_environment

if TYPE_CHECKING:
    from collections.abc import Mapping

logger = logging.getLogger(__name__)

SOURCE = Path("src/reprodx")
"""The package's source, from a project's root."""
PROCESS = "REPRODX_PROCESS"
"""The variable that holds the id of a command's process, then the reasons for which it was started anew.

The id stays when a process is started anew, and a child has another, so that a child begins without reasons.
"""
COMPUTING = ("prepare", "train", "evaluate", "run")
"""The commands that a configuration says the environment of."""
COMPOSED = Path("params.yaml")
"""The last configuration that was composed."""


def start() -> None:
    """Begin the process of a command; to be called before anything that takes long is imported.

    Where the folder holds `src/reprodx` and another one was imported, the process is started anew with this one; where
    Python does not import it even then, one line is printed and the process ends with 2. A command that computes is
    started anew in the portable environment unless its settings seem to ask for the other; `ensure` has the last word.
    """
    os.environ[PROCESS] = " ".join([str(os.getpid()), *(_reasons() or [])])
    if _is_own_source():
        if _seems_portable() and not is_portable() and not obstacle() and _portable(True) not in (_reasons() or []):
            _start_anew(_portable(True), portable_environment(os.environ))
        return
    search = [str(SOURCE.parent.absolute()), *filter(None, [os.environ.get("PYTHONPATH")])]
    try:
        _start_anew("source", {**os.environ, "PYTHONPATH": os.pathsep.join(search)})
    except ConfigError:
        sys.stderr.write(
            f"reprodx: {SOURCE} stands in this folder, but Python imports another reprodx even where PYTHONPATH begins "
            "with it: start Python without -E and -I, or install this folder (`pip install --no-deps --editable .`)\n"
        )
        raise SystemExit(2) from None


def ensure(portable: bool) -> None:
    """Start the process of a command anew where it began in the wrong environment; any other process goes on.

    A machine that cannot be portable goes on as it is, and says so: its own digits are better than none.

    Args:
        portable: Whether the processor's own instructions are to be left unused, see `portability.VARIABLES`.

    Raises:
        ConfigError: If the new process did not find the environment that it was given.
    """
    if _reasons() is None:
        return
    if portable and (why := obstacle()):
        logger.warning("portable: %s gives last digits of its own; other machines repeat them within tolerance", why)
    elif portable != is_portable():
        change = portable_environment if portable else native_environment
        _start_anew(_portable(portable), change(os.environ))


def _is_own_source() -> bool:
    """Tell whether this package is the folder's own, or the folder has none."""
    return not any(SOURCE.glob("*.py")) or Path(__file__).resolve().parent == SOURCE.resolve()


def _seems_portable() -> bool:
    """Guess what the settings will ask for: composing them first takes longer than a wrong guess now and then."""
    if sys.argv[1:2] == [] or sys.argv[1] not in COMPUTING:
        return False
    asked = [argument.partition("=")[2] for argument in sys.argv[2:] if argument.startswith("trainer.portable=")]
    composed = COMPOSED.read_text(encoding="utf-8", errors="replace") if COMPOSED.is_file() else ""
    found = re.search(r"^  portable: (\w+)$", composed, re.MULTILINE)
    return (asked or [found[1] if found else "true"])[-1].lower() == "true"


def _portable(is_asked: bool) -> str:
    return f"portable={is_asked}"


def _reasons() -> list[str] | None:
    """Return why this process was started anew; None where it is not that of a command."""
    process_id, *reasons = os.environ.get(PROCESS, "").split(" ")
    return reasons if process_id == str(os.getpid()) else None


def _start_anew(reason: str, environ: Mapping[str, str]) -> NoReturn:
    reasons = _reasons() or []
    if reason in reasons:
        raise ConfigError(
            f"started anew for {reason}, the process still began without: no other program may change its environment"
        )
    sys.stdout.flush()
    sys.stderr.flush()
    started = {**environ, PROCESS: " ".join([str(os.getpid()), *reasons, reason])}
    try:
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], started)  # noqa: S606 - the same program
    except OSError as error:
        reason = (error.strerror or "").lower()
        sys.stderr.write(f"reprodx: Python cannot be started anew as {sys.executable!r} ({reason}): install it again\n")
        raise SystemExit(2) from None
