"""Experiments with diagnostic models whose results can be reproduced and compared."""

__version__ = "0.1.0"
