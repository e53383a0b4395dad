"""What a search draws from: Hydra's own syntax of several values, on the command line or in `sweep.space`.

A key whose values are `choice(...)`, `range(...)`, `interval(...)` or `tag(log, interval(...))` is drawn; one that
lists seeds, folds or repetitions is not: these are one configuration, whose trials are run one after another.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reprodx.config.identity import OF_ONE_FOLD
from reprodx.config.override_grammar import parse
from reprodx.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from hydra.core.override_parser.types import Override
    from optuna.distributions import BaseDistribution
    from optuna.trial import Trial

OF_ONE_CONFIGURATION = ("seed", *(f"split.{key}" for key in OF_ONE_FOLD))
"""Keys in which runs of one recipe differ."""
VALUES, WHEN = "values", "when"
"""Keys of a conditional entry of `sweep.space`."""
MOST_POINTS = 10_000
"""Of a grid."""


@dataclass(frozen=True)
class Dimension:
    """A key that is drawn."""

    key: str
    written: str
    """How its values were given."""
    distribution: BaseDistribution
    when: Mapping[str, str]
    """Drawn choices beside which alone the key exists."""

    def exists(self, drawn: Mapping[str, Any]) -> bool:
        """Tell whether the key exists beside what was drawn before."""
        return all(str(drawn.get(key)) == value for key, value in self.when.items())

    def draw(self, trial: Trial) -> Any:
        """Return the value that a trial draws."""
        from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

        of = self.distribution
        if isinstance(of, FloatDistribution):
            return trial.suggest_float(self.key, of.low, of.high, step=of.step, log=of.log)
        if isinstance(of, IntDistribution):
            return trial.suggest_int(self.key, of.low, of.high, step=of.step, log=of.log)
        assert isinstance(of, CategoricalDistribution)
        return trial.suggest_categorical(self.key, of.choices)

    @property
    def ends(self) -> list[Any]:
        """Every choice, or the lowest and the highest value."""
        from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

        if isinstance(self.distribution, CategoricalDistribution):
            return list(self.distribution.choices)
        assert isinstance(self.distribution, (FloatDistribution, IntDistribution))
        return [self.distribution.low, self.distribution.high]

    @property
    def values(self) -> list[Any]:
        """Every value; of an interval, which has none that could be listed, nothing."""
        from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

        found = self.distribution
        if isinstance(found, CategoricalDistribution):
            return list(found.choices)
        if isinstance(found, IntDistribution):
            return list(range(found.low, found.high + 1, found.step))
        assert isinstance(found, FloatDistribution)
        if found.step is None:
            return []
        return [found.low + number * found.step for number in range(round((found.high - found.low) / found.step) + 1)]


@dataclass(frozen=True)
class Space:
    """What a search draws from, and which runs are one configuration."""

    dimensions: tuple[Dimension, ...]
    members: tuple[tuple[str, ...], ...]
    """The overrides of each run of a configuration: of seeds, folds and repetitions; one without any by default."""

    def draw(self, trial: Trial) -> list[str]:
        """Return the overrides that a trial draws."""
        drawn: dict[str, Any] = {}
        for one in self.dimensions:
            if one.exists(drawn):
                drawn[one.key] = one.draw(trial)
        return overrides_of(drawn)

    def overrides_of_trial(self, params: Mapping[str, Any]) -> list[str]:
        """Return the overrides of a trial that was drawn before, in the order in which they were drawn."""
        return overrides_of({one.key: params[one.key] for one in self.dimensions if one.key in params})

    def points(self) -> list[dict[str, Any]]:
        """Return every combination.

        Returns:
            Values by key, in the order of the lists.

        Raises:
            ConfigError: If there is an interval, or there are too many.
        """
        endless = [one for one in self.dimensions if not one.values]
        if endless:
            raise ConfigError(f"{endless[0].key}={endless[0].written}: a grid needs listed values, such as choice(...)")
        if math.prod(len(one.values) for one in self.dimensions) > MOST_POINTS:
            raise ConfigError(f"the grid has more than {MOST_POINTS:,} points: list fewer values")
        unique = {str(point): point for point in self._combinations([one.values for one in self.dimensions])}
        return list(unique.values())

    def corners(self) -> Iterator[list[str]]:
        """Yield overrides among which each choice, and each end of an interval, is once: those that may not fit."""
        first = {one.key: one.ends[0] for one in self.dimensions}
        seen = set()
        for one in self.dimensions:
            for value in one.ends:
                wanted = {**first, one.key: value, **one.when}
                drawn: dict[str, Any] = {}
                for other in self.dimensions:
                    if other.exists(drawn):
                        drawn[other.key] = wanted[other.key]
                if (overrides := tuple(overrides_of(drawn))) not in seen:
                    seen.add(overrides)
                    yield list(overrides)

    def as_text(self) -> list[list[Any]]:
        """Return what tells this space from another."""
        return [[one.key, one.written, dict(one.when)] for one in self.dimensions] + [list(one) for one in self.members]

    def _combinations(self, values: Sequence[Sequence[Any]]) -> Iterator[dict[str, Any]]:
        for chosen in itertools.product(*values):
            drawn: dict[str, Any] = {}
            for one, value in zip(self.dimensions, chosen, strict=True):
                if one.exists(drawn):
                    drawn[one.key] = value
            yield drawn


def overrides_of(drawn: Mapping[str, Any]) -> list[str]:
    """Return drawn values as overrides.

    >>> overrides_of({"model": "mlp", "optimizer.lr": 0.001})
    ['model=mlp', 'optimizer.lr=0.001']
    """
    return [f"{key}={value}" for key, value in drawn.items()]


def read_space(overrides: Sequence[str], written: Mapping[str, Any] | None) -> tuple[Space, list[str]]:
    """Return what is drawn and, apart, the overrides that all trials share.

    Args:
        overrides: Hydra's, with several values or one, such as `model.dropout=interval(0,0.5)`.
        written: `sweep.space`: by key the same syntax, or `{values: ..., when: {model: mlp}}` for a key that exists
            beside some choice alone. The command line wins.

    Returns:
        The space, and the shared overrides.

    Raises:
        ConfigError: If one cannot be read, lists nothing, or hangs on what is not drawn before it.
    """
    parsed = parse(list(overrides), may_sweep=True)
    swept = [one for one in parsed if one.is_sweep_override()]
    shared = [str(one.input_line) for one in parsed if not one.is_sweep_override()]
    told = {one.key_or_group for one in parsed}
    dimensions = [_dimension(one, {}) for one in swept if one.key_or_group not in OF_ONE_CONFIGURATION]
    for key, entry in (written or {}).items():
        if key not in told:
            dimensions.append(_written(key, entry))
    members = [_texts(one) for one in swept if one.key_or_group in OF_ONE_CONFIGURATION]
    dimensions.sort(key=lambda one: bool(one.when))
    known: dict[str, Dimension] = {}
    for one in dimensions:
        for key, value in one.when.items():
            if key not in known or value not in map(str, known[key].values):
                raise ConfigError(f"sweep.space.{one.key}.{WHEN}: no trial draws {key}={value}")
        known[one.key] = one
    if not dimensions:
        raise ConfigError("nothing to search: give a key several values, such as 'model.dropout=interval(0,0.5)'")
    return Space(tuple(dimensions), tuple(itertools.product(*members))), shared


def _written(key: str, entry: Any) -> Dimension:
    if isinstance(entry, dict):
        if VALUES not in entry or set(entry) - {VALUES, WHEN} or not isinstance(entry.get(WHEN, {}), dict):
            raise ConfigError(f"sweep.space.{key}: give {VALUES}, and {WHEN} as a mapping, such as {{model: mlp}}")
        when = {name: str(value) for name, value in entry.get(WHEN, {}).items()}
        return _written_values(key, str(entry[VALUES]), when)
    return _written_values(key, str(entry), {})


def _written_values(key: str, text: str, when: Mapping[str, str]) -> Dimension:
    (parsed,) = parse([f"{key}={text}"], may_sweep=True)
    if not parsed.is_sweep_override():
        raise ConfigError(f"sweep.space.{key}: {text!r} is one value; give several, such as interval(0,0.5)")
    return _dimension(parsed, when)


def _dimension(override: Override, when: Mapping[str, str]) -> Dimension:
    written = override.input_line.partition("=")[2] if override.input_line else ""
    return Dimension(override.get_key_element(), written, _distribution(override), when)


def _distribution(override: Override) -> BaseDistribution:
    from hydra.core.override_parser.types import IntervalSweep, RangeSweep
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    span, text = override.value(), override.input_line
    try:
        if isinstance(span, IntervalSweep):
            assert span.start is not None
            assert span.end is not None
            is_log = "log" in span.tags
            if isinstance(span.start, int) and isinstance(span.end, int):
                return IntDistribution(span.start, span.end, log=is_log)
            return FloatDistribution(float(span.start), float(span.end), log=is_log)
        if isinstance(span, RangeSweep) and not span.shuffle:
            values = list(span.range())
            if values and all(isinstance(value, int) for value in values) and (span.step or 0) > 0:
                return IntDistribution(values[0], values[-1], step=int(span.step or 1))
    except ValueError as error:
        raise ConfigError(f"{text}: {error}") from error
    texts = list(dict.fromkeys(text.partition("=")[2] for text in _texts(override)))
    if not texts:
        raise ConfigError(f"{text}: lists no value")
    return CategoricalDistribution(texts)


def _texts(override: Override) -> list[str]:
    """Return an override with each of its listed values."""
    if not override.is_discrete_sweep():
        raise ConfigError(f"{override.input_line}: seeds, folds and repetitions are listed, such as range(5)")
    return [f"{override.get_key_element()}={value}" for value in override.sweep_string_iterator()]
