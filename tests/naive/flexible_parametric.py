"""The model of Royston and Parmar as they word it: z by its formula, slopes by differences."""

import math
from collections.abc import Sequence

from naive.parametric import Seen, density_of, survival_of

FAMILY = {"hazard": "weibull", "odds": "log-logistic", "normal": "log-normal"}


def spline_terms(x: float, knots: Sequence[float]) -> list[float]:
    """x and, for each inner knot, the cubic that is straight beyond the outer two."""
    first, last = knots[0], knots[-1]
    out = [x]
    for knot in knots[1:-1]:
        share = (last - knot) / (last - first)
        out.append(
            max(x - knot, 0) ** 3
            - share * max(x - first, 0) ** 3
            - (1 - share) * max(x - last, 0) ** 3
        )
    return out


def z_of(
    time: float,
    x: Sequence[float],
    knots: Sequence[float],
    change: Sequence[float] | None,
    coefficients: Sequence[float],
) -> float:
    """z of a time; `change` are the knots of the effect of the first covariate, None: none."""
    terms = [1.0, *spline_terms(math.log(time), knots), *x]
    if change is not None:
        terms += [x[0] * term for term in spline_terms(math.log(time), change)]
    return sum(b * t for b, t in zip(coefficients, terms, strict=True))


def log_likelihood(
    rows: Sequence[Seen],
    scale: str,
    knots: Sequence[float],
    change: Sequence[float] | None,
    coefficients: Sequence[float],
) -> float:
    family, total = FAMILY[scale], 0.0
    for row in rows:

        def z(time: float, x: tuple[float, ...] = row.x) -> float:
            return z_of(time, x, knots, change, coefficients)

        def survival(time: float, x: tuple[float, ...] = row.x) -> float:
            if time in (0.0, math.inf):
                return 1.0 if time == 0 else 0.0
            return survival_of(family, z_of(time, x, knots, change, coefficients))

        if row.left == row.right:
            step = 1e-5 * row.left
            slope = (z(row.left + step) - z(row.left - step)) / (2 * step)
            chance = density_of(family, z(row.left)) * slope
        else:
            chance = survival(row.left) - survival(row.right)
        total += row.weight * math.log(chance / survival(row.entry))
    return total
