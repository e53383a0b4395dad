"""The configuration of one run: composed from `conf/`, validated, frozen, hashed, and turned into objects."""

from reprodx.config.schema import Config, Evaluation, Sweep, Tracking, Trainer
from reprodx.config.targets import instantiate

__all__ = ["Config", "Evaluation", "Sweep", "Tracking", "Trainer", "instantiate"]
