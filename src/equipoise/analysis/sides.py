"""One side of a comparison: p for an alternative, and against a margin."""

import math
from dataclasses import replace

from equipoise.analysis.result import Result, known
from equipoise.numerics.chi_square import chi_square_of
from equipoise.protocol.methods.spec import Compared, MethodOptions, OwnSide, WithMargin

RATIOS = frozenset(
    {
        "hazard_ratio",
        "subdistribution_hazard_ratio",
        "rmst_ratio",
        "survival_ratio",
        "incidence_ratio",
        "quantile_ratio",
        "lost_time_ratio",
        "time_ratio",
        "odds_ratio",
        "risk_ratio",
        "rate_ratio",
    }
)
MARGIN_Z = "margin_z"  # of the test against the margin, where it is not that of Wald
EXCESS = "observed_less_expected"  # of the other arm: what gives a test by ranks its side


def level_of(alpha: float, *, options: MethodOptions) -> float:
    """The level of the intervals: 1 - alpha, or 1 - 2 alpha for one side; 95 % without an alpha."""
    one_sided = isinstance(options, Compared | OwnSide) and options.alternative != "two-sided"
    spent = 2 * alpha if one_sided else alpha
    return 1 - spent if 0 < spent < 1 else 0.95


def take_side(result: Result, *, options: MethodOptions) -> Result:
    """The result with the p value of the side that was asked for, and its parts with theirs.

    Without a margin it is half the two-sided p on that side, else the rest to 1; with a margin
    that of Wald, of a ratio on the log scale. Where nothing gives a side there is no p.
    """
    if not isinstance(options, Compared) or options.alternative == "two-sided":
        return result
    margin = options.margin if isinstance(options, WithMargin) else None
    parts = tuple(
        take_side(part, options=options) if part.measure == result.measure else part
        for part in result.parts
    )
    words = f"one-sided p: {options.alternative} than "
    words += "without a difference" if margin is None else f"the margin {margin:g}"
    two_sided, sign = _test(result) if margin is None else _test_margin(result, margin)
    p_value = None
    if two_sided is not None and sign is not None:
        agrees = sign > 0 if options.alternative == "greater" else sign < 0
        p_value = two_sided / 2 if agrees else 1 - two_sided / 2
    untold = "there is no one-sided p: the side or the standard error cannot be estimated"
    told = p_value is not None or result.p_value is None
    return replace(
        result,
        method=f"{result.method}; {words}",
        p_value=p_value,
        parts=parts,
        warnings=result.warnings if told else (*result.warnings, untold),
    )


def _test(result: Result) -> tuple[float | None, float | None]:
    """The two-sided p and the side on which the other arm lies: above 0 for greater."""
    excess = result.further.get(EXCESS)
    if excess is not None:
        return result.p_value, excess.value
    if result.estimate is None or result.estimate.value is None:
        return result.p_value, None
    return result.p_value, result.estimate.value - (result.measure in RATIOS)


def _test_margin(result: Result, margin: float) -> tuple[float | None, float | None]:
    """The two-sided p against the margin, Wald's unless the method has its own, and the side."""
    own = result.further.get(MARGIN_Z)
    if own is not None and own.value is not None:
        return known(chi_square_of(own.value**2, degrees_of_freedom=1).p_value), own.value
    ratio = result.measure in RATIOS
    estimate = result.further.get(f"log_{result.measure}") if ratio else result.estimate
    if estimate is None or estimate.value is None or not estimate.standard_error:
        return None, None
    distance = estimate.value - (math.log(margin) if ratio else margin)
    z = distance / estimate.standard_error
    return known(chi_square_of(z * z, degrees_of_freedom=1).p_value), distance
