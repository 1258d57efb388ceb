"""How subjects come, fail and leave: the assumptions of a plan for times to an event."""

import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from equipoise.design.error_rates import find_ratio_problems, impossible
from equipoise.vocab.finding import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Piecewise:
    """Rates per unit of time; each holds from its start, the first from 0, the last for ever."""

    starts: tuple[float, ...] = (0.0,)
    rates: tuple[float, ...]

    def times(self, factor: float) -> "Piecewise":
        """The same with all rates multiplied."""
        return replace(self, rates=tuple(factor * rate for rate in self.rates))

    def at(self, time: float) -> float:
        """The rate from this time on."""
        return self.rates[bisect_right(self.starts, time) - 1]


NEVER = Piecewise(rates=(0.0,))


def constant(rate: float) -> Piecewise:
    """One rate for ever."""
    return Piecewise(rates=(rate,))


def hazard_of_median(median: float) -> Piecewise:
    """The constant hazard of an exponential time with this median."""
    return constant(math.log(2) / median)


def hazard_of_share(share: float, *, by: float) -> Piecewise:
    """The constant hazard at which this share has the event by a time: 5 percent by 12 months."""
    return constant(-math.log1p(-share) / by)


def weibull_pieces(median: float, *, shape: float, until: float, pieces: int = 200) -> Piecewise:
    """A Weibull time in pieces with the exact survival at their ends, and after `until` the last.

    The ends lie closer where the hazard changes fast, near 0.
    """
    ends = [until * ((i + 1) / pieces) ** 2 for i in range(pieces)]
    starts = [0.0, *ends[:-1]]
    total = [math.log(2) * (end / median) ** shape for end in [0.0, *ends]]
    rates = [
        (b - a) / (end - start)
        for a, b, start, end in zip(total[:-1], total[1:], starts, ends, strict=True)
    ]
    return Piecewise(starts=tuple(starts), rates=tuple(rates))


@dataclass(frozen=True, slots=True, kw_only=True)
class Accrual:
    """Subjects per unit of time, all arms together, in pieces; `until` ends the last of them.

    `rates` hold at the starts; `final_rates` (default: the same) at the ends, and between them the
    rate goes in a straight line, so that a ramp is one piece.
    """

    starts: tuple[float, ...] = (0.0,)
    rates: tuple[float, ...]
    until: float
    final_rates: tuple[float, ...] | None = None

    def pieces(self) -> list[tuple[float, float, float, float]]:
        """Start, end, rate at the start and at the end of each piece."""
        ends = (*self.starts[1:], self.until)
        last = self.rates if self.final_rates is None else self.final_rates
        return list(zip(self.starts, ends, self.rates, last, strict=True))

    @property
    def subjects(self) -> float:
        """All that are to come."""
        return sum((end - start) * (a + b) / 2 for start, end, a, b in self.pieces())

    def scaled_to(self, subjects: float) -> "Accrual":
        """The same course of accrual with another number of subjects in the same time."""
        factor = subjects / self.subjects
        last = self.final_rates
        return replace(
            self,
            rates=tuple(factor * rate for rate in self.rates),
            final_rates=None if last is None else tuple(factor * rate for rate in last),
        )


def uniform_accrual(subjects: float, *, until: float) -> Accrual:
    """Subjects that come at one rate."""
    return Accrual(rates=(subjects / until,), until=until)


def ramp_accrual(subjects: float, *, full_from: float, until: float) -> Accrual:
    """Subjects that come at a rate rising from 0 to the full one at `full_from`, then constant."""
    if not 0 < full_from < until:
        raise ValueError(f"the full rate from {full_from:g} on must begin before {until:g}")
    ramp = Accrual(starts=(0.0, full_from), rates=(0.0, 1.0), final_rates=(1.0, 1.0), until=until)
    return ramp.scaled_to(subjects)


def staggered_accrual(openings: Sequence[float], *, rate: float, subjects: float) -> Accrual:
    """Sites that open one after the other, each with one rate, until all subjects have come.

    `openings` are times from 0 on, in order, the first 0.
    """
    came, starts = 0.0, []
    for place, start in enumerate(openings):
        gained = rate * place * (start - (openings[place - 1] if place else 0.0))
        if came + gained >= subjects:
            break
        came += gained
        starts.append(float(start))
    rates = [rate * (place + 1) for place in range(len(starts))]
    until = starts[-1] + (subjects - came) / rates[-1]
    return Accrual(starts=tuple(starts), rates=tuple(rates), until=until)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmCourse:
    """The hazards of the event and of dropping out in one arm of a stratum."""

    event: Piecewise
    dropout: Piecewise = NEVER


