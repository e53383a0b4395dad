"""A comparison as JSON for programs: stable keys, no NaN, undefined numbers null with their reason."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from reprodx.comparison.site_heterogeneity import compared_over_sites
from reprodx.reporting.comparison.notes import comparison_notes, num_folds_of, num_repetitions

if TYPE_CHECKING:
    from reprodx.comparison.result import (
        Comparison,
        Ensemble,
        FoldDifference,
        GroupDifference,
        MetricComparison,
        PairedDifference,
        Selection,
        Verdict,
    )
    from reprodx.metrics.difference import Difference
    from reprodx.metrics.heterogeneity import SiteHeterogeneity
    from reprodx.schemas import Estimate

FORMAT = 2
"""Raised when a key changes its meaning or goes."""


def as_json(comparison: Comparison) -> dict[str, Any]:
    """Return what was found as a JSON object.

    Args:
        comparison: What was found.

    Returns:
        With the keys

        - `format`; `split`, `task`, `classes`, `n` (cases), `n_patients` (null where no file names them), `metric` (the
          primary one), `reference` (a contender's name);
        - `contenders`: list of `name`, `num_members`, `seeds` (of the members), `num_repeats`, `num_folds` (1: one
          training set), `num_train`, `num_lost`, `num_events_lost`, and `sources` of `label` and `run_id` (null of a
          file);
        - `metrics`: by name `label`, `detail`, `is_higher_better`, `estimates` (by contender: `value`, `ci`, `n`,
          `n_events`, `method`, `reason`, `spread`) and `pairs` (list of `first`, `second`, `value`, `ci`, `statistic`,
          `p`, `p_holm` (of one pair `p` itself), `p_bh`, `mid_p`, `discordant`, `n`, `n_events`, `method`, `reason`);
        - `verdicts`: list of `first`, `second`, `verdict`, `reason`, `minimum_detectable`, `patients_needed` (to tell a
          difference of the margin from none), `seeds_floor` (what any number of patients would show with these seeds)
          and `seeds_needed` (whether that is above the margin);
        - `overall`: `statistic`, `degrees_of_freedom`, `p`, or null;
        - `groups`: list of a pair with `column`, `group`, `estimates`, `interaction_p`, `p_holm`;
        - `site_heterogeneity`: of the primary metric over sites, `models` (by contender) and `pairs` (list), each with
          `num_sites`, `left_out`, `mean`, `ci`, `prediction_interval`, `tau2`, `i2`, `q`, all but the first two null
          with under three sites; null where the metric is no AUROC, and without sites;
        - `by_fold`: list of a pair with `metric`, where `n` counts folds;
        - `selection`: `winner`, `num_candidates`, `chosen_on`, `validation` (by contender), `score`, `apparent`,
          `optimism` (by how much the winner looks better than it is, whatever the metric's direction), or null;
        - `ensembles`: list of `contender`, `num_members`, `metrics` by name;
        - `checks`: list of `check` and `found`; `notes`: list of sentences;
        - `margin`: `value`, `origin` and `is_configured`; `settings`: all others.

        A `ci` is a list of two numbers, or null; `reason` says why a value or its interval is null, else it is null.
    """
    cases, settings = comparison.cases, asdict(comparison.settings)
    names = [contender.name for contender in cases.contenders]
    margin = settings.pop("margin")
    num_patients = cases.table.height if cases.patients is None else int(cases.patients.max()) + 1
    return {
        "format": FORMAT,
        "split": cases.split,
        "task": cases.task.value,
        "classes": list(cases.classes),
        "n": cases.table.height,
        "n_patients": num_patients if cases.has_patients else None,
        "metric": comparison.primary.metric.name,
        "reference": names[0],
        "contenders": _contenders(comparison),
        "metrics": {one.metric.name: _metric(one, names) for one in comparison.metrics},
        "verdicts": [_verdict(one, names) for one in comparison.verdicts],
        "overall": _overall(comparison),
        "groups": [_group(one, names) for one in comparison.groups],
        "site_heterogeneity": _over_sites(comparison, names),
        "by_fold": [_fold(one, names) for one in comparison.by_fold],
        "selection": _selection(comparison.selection, names),
        "ensembles": [_ensemble(one, names) for one in comparison.ensembles],
        "checks": [{"check": check, "found": found} for check, found in cases.checks],
        "notes": list(comparison_notes(comparison)),
        "margin": margin,
        "settings": settings,
    }


def _contenders(comparison: Comparison) -> list[dict[str, Any]]:
    return [
        {
            "name": each.name,
            "num_members": len(each.members),
            "seeds": [member.seed for member in each.members],
            "num_repeats": num_repetitions(each),
            "num_folds": max(map(num_folds_of, each.members)),
            "num_train": each.num_train,
            "num_lost": each.num_lost,
            "num_events_lost": each.num_events_lost,
            "sources": [
                {"label": source.label, "run_id": source.run.run_id if source.run else None}
                for member in each.members
                for source in member.sources
            ],
        }
        for each in comparison.cases.contenders
    ]


def _estimate(estimate: Estimate) -> dict[str, Any]:
    has_interval = estimate.ci_low is not None and estimate.ci_high is not None
    return {
        "value": estimate.value,
        "ci": [estimate.ci_low, estimate.ci_high] if has_interval else None,
        "n": estimate.n,
        "n_events": estimate.n_events,
        "method": estimate.method,
        "reason": estimate.reason,
    }


def _difference(difference: Difference) -> dict[str, Any]:
    return {**_estimate(difference.estimate), "statistic": difference.statistic, "p": difference.p_value}


def _pair(one: PairedDifference | Verdict | FoldDifference | GroupDifference, names: list[str]) -> dict[str, Any]:
    return {"first": names[one.first], "second": names[one.second]}


def _metric(one: MetricComparison, names: list[str]) -> dict[str, Any]:
    return {
        "label": one.metric.label,
        "detail": one.metric.detail,
        "is_higher_better": one.metric.is_higher_better,
        "estimates": {
            name: {**_estimate(estimate), "spread": spread}
            for name, estimate, spread in zip(names, one.estimates, one.spreads, strict=True)
        },
        "pairs": [
            {
                **_pair(pair, names),
                **_difference(pair.difference),
                "p_holm": pair.p_holm,
                "p_bh": pair.p_bh,
                "mid_p": pair.difference.mid_p,
                "discordant": list(pair.difference.discordant) if pair.difference.discordant else None,
            }
            for pair in one.pairs
        ],
    }


def _verdict(one: Verdict, names: list[str]) -> dict[str, Any]:
    return {
        **_pair(one, names),
        "verdict": one.word.value,
        "reason": one.reason,
        "minimum_detectable": one.minimum_detectable,
        "patients_needed": one.patients_needed,
        "seeds_floor": one.seeds_floor,
        "seeds_needed": one.seeds_needed,
    }


def _overall(comparison: Comparison) -> dict[str, Any] | None:
    contrast = comparison.overall
    if contrast is None:
        return None
    return {
        "statistic": contrast.statistic,
        "degrees_of_freedom": contrast.degrees_of_freedom,
        "p": contrast.p_value,
    }


def _group(one: GroupDifference, names: list[str]) -> dict[str, Any]:
    return {
        **_pair(one, names),
        "column": one.column,
        "group": one.group,
        **_difference(one.difference),
        "n": one.n,
        "n_events": one.n_events,
        "estimates": {
            names[place]: _estimate(e) for place, e in zip((one.first, one.second), one.estimates, strict=True)
        },
        "p_holm": one.p_holm,
        "interaction_p": one.interaction_p,
    }


def _over_sites(comparison: Comparison, names: list[str]) -> dict[str, Any] | None:
    found = compared_over_sites(comparison)
    if found is None:
        return None
    return {
        "models": {names[place]: _heterogeneity(one) for place, one in found.models.items()},
        "pairs": [
            {"first": names[first], "second": names[second], **_heterogeneity(one)}
            for (first, second), one in found.pairs.items()
        ],
    }


def _heterogeneity(one: SiteHeterogeneity) -> dict[str, Any]:
    found = one.summary
    return {
        "num_sites": one.num_sites,
        "left_out": list(one.left_out),
        "mean": found and found.mean,
        "ci": found and [found.ci_low, found.ci_high],
        "prediction_interval": found and [found.prediction_low, found.prediction_high],
        "tau2": found and found.tau2,
        "i2": found and found.i2,
        "q": found and found.q,
    }


def _fold(one: FoldDifference, names: list[str]) -> dict[str, Any]:
    return {**_pair(one, names), "metric": one.metric, **_difference(one.difference)}


def _selection(selection: Selection | None, names: list[str]) -> dict[str, Any] | None:
    if selection is None:
        return None
    return {
        "winner": names[selection.winner],
        "num_candidates": selection.num_candidates,
        "chosen_on": selection.chosen_on,
        "validation": {name: _estimate(e) for name, e in zip(names, selection.validation, strict=True)},
        "score": _estimate(selection.score),
        "apparent": _estimate(selection.apparent),
        "optimism": selection.optimism,
    }


def _ensemble(one: Ensemble, names: list[str]) -> dict[str, Any]:
    return {
        "contender": names[one.contender],
        "num_members": one.num_members,
        "metrics": {name: _estimate(estimate) for name, estimate in one.metrics.items()},
    }
