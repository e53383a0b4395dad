"""`python -m reprodx` and the console script."""

import sys

from reprodx.cli import main

if __name__ == "__main__":
    sys.exit(main())
