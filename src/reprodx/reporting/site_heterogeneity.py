"""How much performance varies between sites, in words that stand under a table of sites."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reprodx.metrics.heterogeneity import MIN_SITES
from reprodx.reporting.wording import number

if TYPE_CHECKING:
    from reprodx.metrics.heterogeneity import SiteHeterogeneity

FEW_SITES = 10
"""With fewer a prediction interval is said to be uncertain (Cochrane Handbook 6.4, 10.10.4.3)."""
SHARE = "the share of the spread between sites that chance does not explain"
CHANCE = 0.5
NO_BETTER = "It reaches below 0.5, which is chance: these sites do not show that the model works in another hospital."
METHOD = "Sites as random effects, by REML; AUROCs on the logit scale; Hartung-Knapp interval of the mean."


def heterogeneity_notes(found: SiteHeterogeneity, label: str, confidence_level: float) -> tuple[str, ...]:
    """Return the mean over sites, what to expect in a new one, and how much of the spread is more than chance.

    Args:
        found: The AUROC of one model.
        label: Such as "AUROC, mean over classes".
        confidence_level: In (0, 1).

    Returns:
        With two usable sites that they are too few, with fewer nothing.
    """
    level, summary = f"{100 * confidence_level:g}%", found.summary
    if summary is None:
        return too_few_sites(found)
    return (
        f"{label} over {found.num_sites} sites: mean {number(summary.mean)} "
        f"({level}\N{NO-BREAK SPACE}CI {number(summary.ci_low)} to {number(summary.ci_high)}); in a new hospital like "
        f"these {number(summary.prediction_low)} to {number(summary.prediction_high)} ({level} prediction interval). "
        f"I² = {summary.i2:.0%}: {SHARE}.",
        *doubt(found),
        *([NO_BETTER] if summary.prediction_low < CHANCE else []),
        *left_out(found),
        METHOD,
    )


def too_few_sites(found: SiteHeterogeneity) -> tuple[str, ...]:
    """Return why nothing is said of heterogeneity, where there are all but enough sites."""
    if found.num_sites != MIN_SITES - 1:
        return ()
    return (f"Two sites are too few to tell how hospitals differ: it takes {MIN_SITES}.", *left_out(found))


def doubt(found: SiteHeterogeneity) -> tuple[str, ...]:
    """Return that a prediction interval is uncertain, where it comes from few sites."""
    if found.num_sites >= FEW_SITES:
        return ()
    return (f"With {found.num_sites} sites the prediction interval is itself uncertain.",)


def left_out(found: SiteHeterogeneity) -> tuple[str, ...]:
    """Return which sites could not be used."""
    if not found.left_out:
        return ()
    return (f"Left out of the mean, too small or without an interval: {', '.join(found.left_out)}.",)
