"""Values of a plan held against dose limits, with a verdict and its words (D5.3, D5.4, D5.6)."""

from bisect import bisect_right
from dataclasses import dataclass, replace

from equipoise.numerics.biological_dose import (
    biologically_effective_dose,
    isoeffective_total_dose,
)
from equipoise.vocab.dose_constraints import (
    DoseConstraint,
    find_constraints,
    read_conformity,
    read_constraints,
    read_tolerances,
)

LATE_RATIO_GY = 3.0  # D5.1: alpha/beta of organs at risk
CORD_RATIO_GY = 2.0
CORDS = frozenset({"SpinalCord", "SpinalCanal", "CaudaEquina"})
KIDNEYS = frozenset({"Kidney_L", "Kidney_R", "Kidneys"})
EDGE = 1e-9  # a value at the limit is at it, whatever its last binary digit


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitVerdict:
    """`pass`, `minor` or `major`, in words; `warning` says what makes the limit less sure."""

    verdict: str
    words: str
    warning: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A limit for the number of fractions asked about, and what makes it less sure."""

    constraint: DoseConstraint
    warning: str = ""


def find_limits(
    *, organ: str, fractions: int, sets: tuple[str, ...] = (), solitary_kidney: bool = False
) -> tuple[Limit, ...]:
    """The limits of an organ: of its own number of fractions, else of the nearest, converted.

    A number of fractions that a set does not have is reached by equal EQD2 from the nearest, with a
    warning; a limit on a volume (`Vgy`) is never converted. The limit of the renal cortex is on
    both kidneys; with `solitary_kidney` it is on the one that remains (`Kidney_L`, `Kidney_R`).
    """
    alone = solitary_kidney and organ in {*KIDNEYS, "Kidney_Cortex"}
    name = "Kidney_Cortex" if alone else organ
    note = "solitary kidney: 200 cc of the remaining cortex" if alone else ""
    known = sets or tuple(dict.fromkeys(each.set for each in read_constraints()))
    found: list[Limit] = []
    for each in known:
        own = find_constraints(organ=name, fractions=fractions, sets=(each,))
        found += [Limit(constraint=limit, warning=note) for limit in own]
        found += [] if own else _converted(name, fractions=fractions, set_name=each, note=note)
    return tuple(found)


def check_constraint(value: float, *, limit: Limit) -> LimitVerdict:
    """A value against a limit: `pass` within the optimal one, `minor` within the mandatory one.

    `value` is what the metric of the limit says, in its unit: Gy, per cent or cc. For `critvol` it
    is the largest dose in the coldest `volume` cc. Without an optimal limit the mandatory one
    parts `pass` from `major`.
    """
    rule = limit.constraint
    optimal = rule.mandatory if rule.optimal is None else rule.optimal
    if _keeps(value, optimal, rule):
        verdict, beyond = "pass", ""
    elif _keeps(value, rule.mandatory, rule):
        verdict, beyond = "minor", f", optimal {optimal:g}"
    else:
        verdict, beyond = "major", ""
    sign = "<" if rule.bound == "below" else "at most"
    words = (
        f"{rule.organ} {_metric_words(rule)}: {value:g} {rule.unit}, limit {sign} "
        f"{rule.mandatory:g}{beyond} ({rule.set}, {rule.fractions} fractions; {rule.endpoint})"
    )
    return LimitVerdict(verdict=verdict, words=words, warning=limit.warning)


def check_conformity(*, ptv_cc: float, r50: float, d2cm_percent: float) -> tuple[LimitVerdict, ...]:
    """R50 and D2cm against RTOG 0813 and 0915 for the size of the PTV, by linear interpolation.

    Outside the sizes of the table the nearest row counts, with a warning.
    """
    table = read_conformity()
    sizes = [row.ptv_cc for row in table]
    place = min(max(bisect_right(sizes, ptv_cc), 1), len(sizes) - 1)
    low, high = table[place - 1], table[place]
    share = min(max((ptv_cc - low.ptv_cc) / (high.ptv_cc - low.ptv_cc), 0.0), 1.0)
    warning = "" if sizes[0] <= ptv_cc <= sizes[-1] else "the PTV lies outside the table's sizes"

    def between(name: str) -> float:
        first, last = float(getattr(low, name)), float(getattr(high, name))
        return first + share * (last - first)

    asked = (("R50", "r50", r50), ("D2cm, %", "d2cm_percent", d2cm_percent))
    return tuple(
        replace(
            _in_range(words, value, within=between(name), minor=between(f"{name}_minor")),
            warning=warning,
        )
        for words, name, value in asked
    )


def check_plan_metric(metric: str, *, value: float) -> LimitVerdict:
    """A plan metric (`ptv_v100`, `ci`, `pci`, ...) against its tolerance; KeyError if none."""
    rule = read_tolerances()[metric]
    if _lies(value, rule.low, rule.high):
        verdict = "pass"
    elif _lies(value, rule.minor_low, rule.minor_high):
        verdict = "minor"
    else:
        verdict = "major"
    ends = [f"{end:g}" for end in (rule.low, rule.high) if end is not None]
    return LimitVerdict(
        verdict=verdict, words=f"{rule.words}: {value:g} (planned {' to '.join(ends)})"
    )


def _converted(organ: str, *, fractions: int, set_name: str, note: str) -> list[Limit]:
    own = [
        each
        for each in read_constraints()
        if each.organ == organ.split("_PRV", maxsplit=1)[0]
        and each.set == set_name
        and each.metric != "Vgy"
    ]
    if not own:
        return []
    nearest = min({each.fractions for each in own}, key=lambda n: (abs(n - fractions), n))
    warning = f"from {nearest} fractions by equal EQD2, not a published limit"
    return [
        Limit(
            constraint=_isoeffective(each, fractions=fractions),
            warning="; ".join(filter(None, (note, warning))),
        )
        for each in own
        if each.fractions == nearest
    ]


def _isoeffective(rule: DoseConstraint, *, fractions: int) -> DoseConstraint:
    ratio = CORD_RATIO_GY if rule.organ in CORDS else LATE_RATIO_GY

    def same(dose_gy: float) -> float:
        bed = biologically_effective_dose(
            dose_gy / rule.fractions, fractions=rule.fractions, alpha_beta_gy=ratio
        )
        return float(isoeffective_total_dose(bed, fractions=fractions, alpha_beta_gy=ratio))

    return replace(
        rule,
        fractions=fractions,
        mandatory=same(rule.mandatory),
        optimal=None if rule.optimal is None else same(rule.optimal),
    )


def _keeps(value: float, limit: float, rule: DoseConstraint) -> bool:
    return value < limit - EDGE if rule.bound == "below" else value <= limit + EDGE


def _metric_words(rule: DoseConstraint) -> str:
    volume = "" if rule.volume is None else f"{rule.volume:g}"
    return {
        "Dcc": f"D{volume}cc",
        "Dpct": f"D{volume}%",
        "max": "maximum",
        "mean": "mean",
        "Vgy": f"V{volume}Gy",
        "critvol": f"dose to the coldest {volume} cc",
    }[rule.metric]


def _in_range(words: str, value: float, *, within: float, minor: float) -> LimitVerdict:
    verdict = "pass" if value <= within + EDGE else "minor" if value <= minor + EDGE else "major"
    told = f"{words}: {value:g}, at most {within:.2f}, acceptable to {minor:.2f}"
    return LimitVerdict(verdict=verdict, words=told)


def _lies(value: float, low: float | None, high: float | None) -> bool:
    over = low is None or value >= low - EDGE
    return over and (high is None or value <= high + EDGE)
