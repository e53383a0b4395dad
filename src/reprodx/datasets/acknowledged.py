"""What the owner of the data knows of and lets through: leaks, and columns by which persons can be known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reprodx.datasets.keys import checked_names
from reprodx.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping


IDENTIFYING = "identifying"


@dataclass(frozen=True)
class Acknowledged:
    """What the leakage gate lets through; a run that needs it is marked as leaky and never compared."""

    features: tuple[str, ...]
    """Features that look like an id or give the answer away."""
    duplicates: tuple[str, ...]
    """Cases whose inputs are identical to those of a case in another split."""
    patients: bool
    """Whether patients may have cases in several splits."""
    identifying: tuple[str, ...] = ()
    """Columns that are read although persons can be known by them; a run that has some is not leaky for that."""

    @classmethod
    def from_config(cls, content: Mapping[str, Any]) -> Acknowledged:
        """Return what `data.acknowledge` says.

        Args:
            content: The keys `features`, `duplicates` and `patients`, and `identifying` where there are such columns.

        Returns:
            What may pass.

        Raises:
            ConfigError: If a key is absent, unknown or of the wrong type.
        """
        keys = ("features", "duplicates", "patients")
        if set(content) - {IDENTIFYING} != set(keys):
            raise ConfigError(
                f"data.acknowledge: has the keys {sorted(content)}: give {', '.join(keys)} and {IDENTIFYING}"
            )
        if not isinstance(content["patients"], bool):
            raise ConfigError("data.acknowledge.patients: must be true or false")
        return cls(
            checked_names("data.acknowledge.features", content["features"]),
            checked_names("data.acknowledge.duplicates", content["duplicates"]),
            content["patients"],
            # Configurations of datasets that are older than the check do not have it.
            checked_names("data.acknowledge.identifying", content.get(IDENTIFYING, [])),
        )
