"""A store, and what logs runs in it, of the tracking room's tests."""

from tests.tracking.conftest import config, log_run, manifest, store

__all__ = ["config", "log_run", "manifest", "store"]
