"""Numbers as a reader expects them in print: percentages, intervals, p values, counts."""

from equipoise.analysis.result import Estimate

MISSING = "–"
NOT_ESTIMABLE = "not estimable"
MINUS = "\u2212"
# What a measure is, as the heading of its row; and how its numbers are written.
MEASURES = {
    "hazard_ratio": "Hazard ratio",
    "survival_difference": "Difference, percentage points",
    "incidence_difference": "Difference, percentage points",
    "risk_difference": "Difference, percentage points",
    "rmst_difference": "Difference, months",
}
_POINTS = frozenset(
    {"survival_difference", "incidence_difference", "risk_difference", "state_difference"}
)


def write_number(value: float | None, *, digits: int) -> str:
    """The number with so many decimals and a true minus; a dash where there is none."""
    if value is None:
        return MISSING
    text = f"{value:.{digits}f}"
    if float(text) == 0:
        text = text.removeprefix("-")
    return text.replace("-", MINUS)


def write_percent(value: float | None, *, digits: int = 1) -> str:
    """A probability as a percentage."""
    return MISSING if value is None else f"{write_number(100 * value, digits=digits)}%"


def write_share(count: int, *, of: int) -> str:
    """A count with its percentage: `12 (27.3%)`; without a denominator the count alone."""
    return f"{count} ({write_percent(count / of)})" if of else f"{count}"


def _interval(low: float | None, high: float | None, *, digits: int, suffix: str) -> str:
    if low is None and high is None:
        return ""
    first = "NE" if low is None else write_number(low, digits=digits)
    second = "NE" if high is None else write_number(high, digits=digits)
    return f"{first} to {second}{suffix}"


def _scaled(estimate: Estimate, factor: float) -> tuple[float | None, ...]:
    parts = (estimate.value, estimate.lower, estimate.upper)
    return tuple(None if part is None else factor * part for part in parts)


def write_interval(estimate: Estimate, *, digits: int, factor: float = 1.0) -> str:
    """The confidence interval, `6.1 to 14.2`; empty where there is none."""
    _, low, high = _scaled(estimate, factor)
    return _interval(low, high, digits=digits, suffix="")


def write_estimate(estimate: Estimate | None, *, digits: int, factor: float = 1.0) -> str:
    """The number and its interval: `10.4 (6.1 to 14.2)`; NE is a limit that cannot be estimated."""
    if estimate is None:
        return NOT_ESTIMABLE
    value = _scaled(estimate, factor)[0]
    interval = write_interval(estimate, digits=digits, factor=factor)
    first = "not reached" if value is None else write_number(value, digits=digits)
    if value is None and not interval:
        return NOT_ESTIMABLE
    return f"{first} ({interval})" if interval else first


def write_probability(estimate: Estimate | None) -> str:
    """A probability and its interval in per cent: `72.3% (56.1 to 83.2)`."""
    if estimate is None or estimate.value is None:
        return NOT_ESTIMABLE
    interval = write_interval(estimate, digits=1, factor=100)
    value = write_percent(estimate.value)
    return f"{value} ({interval})" if interval else value


def write_measure(estimate: Estimate | None, *, measure: str) -> str:
    """The estimate of a comparison in the unit of its measure: points, months or a ratio."""
    if estimate is None or estimate.value is None:
        return NOT_ESTIMABLE
    if measure in _POINTS:
        return write_estimate(estimate, digits=1, factor=100)
    return write_estimate(estimate, digits=2)


def factor_of(measure: str) -> float:
    """What the numbers of a measure are multiplied with in print: 100 where they are points."""
    return 100.0 if measure in _POINTS else 1.0


def write_comparison(estimate: Estimate | None, *, measure: str) -> str:
    """The estimate of a comparison with its unit, as a cell of a table."""
    words = write_measure(estimate, measure=measure)
    told = estimate is not None and estimate.value is not None
    return f"{words} points" if told and measure in _POINTS else words


def write_mean(estimate: Estimate | None) -> str:
    """A restricted mean and its interval."""
    if estimate is None or estimate.value is None:
        return NOT_ESTIMABLE
    return write_estimate(estimate, digits=1)


def write_time(value: float) -> str:
    """A time of a comparison, to three digits."""
    return f"{value:.3g}"


def write_median(estimate: Estimate | None) -> str:
    """A median and its interval; `not reached` where the curve stays above one half."""
    if estimate is None:
        return NOT_ESTIMABLE
    interval = write_interval(estimate, digits=1)
    value = write_number(estimate.value, digits=1) if estimate.value is not None else "not reached"
    return f"{value} ({interval})" if interval else value


def write_arm_estimate(estimate: Estimate | None, *, key: str) -> str:
    """An arm's own estimate in the unit of what it is; by default a number with two decimals."""
    return _ARM_WRITERS.get(key, write_other)(estimate)


def write_other(estimate: Estimate | None) -> str:
    """An estimate of which the report knows no more than its number, with its interval."""
    if estimate is None or estimate.value is None:
        return NOT_ESTIMABLE
    return write_estimate(estimate, digits=2)


_ARM_WRITERS = {
    "survival": write_probability,
    "incidence": write_probability,
    "risk": write_probability,
    "free": write_probability,
    "progressed": write_probability,
    "dead": write_probability,
    **dict.fromkeys(("months_free", "months_progressed", "months_dead"), write_mean),
    "rmst": write_mean,
    "rmtl": write_mean,
    "median": write_median,
}


def write_p(value: float | None) -> str:
    """A p value as journals print it: two digits, `<0.001` for the smallest.

    Three digits below 0.01 and near 0.05, where two would hide on which side it lies.
    """
    if value is None:
        return MISSING
    if value < 0.001:
        return "<0.001"
    if value < 0.01 or 0.045 <= value < 0.055:
        return f"{value:.3f}"
    return ">0.99" if value > 0.99 else f"{value:.2f}"


def say_p(value: float | None) -> str:
    """A p value in a sentence: `p = 0.12`, `p < 0.001`, `no p value`."""
    if value is None:
        return "no p value"
    text = write_p(value)
    said = f"p {text[0]} {text[1:]}" if text[0] in "<>" else f"p = {text}"
    return said.replace(" ", "\u00a0")


def count_of(count: int, *, one: str, many: str = "") -> str:
    """A count with its noun: `1 patient`, `2 patients`."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def join_words(words: list[str]) -> str:
    """Words as a list in a sentence: `a, b and c`."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def capital(text: str) -> str:
    """The text with its first letter large, the others as they are."""
    return text[:1].upper() + text[1:]


def small(text: str) -> str:
    """The text with its first letter small, unless the first word is an abbreviation."""
    first = text.split(" ", 1)[0]
    return text if first.isupper() and len(first) > 1 else text[:1].lower() + text[1:]
