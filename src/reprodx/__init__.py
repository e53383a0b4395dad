"""Experiments with diagnostic models whose results can be reproduced and compared."""

import signal
import sys
from pathlib import Path

__version__ = "0.1.0"

if Path(sys.argv[0]).stem == "reprodx" and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    # Ctrl-C ends a command whose libraries are still being imported as SIGTERM does: at once, without a traceback.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
