"""Two shares: how many subjects show their difference, the power of a size, the least effect."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum

from scipy.optimize import brentq
from scipy.special import ndtr

from equipoise.design.error_rates import (
    ErrorRates,
    find_error_rates_problems,
    find_ratio_problems,
    impossible,
    refuse,
    round_up,
    solve_rising,
)
from equipoise.design.exact_share_power import ExactTest, exact_power
from equipoise.numerics.shares.restricted_shares import score_variance_kernel
from equipoise.vocab.finding import Finding

_MOST_EXACT = 2000  # subjects of an arm whose tables are still enumerated


class ShareTest(Enum):
    """The test that is planned for two shares.

    `POOLED` is the chi-square test, with a margin the score test of Farrington and Manning;
    `MIETTINEN_NURMINEN` has its variance times N/(N - 1); `CORRECTED` is the chi-square test with
    the correction for continuity; `FISHER` is exact, by enumeration.
    """

    POOLED = "pooled"
    UNPOOLED = "unpooled"
    CORRECTED = "corrected"
    ARCSINE = "arcsine"
    MIETTINEN_NURMINEN = "miettinen-nurminen"
    FISHER = "fisher"


_WITH_MARGIN = {ShareTest.POOLED, ShareTest.UNPOOLED, ShareTest.MIETTINEN_NURMINEN}


@dataclass(frozen=True, slots=True, kw_only=True)
class SharePlan:
    """The assumptions: both shares, the margin of their difference, and who leaves.

    `margin` is a difference experimental less reference that is to be excluded: 0 for superiority,
    -0.1 for non-inferiority where events are good, 0.1 where they are bad. `ratio` is experimental
    to reference. `dropout` is the share that the size is inflated for: n/(1 - dropout).
    """

    reference: float
    experimental: float
    margin: float = 0.0
    ratio: float = 1.0
    dropout: float = 0.0
    test: ShareTest = ShareTest.POOLED


@dataclass(frozen=True, slots=True, kw_only=True)
class SizedArms:
    """Subjects of both arms, and the power with them.

    `exact` is the size of the reference arm before rounding (the whole number for Fisher);
    `reference` and `experimental` are those that the test needs, `enrolled` those to enrol, in all.
    """

    exact: float
    reference: int
    experimental: int
    enrolled_reference: int
    enrolled_experimental: int
    power: float

    @property
    def evaluable(self) -> int:
        """The subjects that the test needs, in all."""
        return self.reference + self.experimental

    @property
    def enrolled(self) -> int:
        """The subjects to enrol, in all."""
        return self.enrolled_reference + self.enrolled_experimental


def find_share_problems(plan: SharePlan) -> Iterator[Finding]:
    """What makes a plan for two shares impossible."""
    for name in ("reference", "experimental"):
        share = getattr(plan, name)
        if not 0 < share < 1:
            yield impossible(
                name, code="share-impossible", message=f"a share of {share:g} is not in (0, 1)",
                mend="Write 0.5 for 50 percent.",
            )  # fmt: skip
    if not abs(plan.experimental - plan.reference - plan.margin) > 1e-12:
        yield impossible(
            "experimental", code="no-effect",
            message="the assumed difference of the shares is the margin itself "
            f"({plan.margin:g}): no number of subjects tells them apart",
            mend="Assume another share, or another margin.",
        )  # fmt: skip
    if plan.margin and plan.test not in _WITH_MARGIN:
        yield impossible(
            "margin", code="margin-untested",
            message=f"the {plan.test.value} test has no margin",
            mend="Use the pooled (Farrington, Manning) or the Miettinen-Nurminen test.",
        )  # fmt: skip
    if not -1 < plan.margin < 1:
        yield impossible(
            "margin", code="margin-impossible",
            message=f"a margin of {plan.margin:g} is no difference of shares",
            mend="Write -0.1 for a loss of 10 points.",
        )  # fmt: skip
    yield from find_dropout_problems(plan.dropout)
    yield from find_ratio_problems(plan.ratio)


def find_dropout_problems(dropout: float) -> Iterator[Finding]:
    """What is wrong with the share that leaves."""
    if not 0 <= dropout < 1:
        yield impossible(
            "dropout", code="dropout-impossible",
            message=f"where a share of {dropout:g} leaves, nobody is left to be analysed",
            mend="The share is from 0 to below 1.",
        )  # fmt: skip


def _power(plan: SharePlan, rates: ErrorRates, n0: float, n1: float) -> float:
    p0, p1 = plan.reference, plan.experimental
    effect = abs(p1 - p0 - plan.margin)
    error = math.sqrt(p0 * (1 - p0) / n0 + p1 * (1 - p1) / n1)
    null = error
    if plan.test is ShareTest.ARCSINE:
        effect = 2 * abs(math.asin(math.sqrt(p1)) - math.asin(math.sqrt(p0)))
        null = error = math.sqrt(1 / n0 + 1 / n1)
    elif plan.test is not ShareTest.UNPOOLED:
        null = math.sqrt(float(score_variance_kernel(p1 * n1, n1, p0 * n0, n0, plan.margin)))
    if plan.test is ShareTest.CORRECTED:
        effect -= (1 / n0 + 1 / n1) / 2
    if plan.test is ShareTest.MIETTINEN_NURMINEN:
        null *= math.sqrt((n0 + n1) / max(n0 + n1 - 1, 1e-9))
    return float(ndtr((effect - rates.critical * null) / error))


def share_power(plan: SharePlan, *, n: tuple[float, float], rates: ErrorRates) -> float:
    """The power with `n` evaluable subjects, reference arm first.

    It is the chance to reject in the direction of the assumed difference. Source: Fleiss, Levin,
    Paik (2003), chapter 4; with a margin Farrington, Manning (1990); arcsine: Cohen (1988), 6.
    """
    refuse(find_share_problems(plan))
    n0, n1 = n
    if plan.test is ShareTest.FISHER:
        shares = (plan.reference, plan.experimental)
        return exact_power(
            shares, n=(round(n0), round(n1)), alpha=rates.one_sided, test=ExactTest.FISHER
        )
    return _power(plan, rates, n0, n1)


def size_shares(plan: SharePlan, *, rates: ErrorRates) -> SizedArms:
    """How many subjects show the difference of two shares.

    Each arm is rounded up, then inflated by 1/(1 - dropout) and rounded up again, as registries
    count. Fisher's power goes up and down from size to size: the least size that reaches it is
    taken. ImpossiblePlanError says why a plan cannot be.
    Source: Fleiss, Tytun, Ury (1980); Casagrande, Pike, Smith (1978); Farrington, Manning (1990).
    """
    refuse(_all_problems(plan, rates))
    if plan.test is ShareTest.FISHER:
        exact = float(_least_fisher(plan, rates))
    else:
        exact = solve_rising(
            lambda n0: _power(plan, rates, n0, plan.ratio * n0), goal=rates.power, start=16.0
        )
    n0, n1 = round_up(exact), round_up(plan.ratio * exact)
    kept = 1 - plan.dropout
    return SizedArms(
        exact=exact,
        reference=n0,
        experimental=n1,
        enrolled_reference=round_up(n0 / kept),
        enrolled_experimental=round_up(n1 / kept),
        power=share_power(plan, n=(n0, n1), rates=rates),
    )


def _all_problems(plan: SharePlan, rates: ErrorRates) -> Iterator[Finding]:
    yield from find_error_rates_problems(rates)
    yield from find_share_problems(plan)


def _least_fisher(plan: SharePlan, rates: ErrorRates) -> int:
    """The least reference arm that reaches the power, looked for from where nothing can."""
    smooth = size_shares(replace(plan, test=ShareTest.CORRECTED), rates=rates).reference
    if max(smooth, plan.ratio * smooth) > _MOST_EXACT:
        refuse(iter([impossible(
            "test", code="too-many-tables",
            message=f"arms of about {smooth} subjects are too many to enumerate",
            mend="Take the corrected test: it is as good at this size.",
        )]))  # fmt: skip
    n0 = max(2, int(0.75 * smooth))
    while share_power(plan, n=(n0, round_up(plan.ratio * n0)), rates=rates) < rates.power:
        n0 += 1
    return n0


def least_share_effect(
    plan: SharePlan, *, n: tuple[float, float], rates: ErrorRates, rises: bool = True
) -> float:
    """The experimental share nearest to reference and margin that has the power; NaN if none.

    `rises` looks above it, else below; `plan.experimental` is not read.
    """
    refuse(find_error_rates_problems(rates))
    edge = plan.reference + plan.margin

    def excess(share: float) -> float:
        return share_power(replace(plan, experimental=share), n=n, rates=rates) - rates.power

    near = edge + (1e-9 if rises else -1e-9)
    far = 1 - 1e-9 if rises else 1e-9
    if not 0 < near < 1 or excess(far) < 0:
        return math.nan
    return float(brentq(excess, near, far, xtol=1e-13))
