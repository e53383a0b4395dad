"""How each model's AUROC, and each difference, varies between sites, as one table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reprodx.comparison.site_heterogeneity import compared_over_sites
from reprodx.reporting.comparison.evidence import signed
from reprodx.reporting.page import Paragraph, Table
from reprodx.reporting.site_heterogeneity import METHOD, SHARE, doubt, left_out, too_few_sites
from reprodx.reporting.wording import NOTHING, count, number

if TYPE_CHECKING:
    from collections.abc import Callable

    from reprodx.metrics.heterogeneity import SiteHeterogeneity
    from reprodx.reporting.comparison.evidence import Evidence


def heterogeneity_blocks(evidence: Evidence) -> list[Paragraph | Table]:
    """Return a row for each model and each difference; with two usable sites a sentence, with fewer nothing."""
    over_sites = compared_over_sites(evidence.comparison)
    if over_sites is None:
        return []
    models = [(evidence.names[place], found) for place, found in over_sites.models.items()]
    pairs = [(evidence.pair(*pair), found) for pair, found in over_sites.pairs.items()]
    most = max((found for _, found in models + pairs), key=lambda found: found.num_sites)
    if most.summary is None:
        told = too_few_sites(most)
        return [Paragraph(" ".join(told))] if told else []
    level = f"{100 * evidence.comparison.settings.confidence_level:g}%"
    omitted: dict[str, list[str]] = {}
    for name, found in models + pairs:
        for note in left_out(found):
            omitted.setdefault(note, []).append(name)
    return [
        Table(
            key="site-heterogeneity",
            caption=f"{evidence.comparison.primary.metric.label} over sites",
            columns=(
                "Model or difference",
                "Sites",
                f"Mean ({evidence.confidence})",
                f"In a new hospital like these ({level} prediction interval)",
                "I²",
            ),
            rows=(
                *((name, *_cells(found, number)) for name, found in models),
                *((name, *_cells(found, signed)) for name, found in pairs),
            ),
            notes=(
                f"I²: {SHARE}.",
                *doubt(most),
                *(f"{'; '.join(names)}: {note}" for note, names in omitted.items()),
                METHOD,
            ),
        )
    ]


def _cells(found: SiteHeterogeneity, shown: Callable[[float], str]) -> tuple[str, ...]:
    summary = found.summary
    if summary is None:
        return count(found.num_sites), NOTHING, NOTHING, NOTHING
    return (
        count(found.num_sites),
        f"{shown(summary.mean)} ({shown(summary.ci_low)} to {shown(summary.ci_high)})",
        f"{shown(summary.prediction_low)} to {shown(summary.prediction_high)}",
        f"{summary.i2:.0%}",
    )
