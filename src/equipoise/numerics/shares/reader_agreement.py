"""How far readers of the same images agree beyond chance: Cohen's kappa of two, Fleiss' of more."""

import math
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from equipoise.numerics.checks import check_codes
from equipoise.numerics.chi_square import normal_quantile, two_sided_p


class Weighting(Enum):
    """What a disagreement by some categories counts as: 1 agrees, 0 does not."""

    NONE = "none"  # any disagreement is whole
    LINEAR = "linear"  # 1 - |i - j| / (k - 1)
    QUADRATIC = "quadratic"  # 1 - (i - j)^2 / (k - 1)^2


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Kappa with its interval; z and p are of no agreement beyond chance.

    `observed` and `expected` are the (weighted) shares of agreement; `by_category` (k,) the kappa
    of each category against all others; `adjusted` is kappa with chance 1/k a category: for two
    that adjusted for prevalence and bias. Kappa is NaN, with a `message`, where all readings are
    of one category.
    """

    n: int
    value: float
    lower: float
    upper: float
    standard_error: float
    standard_error_null: float
    z: float
    p_value: float
    observed: float
    expected: float
    adjusted: float
    by_category: NDArray[np.float64]
    message: str


def _check_readings(readings: ArrayLike, categories: int | None) -> tuple[NDArray[np.int64], int]:
    """The readings as codes (n, m) and the number of categories."""
    table = np.asarray(readings)
    if table.ndim != 2 or table.shape[0] == 0 or table.shape[1] < 2:
        raise ValueError(f"readings have shape {table.shape}: one row a case, two readers or more")
    upper = None if categories is None else categories - 1
    columns = [
        check_codes(
            table[:, reader], name=f"readings of reader {reader}", n=len(table), upper=upper
        )
        for reader in range(table.shape[1])
    ]
    codes = np.stack(columns, axis=1)
    return codes, int(codes.max()) + 1 if categories is None else categories


def _weights(weighting: Weighting, k: int) -> NDArray[np.float64]:
    if weighting is Weighting.NONE or k == 1:
        return np.eye(k)
    gap = np.abs(np.subtract.outer(np.arange(k), np.arange(k))) / (k - 1)
    return np.asarray(1 - (gap if weighting is Weighting.LINEAR else gap**2))


def _cohen(
    share: NDArray[np.float64], weights: NDArray[np.float64]
) -> tuple[float, float, float, float]:
    """Observed and expected agreement, and n times the variance of kappa, as it is and under 0.

    Source: Fleiss, Cohen, Everitt (1969), (8) and (9).
    """
    row, column = share.sum(axis=1), share.sum(axis=0)
    observed, expected = float((weights * share).sum()), float(row @ weights @ column)
    if expected >= 1:
        return observed, expected, math.nan, math.nan
    mean = np.add.outer(weights @ column, row @ weights)
    apart = weights * (1 - expected) - mean * (1 - observed)
    centre = observed * expected - 2 * expected + observed  # the mean of `apart`
    return (
        observed,
        expected,
        float((share * (apart - centre) ** 2).sum()) / (1 - expected) ** 4,
        float((np.outer(row, column) * (weights - mean + expected) ** 2).sum())
        / (1 - expected) ** 2,
    )


def compare_two_readers(
    readings: ArrayLike,
    *,
    categories: int | None = None,
    weighting: Weighting = Weighting.NONE,
    level: float = 0.95,
) -> Agreement:
    """Cohen's kappa of two readers; `readings` (n, 2) holds codes 0 to `categories` - 1.

    Each reader keeps the own share of each category. The interval is from the variance as it is,
    z from that without agreement. With weights the categories are ordered.
    Source: Cohen (1960, 1968); Fleiss, Cohen, Everitt (1969); Byrt, Bishop, Carlin (1993).
    """
    codes, k = _check_readings(readings, categories)
    if codes.shape[1] != 2:
        raise ValueError(f"{codes.shape[1]} readers: compare_readers takes more than two")
    n = codes.shape[0]
    share = np.bincount(codes[:, 0] * k + codes[:, 1], minlength=k * k).reshape(k, k) / n
    observed, expected, spread, null = _cohen(share, _weights(weighting, k))
    each = [_cohen(_against_others(share, c), np.eye(2)) for c in range(k)]
    return _agreement(
        shares=(observed, expected),
        errors=(math.sqrt(spread / n), math.sqrt(null / n)),
        chance=float(_weights(weighting, k).mean()),
        by_category=np.array([_kappa(one[0], one[1]) for one in each]),
        n=n,
        level=level,
    )


def _against_others(share: NDArray[np.float64], category: int) -> NDArray[np.float64]:
    both, first, second = share[category, category], share[category].sum(), share[:, category].sum()
    return np.array([[both, first - both], [second - both, 1 - first - second + both]])


def _kappa(observed: float, expected: float) -> float:
    return (observed - expected) / (1 - expected) if expected < 1 else math.nan


def _agreement(
    *,
    shares: tuple[float, float],
    errors: tuple[float, float],
    chance: float,
    by_category: NDArray[np.float64],
    n: int,
    level: float,
) -> Agreement:
    value = _kappa(*shares)
    half = normal_quantile(level) * errors[0]
    z = value / errors[1] if errors[1] > 0 else math.nan
    untold = "all readings are of one category: there is no agreement beyond chance to tell"
    return Agreement(
        n=n,
        value=value,
        lower=value - half,
        upper=min(value + half, 1.0) if math.isfinite(value) else math.nan,
        standard_error=errors[0],
        standard_error_null=errors[1],
        z=z,
        p_value=two_sided_p(z),
        observed=shares[0],
        expected=shares[1],
        adjusted=_kappa(shares[0], chance),
        by_category=by_category,
        message="" if math.isfinite(value) else untold,
    )


def compare_readers(
    readings: ArrayLike, *, categories: int | None = None, level: float = 0.95
) -> Agreement:
    """Fleiss' kappa of two or more readers of every case; `readings` (n, m) holds codes from 0.

    Readers are taken as drawn from many, so all share one frequency of each category. The
    interval is from the cases' influence, z from the variance without agreement; one case alone
    tells no interval. Source: Fleiss (1971); Fleiss, Nee, Landis (1979); Gwet (2008), (16).
    """
    codes, k = _check_readings(readings, categories)
    n, m = codes.shape
    counts = np.stack([(codes == category).sum(axis=1) for category in range(k)], axis=1)
    share = counts.sum(axis=0) / (n * m)
    pairs = ((counts**2).sum(axis=1) - m) / (m * (m - 1))
    observed, expected = float(pairs.mean()), float(share @ share)
    apart = share * (1 - share)
    with np.errstate(divide="ignore", invalid="ignore"):
        split = (counts * (m - counts)).sum(axis=0)
        by_category = 1 - split / (n * m * (m - 1) * apart)
    error = null = math.nan
    if apart.sum() > 0:
        inner = apart.sum() ** 2 - float(apart @ (1 - 2 * share))
        null = math.sqrt(max(2 * inner, 0.0) / (n * m * (m - 1))) / float(apart.sum())
        lever = (pairs - observed) - 2 * (1 - _kappa(observed, expected)) * (
            counts @ share / m - expected
        )
        if n > 1:
            error = math.sqrt(float(lever @ lever) / (n * (n - 1))) / (1 - expected)
    return _agreement(
        shares=(observed, expected),
        errors=(error, null),
        chance=1 / k,
        by_category=np.asarray(by_category, dtype=np.float64),
        n=n,
        level=level,
    )
