"""The numbers of a comparison put into a result: NaN becomes None, its reason a warning."""

import math
from dataclasses import dataclass, replace

from equipoise.analysis.result import Result, build_estimate, known
from equipoise.numerics.chi_square import ChiSquare, chi_square_of, normal_quantile


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """What a kernel says of a comparison; NaN where it says nothing."""

    value: float = math.nan
    lower: float = math.nan
    upper: float = math.nan
    standard_error: float = math.nan
    statistic: float = math.nan
    p_value: float = math.nan
    degrees_of_freedom: int | None = None


def with_comparison(
    result: Result, *, numbers: Numbers, level: float, warnings: tuple[str, ...] = ()
) -> Result:
    """The result with an estimate, its interval and the test of it."""
    told = known(numbers.p_value) is not None
    return replace(
        result,
        estimate=build_estimate(
            numbers.value,
            lower=numbers.lower,
            upper=numbers.upper,
            standard_error=numbers.standard_error,
            level=level,
        ),
        statistic=known(numbers.statistic),
        degrees_of_freedom=numbers.degrees_of_freedom if told else None,
        p_value=known(numbers.p_value),
        warnings=(*result.warnings, *warnings),
    )


def with_test(result: Result, *, test: ChiSquare, warnings: tuple[str, ...] = ()) -> Result:
    """The result with a test and no estimate."""
    told = known(test.p_value) is not None
    return replace(
        result,
        statistic=known(test.statistic),
        degrees_of_freedom=test.degrees_of_freedom if told else None,
        p_value=known(test.p_value),
        warnings=(*result.warnings, *warnings),
    )


def with_wald(result: Result, *, value: float, standard_error: float, level: float) -> Result:
    """The result with a difference: Wald interval, z and p; neither without a standard error."""
    told = standard_error > 0
    width = normal_quantile(level) * standard_error if told else math.nan
    z = value / standard_error if told else math.nan
    numbers = Numbers(
        value=value,
        lower=value - width,
        upper=value + width,
        standard_error=standard_error,
        statistic=z,
        p_value=chi_square_of(z * z, degrees_of_freedom=1).p_value,
    )
    return with_comparison(result, numbers=numbers, level=level)


def with_log_ratio(
    result: Result, *, log_value: float, standard_error: float, level: float
) -> Result:
    """The result with a ratio from its logarithm: Wald interval, z and p.

    `further` keeps the logarithm with its standard error, as `log_<measure>`.
    """
    told = standard_error > 0
    width = normal_quantile(level) * standard_error if told else math.nan
    z = log_value / standard_error if told else math.nan
    numbers = Numbers(
        value=_exp(log_value),
        lower=_exp(log_value - width),
        upper=_exp(log_value + width),
        statistic=z,
        p_value=chi_square_of(z * z, degrees_of_freedom=1).p_value,
    )
    log = build_estimate(log_value, standard_error=standard_error, level=level)
    ratio = with_comparison(result, numbers=numbers, level=level)
    return replace(ratio, further={**ratio.further, f"log_{result.measure}": log})


def _exp(value: float) -> float:
    try:
        return math.exp(value)
    except OverflowError:
        return math.inf
