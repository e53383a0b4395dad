"""How a metric varies between sites: its mean over them, what to expect in a new one, and what is more than chance.

A random-effects meta-analysis with the sites as studies: each has a true value of its own, of a normal distribution.
For the AUROC that holds on the logit scale (Snell et al, Stat Methods Med Res 2018;27:3505).

Source: Riley et al, BMJ 2021;375:n2971, and Debray et al, BMJ 2017;356:i6460, for prediction models over clusters.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import expit, logit, ndtri, stdtrit

from reprodx.metrics.groups import MISSING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from reprodx.schemas import Estimate

MIN_SITES = 3
"""Of two sites no variance between sites can be told."""
NUM_CANDIDATES = 200
"""Variances that are tried before the search is narrowed: the likelihood may have more than one peak."""


@dataclass(frozen=True)
class RandomEffects:
    """A metric's distribution over sites."""

    mean: float
    ci_low: float
    ci_high: float
    prediction_low: float
    """Where the true value of a new site of the same kind is expected from."""
    prediction_high: float
    tau2: float
    """Variance of the true values between sites, on the scale of analysis: for the AUROC its logit."""
    i2: float
    """Share of the variance of the sites' values that is between them and not by chance, in [0, 1)."""
    q: float
    """Cochran's, chi-square with `num_sites` - 1 degrees of freedom where all sites are alike."""
    num_sites: int


@dataclass(frozen=True)
class SiteHeterogeneity:
    """What can be said of a metric over sites."""

    num_sites: int
    """That have a value with an interval."""
    left_out: tuple[str, ...]
    """Sites that are too small, or have no interval."""
    summary: RandomEffects | None
    """None with fewer than `MIN_SITES`."""


def auroc_over_sites(by_site: Mapping[str, Estimate], *, confidence_level: float) -> SiteHeterogeneity:
    """Return how an AUROC varies between sites; means and limits are AUROCs, analysed on their logits.

    Args:
        by_site: Estimates of one model by the name of the site.
        confidence_level: Of their intervals and of those returned, in (0, 1).

    Returns:
        Without sites whose limits have no finite logit: a site that was told apart without error is left out.
    """
    found = _over_sites(by_site, logit, confidence_level)
    if found.summary is None:
        return found
    mean, ci_low, ci_high, low, high = (
        float(expit(value))
        for value in (
            *(found.summary.mean, found.summary.ci_low, found.summary.ci_high),
            *(found.summary.prediction_low, found.summary.prediction_high),
        )
    )
    areas = dataclasses.replace(
        found.summary, mean=mean, ci_low=ci_low, ci_high=ci_high, prediction_low=low, prediction_high=high
    )
    return dataclasses.replace(found, summary=areas)


def difference_over_sites(by_site: Mapping[str, Estimate], *, confidence_level: float) -> SiteHeterogeneity:
    """Return how a difference of two models varies between sites.

    Args:
        by_site: Differences by the name of the site.
        confidence_level: Of their intervals and of those returned, in (0, 1).

    Returns:
        Without sites whose difference has no interval, or one of no width.
    """
    return _over_sites(by_site, lambda value: value, confidence_level)


def random_effects(
    effects: NDArray[np.float64], variances: NDArray[np.float64], *, confidence_level: float
) -> RandomEffects:
    """Return the distribution of true effects that estimates of several sites speak for.

    The variance between sites is by restricted maximum likelihood. The mean's interval is Hartung and Knapp's, with
    their variance never below the usual one: sites differ in size, where the unguarded one is too narrow. The
    prediction interval has the same variance of the mean, so that it always holds the mean's interval.

    Args:
        effects: Shape (sites,), at least `MIN_SITES`.
        variances: Shape (sites,), above 0: of each effect by sampling.
        confidence_level: Of the intervals, in (0, 1).

    Returns:
        On the scale of the effects.

    Source: Viechtbauer, J Educ Behav Stat 2005;30:261 (REML); IntHout et al, BMC Med Res Methodol 2014;14:25 (Hartung
    and Knapp); Roever et al, ibid 2015;15:99 (guarded); Higgins et al, J R Stat Soc A 2009;172:137, equation 12
    (prediction, t with sites - 2); Higgins & Thompson, Stat Med 2002;21:1539, equations 9 and 10 (I2).
    """
    num_sites, tau2 = effects.size, _reml(effects, variances)
    fixed, weights = 1 / variances, 1 / (variances + tau2)
    mean = np.average(effects, weights=weights)
    spread = weights @ (effects - mean) ** 2 / (num_sites - 1)
    variance = max(1.0, spread) / weights.sum()
    upper = (1 + confidence_level) / 2
    margin = stdtrit(num_sites - 1, upper) * np.sqrt(variance)
    reach = stdtrit(num_sites - 2, upper) * np.sqrt(tau2 + variance)
    typical = (num_sites - 1) * fixed.sum() / (fixed.sum() ** 2 - fixed @ fixed)
    return RandomEffects(
        mean=float(mean),
        ci_low=float(mean - margin),
        ci_high=float(mean + margin),
        prediction_low=float(mean - reach),
        prediction_high=float(mean + reach),
        tau2=tau2,
        i2=float(tau2 / (tau2 + typical)),
        q=float(fixed @ (effects - np.average(effects, weights=fixed)) ** 2),
        num_sites=num_sites,
    )


def _over_sites(
    by_site: Mapping[str, Estimate], scale: Callable[[float], float], confidence_level: float
) -> SiteHeterogeneity:
    quantile = float(ndtri((1 + confidence_level) / 2))
    usable = {}
    for site, estimate in by_site.items():
        values = [estimate.value, estimate.ci_low, estimate.ci_high]
        effect, low, high = (np.nan if value is None else float(scale(value)) for value in values)
        if site != MISSING and np.isfinite([effect, low, high]).all() and high > low:
            usable[site] = effect, ((high - low) / (2 * quantile)) ** 2
    left_out = tuple(site for site in by_site if site not in usable)
    if len(usable) < MIN_SITES:
        return SiteHeterogeneity(len(usable), left_out, None)
    effects, variances = np.array(list(usable.values())).T
    found = random_effects(effects, variances, confidence_level=confidence_level)
    return SiteHeterogeneity(len(usable), left_out, found)


def _reml(effects: NDArray[np.float64], variances: NDArray[np.float64]) -> float:
    """Return the variance between sites of the highest restricted likelihood."""
    # By hand: statsmodels has Paule-Mandel and DerSimonian-Laird alone. The likelihood falls beyond the last candidate.
    candidates = (effects.var(ddof=1) + variances.max()) * np.linspace(0, 1, NUM_CANDIDATES) ** 2
    losses = _loss(candidates, effects, variances)
    best = int(np.argmin(losses))
    found = minimize_scalar(
        lambda tau2: float(_loss(np.array([tau2]), effects, variances)[0]),
        bounds=(candidates[max(best - 1, 0)], candidates[min(best + 1, NUM_CANDIDATES - 1)]),
        method="bounded",
        options={"xatol": 1e-10 * float(candidates[-1])},
    )
    return float(found.x) if found.fun < losses[0] else 0.0


def _loss(
    tau2: NDArray[np.float64], effects: NDArray[np.float64], variances: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return minus twice the restricted log-likelihood of variances between sites, up to a constant, shape of these."""
    weights = 1 / (variances + tau2[:, None])
    total = weights.sum(axis=1)
    residuals = effects - (weights @ effects / total)[:, None]
    loss: NDArray[np.float64] = np.log(total) - np.log(weights).sum(axis=1) + (weights * residuals**2).sum(axis=1)
    return loss
