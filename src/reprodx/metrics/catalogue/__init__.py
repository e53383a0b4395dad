"""Every metric, one file each: a new file that names its `METRICS` is scored, compared and reported.

`metrics_in` is the way in.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
from typing import TYPE_CHECKING

from reprodx.errors import ConfigError
from reprodx.metrics.metric import Need

if TYPE_CHECKING:
    from reprodx.metrics.asked import View
    from reprodx.metrics.metric import Metric


@functools.cache
def all_metrics() -> tuple[Metric, ...]:
    """Return every metric of this folder in the order of tables."""
    names = [module.name for module in pkgutil.iter_modules(__path__, prefix=f"{__name__}.")]
    found = [metric for name in names for metric in importlib.import_module(name).METRICS]
    return tuple(sorted(found, key=lambda metric: (metric.place, metric.name)))


def metrics_in(view: View) -> list[Metric]:
    """Return the metrics of what is asked, in the order of tables: what leads comes first."""
    found = [metric for metric in all_metrics() if view in metric.views]
    return sorted(found, key=lambda metric: view not in metric.leads_in)


def key_metrics(view: View) -> list[Metric]:
    """Return the metrics to be seen at a glance: what leads, what is called at the threshold, and the rest."""
    found = [metric for metric in metrics_in(view) if view in metric.key_in]
    return sorted(found, key=lambda metric: (view not in metric.leads_in, Need.CALLS not in metric.needs))


def metric_of(name: str) -> Metric:
    """Return a metric by its own name.

    Args:
        name: As in `metrics.json`, without what is asked.

    Returns:
        The metric.

    Raises:
        ConfigError: If there is none.
    """
    found = next((metric for metric in all_metrics() if metric.name == name), None)
    if found is None:
        raise ConfigError(f"metric {name!r} is not known: choose one of {', '.join(one.name for one in all_metrics())}")
    return found
