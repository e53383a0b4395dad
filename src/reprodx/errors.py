"""Every error that a user of reprodx can meet.

```
ReprodxError                      exit code 2: the input can be mended
  ConfigError(ValueError)         a missing value, an unknown key, a foreign _target_
  DataError(ValueError)
    DatasetNotFoundError(FileNotFoundError)
    SchemaError                   a column, type, unit or range is wrong
  ArtifactError
    ArtifactMissingError(FileNotFoundError)
    ArtifactCorruptError
  TrainingError(RuntimeError)     the loss is not a number, a checkpoint does not fit
  MetricError(ValueError)
    UndefinedMetricError          one class only, an empty group
  AttributionError(RuntimeError)  an answer cannot be attributed to what the model was given
  TrackingError(RuntimeError)     the tracking server refused or is absent
  ReproductionError(RuntimeError) a recorded run cannot be made again
  VerdictError                    exit code 3: a gate or a verdict said no
    PrivacyError(ValueError)      a person can be known by what would be read
    LeakageError(ValueError)      information of the test split reaches training
    IncomparableError(ValueError) runs that cannot be compared
    MemorisationError(RuntimeError) a generator gives its training cases back
Pruned(BaseException)             a search has ended a training that promises little, which is no error
Interrupted(BaseException)        exit code 130 or 143: a signal asked the process to end, which is no error
```

A message is one line that says what is wrong, where, and what to do. It never holds a value that belongs to a
patient: columns, row numbers and counts only.
"""

from collections.abc import Sequence
from signal import Signals
from typing import ClassVar


def first_of(names: Sequence[object], most: int = 3) -> str:
    """Return the first names of a list as a message tells them, and how many more there are.

    >>> first_of(["a", "b"], 2), first_of(["a", "b", "c"], 2)
    ('a, b', 'a, b and 1 more')
    """
    return ", ".join(map(str, names[:most])) + (f" and {len(names) - most} more" if len(names) > most else "")


class ReprodxError(Exception):
    """Base of all errors whose message is written for a person."""

    exit_code: ClassVar[int] = 2


class ConfigError(ReprodxError, ValueError):
    """A configuration that cannot be used; the message names the key's path."""


class DataError(ReprodxError, ValueError):
    """Data that cannot be used as they are."""


class DatasetNotFoundError(DataError, FileNotFoundError):
    """A data file that is not where the configuration says."""


class SchemaError(DataError):
    """A column, type, unit or range that differs from what was declared."""


class ArtifactError(ReprodxError):
    """A file that one stage left for another cannot be used."""


class ArtifactMissingError(ArtifactError, FileNotFoundError):
    """A file that an earlier stage should have made; the message names that stage."""


class ArtifactCorruptError(ArtifactError):
    """A file whose content is not what its maker wrote."""


class TrainingError(ReprodxError, RuntimeError):
    """Training cannot go on."""


class MetricError(ReprodxError, ValueError):
    """A metric was asked for with arguments that have no meaning."""


class UndefinedMetricError(MetricError):
    """A metric that these cases cannot define, such as an AUROC with one class only."""


class AttributionError(ReprodxError, RuntimeError):
    """An answer that cannot be attributed to what the model was given; the report says so and goes without."""


class TrackingError(ReprodxError, RuntimeError):
    """The tracking store refused or did not answer; what was computed is kept."""


class ReproductionError(ReprodxError, RuntimeError):
    """A recorded run cannot be made again; the message says at which stage, and why."""


class VerdictError(ReprodxError):
    """A gate or a verdict said no: nothing is broken, and the answer is negative."""

    exit_code: ClassVar[int] = 3


class PrivacyError(VerdictError, ValueError):
    """Data by which persons can be known, which nobody has acknowledged."""


class LeakageError(VerdictError, ValueError):
    """The split lets training see what it must be tested on."""


class IncomparableError(VerdictError, ValueError):
    """Runs that cannot be compared: other cases, other labels, or predictions that a comparison must not believe."""


class MemorisationError(VerdictError, RuntimeError):
    """A generator copies its training cases, which must not be used unless someone says so."""


class Pruned(BaseException):
    """A training that a search ends early; it can be gone on with later."""


class Interrupted(BaseException):
    """A signal asked the process to end; what was done is kept, and the same command goes on with it."""

    def __init__(self, signal: Signals) -> None:
        """Name the signal.

        Args:
            signal: SIGINT, as by Ctrl-C, or SIGTERM, as by `kill` or a scheduler.
        """
        super().__init__(signal)
        self.signal = signal

    def __str__(self) -> str:
        """Return the line for a person."""
        return f"interrupted by {self.signal.name}; repeat the command to go on"

    @property
    def exit_code(self) -> int:
        """What a shell is told: 130 or 143."""
        return 128 + self.signal