@dataclass(frozen=True, slots=True, kw_only=True)
class StratumCourse:
    """A stratum: the share of the subjects who belong to it, and the course in each arm."""

    reference: ArmCourse
    experimental: ArmCourse
    share: float = 1.0

    @property
    def arms(self) -> tuple[ArmCourse, ArmCourse]:
        """Reference, then experimental."""
        return self.reference, self.experimental


@dataclass(frozen=True, slots=True, kw_only=True)
class SurvivalPlan:
    """Accrual, the course in every stratum and arm, allocation, and the longest follow-up of one.

    `ratio` is experimental to reference; `follow_up` ends the follow-up of a subject (infinite:
    only the end of the study does).
    """

    accrual: Accrual
    strata: tuple[StratumCourse, ...]
    ratio: float = 1.0
    follow_up: float = math.inf

    @property
    def arm_shares(self) -> tuple[float, float]:
        """The shares of the subjects in the reference and the experimental arm."""
        return 1 / (1 + self.ratio), self.ratio / (1 + self.ratio)


def two_arm_plan(
    reference: Piecewise, *, hazard_ratio: float, accrual: Accrual, dropout: Piecewise = NEVER
) -> SurvivalPlan:
    """A plan of one stratum, equal arms and one hazard ratio."""
    stratum = StratumCourse(
        reference=ArmCourse(event=reference, dropout=dropout),
        experimental=ArmCourse(event=reference.times(hazard_ratio), dropout=dropout),
    )
    return SurvivalPlan(accrual=accrual, strata=(stratum,))


def _find_pieces_problems(
    starts: Sequence[float], rates: Sequence[float], where: str
) -> Iterator[Finding]:
    if len(starts) != len(rates) or not starts or starts[0] != 0:
        yield impossible(
            where, code="pieces-impossible",
            message=f"{len(starts)} starts and {len(rates)} rates: one each, the first start 0",
            mend="Give each rate the time from which it holds.",
        )  # fmt: skip
    elif any(b <= a for a, b in pairwise(starts)):
        yield impossible(
            where, code="pieces-impossible", message=f"the starts {starts} do not rise",
            mend="Put the pieces in order.",
        )  # fmt: skip
    if any(not (math.isfinite(rate) and rate >= 0) for rate in rates):
        yield impossible(
            where, code="rate-impossible", message=f"a rate among {rates} is not from 0 on",
            mend="Rates are finite and not negative.",
        )  # fmt: skip


def _find_accrual_problems(accrual: Accrual) -> Iterator[Finding]:
    last = accrual.rates if accrual.final_rates is None else accrual.final_rates
    found = [
        *_find_pieces_problems(accrual.starts, accrual.rates, "accrual"),
        *_find_pieces_problems(accrual.starts, last, "accrual.final_rates"),
    ]
    yield from found
    if not found and not (accrual.until > accrual.starts[-1] and accrual.subjects > 0):
        yield impossible(
            "accrual", code="nobody-comes", message=f"by {accrual.until:g} nobody has come",
            mend="Accrual ends after its last piece begins, and some rate is above 0.",
        )  # fmt: skip


def find_plan_problems(plan: SurvivalPlan) -> Iterator[Finding]:
    """What makes the assumptions impossible."""
    yield from _find_accrual_problems(plan.accrual)
    yield from find_ratio_problems(plan.ratio)
    if not plan.follow_up > 0:
        yield impossible(
            "follow_up", code="no-follow-up", message=f"nobody is followed ({plan.follow_up:g})",
            mend="Follow-up is above 0.",
        )  # fmt: skip
    yield from _find_strata_problems(plan.strata)


def _find_strata_problems(strata: tuple[StratumCourse, ...]) -> Iterator[Finding]:
    shares = [stratum.share for stratum in strata]
    if not shares or min(shares) <= 0 or abs(math.fsum(shares) - 1) > 1e-9:
        yield impossible(
            "strata", code="shares-impossible",
            message=f"the shares of the strata, {shares}, do not add up to 1",
            mend="Each is above 0, all together 1.",
        )  # fmt: skip
    for place, stratum in enumerate(strata):
        for arm, name in zip(stratum.arms, ("reference", "experimental"), strict=True):
            for kind in ("event", "dropout"):
                pieces: Piecewise = getattr(arm, kind)
                where = f"strata[{place}].{name}.{kind}"
                yield from _find_pieces_problems(pieces.starts, pieces.rates, where)
