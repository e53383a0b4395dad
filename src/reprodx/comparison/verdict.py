"""What a statistician would say of a pair of models, in a word and a sentence.

Superior and inferior are claims that the models differ: p, two-sided and adjusted by Holm where the metric has several
pairs, is below the level and the interval lies on one side of 0. Non-inferior is the claim that the interval holds no
loss as large as the margin. A model that is worse, but by less than the margin, is non-inferior and the sentence says
so; one that is worse and may reach the margin is inferior.

Source: Piaggio et al., JAMA 2012;308:2594 (CONSORT, non-inferiority), figure 1. There a difference that is worse but
may stay within the margin is left open; here it is called inferior, as a better one is called superior without one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reprodx.comparison.power import precision
from reprodx.comparison.result import Verdict, Word
from reprodx.metrics.asked import told_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reprodx.comparison.result import MetricComparison, PairedDifference
    from reprodx.comparison.settings import ComparisonSettings


def verdict(
    comparison: MetricComparison,
    pair: PairedDifference,
    names: Sequence[str],
    settings: ComparisonSettings,
    n_patients: int,
) -> Verdict:
    """Return the verdict on the first model of a pair, as against the second.

    Args:
        comparison: Of the primary metric, with its p values adjusted.
        pair: One of its pairs.
        names: Of all contenders, by position.
        settings: The margin, the level and the power.
        n_patients: That were compared on.

    Returns:
        The word with its reason, and what it would take to tell a difference of the margin from none. Without a margin
        only what these cases could show: the patients for the difference seen would repeat its p value.

    Source: Hoenig & Heisey, Am Stat 2001;55:19, for why nothing is planned for the difference seen.
    """
    case = _Case(comparison, pair, names, settings)
    word, reason = _judged(case)
    known = precision(
        pair.difference, num_patients=n_patients, confidence_level=settings.confidence_level, power=settings.power
    )
    if known is None:
        return Verdict(pair.first, pair.second, word, reason, None, None)
    margin, floor = settings.margin.value, known.floor or None
    needed = known.patients_needed(margin) if margin else None
    is_out_of_reach = bool(margin and floor and floor > margin and needed is None)
    return Verdict(pair.first, pair.second, word, reason, known.detectable, needed, floor, is_out_of_reach)


@dataclass(frozen=True)
class _Case:
    """A pair with all that is said of it."""

    comparison: MetricComparison
    pair: PairedDifference
    names: Sequence[str]
    settings: ComparisonSettings

    @property
    def first(self) -> str:
        return self.names[self.pair.first]

    @property
    def second(self) -> str:
        return self.names[self.pair.second]

    @property
    def metric(self) -> str:
        metric = self.comparison.metric
        return f"{metric.label} {metric.detail}".strip()

    @property
    def favourable(self) -> tuple[float, float] | None:
        """The limits of the difference, above 0 where the first is better; None where undefined."""
        estimate = self.pair.difference.estimate
        if estimate.ci_low is None or estimate.ci_high is None:
            return None
        if self.comparison.metric.is_higher_better:
            return estimate.ci_low, estimate.ci_high
        return -estimate.ci_high, -estimate.ci_low

    @property
    def cautious_low(self) -> float | None:
        """The limit that a margin is judged by: near the ceiling a difference is skewed, and its own is too high."""
        limits = self.pair.difference.margin_limits
        if self.favourable is None or limits is None:
            return self.favourable and self.favourable[0]
        return min(self.favourable[0], limits[0] if self.comparison.metric.is_higher_better else -limits[1])

    @property
    def p_value(self) -> float | None:
        return self.comparison.claimed_p(self.pair)

    @property
    def is_significant(self) -> bool:
        return self.p_value is not None and self.p_value < self.settings.alpha

    @property
    def numbers(self) -> str:
        """The difference with its interval and p, as in a paper."""
        estimate = self.pair.difference.estimate
        assert estimate.ci_low is not None, "asked only of defined intervals"
        assert estimate.ci_high is not None, "asked only of defined intervals"
        level = f"{100 * self.settings.confidence_level:g}% CI"
        interval = f"{level} {_signed(estimate.ci_low)} to {_signed(estimate.ci_high)}"
        words = f"is {_signed(estimate.value or 0.0)} ({interval}; {self._p_words})"
        return f"the difference in {told_of(self.metric, words)}"

    @property
    def margin(self) -> str:
        margin = self.settings.margin
        return f"{margin.value:g} (the margin stated {margin.origin})"

    @property
    def _p_words(self) -> str:
        if self.p_value is None:
            return "no p value"
        number = "< 0.0001" if self.p_value < 0.0001 else f"= {self.p_value:.4f}"
        num_tests = self.comparison.num_tests
        return f"Holm-adjusted p {number}, {num_tests} pairs" if num_tests > 1 else f"p {number}"


def _judged(case: _Case) -> tuple[Word, str]:
    if case.comparison.metric.is_higher_better is None:
        reason = f"neither a higher nor a lower {case.metric} is better in itself"
        return Word.INCONCLUSIVE, f"{_opening(case, Word.INCONCLUSIVE)}: {reason}."
    if case.favourable is None:
        return Word.INCONCLUSIVE, f"{_opening(case, Word.INCONCLUSIVE)}: {_undefined(case)}."
    low, high = case.favourable
    if low == high == 0:
        alike = "rank every case alike" if case.comparison.metric.metric.is_by_rank else "agree on every case"
        return Word.NON_INFERIOR, f"{_opening(case, Word.NON_INFERIOR)}: both {alike}, and {case.numbers}."
    word = _word(case, low, high)
    return word, f"{_opening(case, word)}: {case.numbers}; {_explained(case, word, low, high)}."


def _word(case: _Case, low: float, high: float) -> Word:
    if case.is_significant and low > 0:
        return Word.SUPERIOR
    margin = case.settings.margin.value
    if margin and case.cautious_low is not None and case.cautious_low > -margin:
        return Word.NON_INFERIOR
    return Word.INFERIOR if case.is_significant and high < 0 else Word.INCONCLUSIVE


def _opening(case: _Case, word: Word) -> str:
    if word == Word.INCONCLUSIVE:
        return f"The comparison of {case.first} with {case.second} is inconclusive"
    return f"{case.first} is {word} to {case.second}"


def _undefined(case: _Case) -> str:
    estimate = case.pair.difference.estimate
    why = f" ({estimate.reason})" if estimate.reason else ""
    if estimate.value is None:
        return f"the difference in {told_of(case.metric, f'is undefined{why}')}"
    return f"the difference in {told_of(case.metric, f'of {_signed(estimate.value)} has no interval{why}')}"


def _explained(case: _Case, word: Word, low: float, high: float) -> str:
    """Return what the numbers mean, with reference to the margin where it decides."""
    if word == Word.SUPERIOR:
        return "a difference in its favour is shown"
    if not case.settings.margin.value:
        unstated = f"a margin is stated {case.settings.margin.origin}"
        shown = "it is worse" if word == Word.INFERIOR else "neither model is shown to be better"
        return f"{shown}; {unstated}"
    if word == Word.INFERIOR:
        reach = "exceeds" if high <= -case.settings.margin.value else "may reach"
        return f"it is worse, by a loss that {reach} {case.margin}"
    if word == Word.NON_INFERIOR:
        return f"the interval excludes a loss of {case.margin}, {_beside_non_inferior(case, low, high)}"
    beside = "and a difference of 0 as well" if high >= 0 else "and that it is worse is not shown"
    if low > -case.settings.margin.value and case.cautious_low is not None:
        reach = f"allowing for the skew near the ceiling the loss may be {-case.cautious_low:.4f}, so that one"
        return f"{reach} of {case.margin} is not excluded, {beside}"
    return f"the interval holds a loss of {case.margin}, {beside}"


def _beside_non_inferior(case: _Case, low: float, high: float) -> str:
    if high < 0:
        return f"yet it is {'' if case.is_significant else 'perhaps '}worse, by less than that"
    if low > 0:
        return "and that it is better is not shown"
    return "and neither model is shown to be better"


def _signed(number: float) -> str:
    # Added to 0, so that what rounds to it has no minus sign.
    return f"{round(number, 4) + 0:+.4f}"
