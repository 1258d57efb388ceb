"""Tests that hold their level when the rest of a trial is planned anew at an interim look."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

from equipoise.design.bounds import SequentialDesign


def combine_inverse_normal(p_values: ArrayLike, *, weights: ArrayLike) -> NDArray[np.float64]:
    """z after each stage, shape (k,), of one-sided p values that come from separate patients.

    The squared weights are shares of information planned before: they stay when the sizes change.
    z is compared with the bounds of the plan. Source: Lehmacher, Wassmer (1999).
    """
    p = np.asarray(p_values, dtype=np.float64)
    if p.ndim != 1 or not p.size or not ((p > 0) & (p < 1)).all():
        raise ValueError("p_values must be a flat array of numbers between 0 and 1")
    return combine_stages(-ndtri(p), weights=weights)


def combine_stages(increments: ArrayLike, *, weights: ArrayLike) -> NDArray[np.float64]:
    """z after each stage, of the z of each stage's own patients, with weights planned before.

    Source: Cui, Hung, Wang (1999).
    """
    z, w = np.asarray(increments, dtype=np.float64), np.asarray(weights, dtype=np.float64)
    if z.ndim != 1 or z.shape != w.shape or not np.isfinite(z).all():
        raise ValueError("every stage needs one finite z, or p value, and one weight")
    if not (np.isfinite(w) & (w > 0)).all():
        raise ValueError("weights must be finite and above 0")
    return np.asarray(np.cumsum(w * z) / np.sqrt(np.cumsum(w**2)))


def planned_weights(design: SequentialDesign) -> NDArray[np.float64]:
    """The weights that the plan gives its stages: roots of the information each adds."""
    return np.sqrt(np.diff(design.plan.information, prepend=0.0))


def separate_stages(z: ArrayLike, *, information: ArrayLike) -> NDArray[np.float64]:
    """The z of each stage's own data, of z of all data at each look; increments are independent."""
    given, share = np.asarray(z, dtype=np.float64), np.asarray(information, dtype=np.float64)
    if given.shape != share.shape or (np.diff(share, prepend=0.0) <= 0).any():
        raise ValueError("information must grow from look to look, one number for each z")
    score = given * np.sqrt(share)
    return np.asarray(np.diff(score, prepend=0.0) / np.sqrt(np.diff(share, prepend=0.0)))


@dataclass(frozen=True, slots=True, kw_only=True)
class FisherBounds:
    """Fisher's product of two p values: stop with success at or below `early`, for futility above
    `futility`; success at the end where p1 times p2 is at most `product`.
    """

    early: float
    futility: float
    product: float


def find_fisher_bounds(
    alpha: float, *, futility: float = 1.0, early: float | None = None
) -> FisherBounds:
    """The bounds of Fisher's combination of two stages at one-sided `alpha`.

    Where `early` is not said, the first p alone decides when no second could undo it: at or below
    the product. Source: Bauer, Koehne (1994).
    """
    if not 0 < alpha < 0.5:
        raise ValueError(f"alpha must lie between 0 and 0.5, not {alpha}")
    if not alpha < futility <= 1:
        raise ValueError(f"futility must lie above alpha and be at most 1, not {futility}")
    if early is not None:
        if not 0 < early < alpha:
            raise ValueError(f"early must lie between 0 and alpha, not {early}")
        product = (alpha - early) / math.log(futility / early)
        return FisherBounds(early=early, futility=futility, product=product)
    product = float(
        brentq(lambda c: c * (1 + math.log(futility / c)) - alpha, 1e-300, alpha, xtol=1e-300)
    )
    return FisherBounds(early=product, futility=futility, product=product)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reestimate:
    """What an interim look says of the size of the second stage.

    `needed` is the z that the second stage's own patients must reach. `zone` is `unfavourable`,
    `promising` or `favourable`, by conditional power `as_planned` at the trend. `increase` is the
    second stage's information over that planned; `after` the conditional power it gives.
    """

    zone: str
    needed: float
    as_planned: float
    increase: float
    after: float


def reestimate_size(
    design: SequentialDesign,
    *,
    z: float,
    cap: float = 2.0,
    lowest: float = 0.5,
    goal: float | None = None,
) -> Reestimate:
    """How much more of the second of two stages a trial needs, from z at its interim look.

    Where the conditional power at the trend lies from `lowest` to the `goal` (the power planned)
    the second stage is raised to reach the goal, up to `cap` times the largest information. The
    end is then tested by `combine_stages` with the weights planned. Source: Mehta, Pocock (2011);
    Cui, Hung, Wang (1999).
    """
    _check_two_stages(design, z, cap)
    first = design.plan.information[0]
    second = 1.0 - first
    wanted = design.plan.rates.power if goal is None else goal
    needed = (float(design.upper[1]) - z * math.sqrt(first)) / math.sqrt(second)
    trend = z / math.sqrt(first)

    def power(factor: float) -> float:
        return float(ndtr(trend * math.sqrt(second * factor) - needed))

    zone = "unfavourable" if power(1.0) < lowest else "promising"
    factor = 1.0
    if power(1.0) >= wanted:
        zone = "favourable"
    elif zone == "promising":
        most = (cap - first) / second
        asked = ((needed + float(ndtri(wanted))) / trend) ** 2 / second if trend > 0 else most
        factor = min(asked, most)
    return Reestimate(
        zone=zone, needed=needed, as_planned=power(1.0), increase=factor, after=power(factor)
    )


def _check_two_stages(design: SequentialDesign, z: float, cap: float) -> None:
    if design.plan.looks != 2:
        raise ValueError(f"a second stage follows one look: the plan has {design.plan.looks} looks")
    if not math.isfinite(z):
        raise ValueError(f"z must be finite, not {z}")
    if not cap >= 1:
        raise ValueError(f"cap must be 1 or more of the information planned, not {cap}")
