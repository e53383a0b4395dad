"""One process at a time at the results of a configuration."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from reprodx.artifacts.locations import home

if TYPE_CHECKING:
    from collections.abc import Iterator

logger = logging.getLogger(__name__)


@contextmanager
def alone(config_hash: str) -> Iterator[None]:
    """Let one process at a time be at a configuration, whose checkpoint and results have one place; wait for others.

    Args:
        config_hash: Of the configuration.

    Yields:
        Nothing, once no other process is at it.
    """
    lock = FileLock(home() / ".cache" / "running" / f"{config_hash}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        logger.info("another process is running this configuration: waiting until it has ended")
        lock.acquire()
    try:
        yield
    finally:
        lock.release()
