"""How much of an error a group sequential trial has spent by each of its looks."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundRule:
    """How bounds are chosen: a name of `SPENDING` or `CLASSICAL`, with what it needs.

    `parameter` is the gamma of Hwang-Shih-DeCani, the rho of Kim-DeMets, the delta of Wang-Tsiatis
    or the bound of Haybittle-Peto. `values`, one a look, are cumulated shares of the error, 1 at
    last (`shares`), or bounds of z (`bounds`).
    """

    name: str
    parameter: float | None = None
    values: tuple[float, ...] = ()


Times = NDArray[np.float64]
Spending = Callable[[Times, BoundRule], Times]


def _obrien_fleming(time: Times, total: float) -> Times:
    return np.asarray(2 * ndtr(ndtri(total / 2) / np.sqrt(time)))


def _pocock(time: Times, _: BoundRule) -> Times:
    return np.log1p((math.e - 1) * time)


def _hwang_shih_decani(time: Times, rule: BoundRule) -> Times:
    gamma = -4.0 if rule.parameter is None else rule.parameter
    return time if gamma == 0 else np.expm1(-gamma * time) / math.expm1(-gamma)


def _kim_demets(time: Times, rule: BoundRule) -> Times:
    return np.asarray(time ** (3.0 if rule.parameter is None else rule.parameter))


def _shares(_: Times, rule: BoundRule) -> Times:
    return np.array(rule.values)


OBRIEN_FLEMING = "lan-demets-obrien-fleming"
SHARES: Mapping[str, Spending] = {  # of the error, from 0 to 1
    "lan-demets-pocock": _pocock,  # Lan, DeMets (1983)
    "hwang-shih-decani": _hwang_shih_decani,  # Hwang, Shih, DeCani (1990)
    "kim-demets": _kim_demets,  # Kim, DeMets (1987)
    "shares": _shares,
}
SPENDING = (OBRIEN_FLEMING, *SHARES)


def spend(
    rule: BoundRule, *, time: NDArray[np.float64], total: float, sides: int = 1
) -> NDArray[np.float64]:
    """The error spent by each look, cumulated, shape (k,); `total` at time 1.

    `time` is the share of the information (or of the calendar) from 0 to 1; past 1 all is spent.
    Two sides spend half of the total each, which matters to O'Brien-Fleming's function only.
    Source: Lan, DeMets (1983); Hwang, Shih, DeCani (1990); Kim, DeMets (1987).
    """
    within = np.minimum(time, 1.0)
    if rule.name == OBRIEN_FLEMING:
        return sides * _obrien_fleming(within, total / sides)
    return total * SHARES[rule.name](within, rule)
