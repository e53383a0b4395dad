"""`python -m reprodx` and the console script."""

import sys

from reprodx.cli import main
from reprodx.start import start

if __name__ == "__main__":
    start()
    sys.exit(main())
