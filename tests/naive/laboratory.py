"""Slow twin of laboratory grading: one value, one limit after the other, in exact fractions."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from equipoise.vocab.laboratory import LaboratoryRule, read_units


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A value with its limits of normal as they are written, empty where unknown."""

    test: str
    value: str
    unit: str
    lln: str = ""
    uln: str = ""


def grade(
    sample: Sample, *, baseline: Sample | None, rules: Sequence[LaboratoryRule]
) -> int | None:
    """The grade under the term of `rules`; None where a limit is missing or nothing can be said."""
    units = read_units()[sample.test]
    if sample.unit not in units or (sample.lln and _read(sample.lln) > _read(sample.uln or "1e9")):
        return None
    passed, hidden = 0, 0
    for rule in rules:
        beyond = _beyond(sample, rule, baseline=baseline, rules=rules)
        if beyond is None:
            hidden = max(hidden, rule.grade)
        elif beyond:
            passed = max(passed, rule.grade)
    return passed if passed or not hidden else None


def _read(text: str) -> Fraction:
    return Fraction(text)


def _si(sample: Sample, text: str) -> Fraction:
    return _read(text) * Fraction(str(read_units()[sample.test][sample.unit]))


def _beyond(
    sample: Sample,
    rule: LaboratoryRule,
    *,
    baseline: Sample | None,
    rules: Sequence[LaboratoryRule],
) -> bool | None:
    abnormal = bool(
        baseline and baseline.uln and _si(baseline, baseline.value) > _si(baseline, baseline.uln)
    )
    if rule.baseline and (rule.baseline == "abnormal") != abnormal:
        return False
    value, limit = _si(sample, sample.value), Fraction(str(rule.limit))
    if rule.of == "absolute":
        own = {each.unit for each in rules if each.of == "absolute"}
        si_unit = next(iter(read_units()[sample.test]))
        counts = sample.unit if sample.unit in own else si_unit
        if rule.unit != counts:
            return False
        value = _read(sample.value) if sample.unit == rule.unit else value
    elif rule.of == "baseline":
        if baseline is None:
            return False
        limit *= _si(baseline, baseline.value)
    else:
        normal = sample.lln if rule.of == "lln" else sample.uln
        if not normal:
            return None
        limit = (
            limit + _si(sample, normal) if rule.of == "above_uln" else limit * _si(sample, normal)
        )
    if value == limit:
        return rule.inclusive
    return value > limit if rule.direction == "high" else value < limit
