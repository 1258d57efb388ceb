"""How often a Cox model ranks two patients right: Harrell's concordance with its standard error."""

import math
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from equipoise.numerics.hazards.cox import Cox
from equipoise.numerics.hazards.cox_design import CoxDesign
from equipoise.numerics.hazards.cox_residuals import model_of
from equipoise.numerics.row_order import Places

_SAME = 1e-10  # log hazards this close are one: equal rows may differ by rounding


@dataclass(frozen=True, slots=True, kw_only=True)
class Concordance:
    """The share of pairs ranked right, ties half, with its standard error, and the pairs' weights.

    NaN where no pair can be compared.
    """

    value: float
    standard_error: float
    concordant: float
    discordant: float
    tied: float


@njit(cache=True)
def _put(tree: NDArray[np.float64], grade: int, weight: float) -> None:
    place = grade + 1
    while place < tree.size:
        tree[place] += weight
        place += place & -place


@njit(cache=True)
def _below(tree: NDArray[np.float64], grade: int) -> float:
    """The weight of the grades under `grade`. Source: Fenwick (1994)."""
    total = 0.0
    while grade > 0:
        total += tree[grade]
        grade -= grade & -grade
    return total


@njit(cache=True)
def _count(
    tree: NDArray[np.float64],
    grade: int,
    highest: int,
    sign: float,
    pairs: NDArray[np.float64],
) -> None:
    """Adds to `pairs` the weights below, above and at the grade."""
    below, upto = _below(tree, grade), _below(tree, grade + 1)
    pairs[0] += sign * below
    pairs[1] += sign * (_below(tree, highest) - upto)
    pairs[2] += sign * (upto - below)


@njit(cache=True)
def _pairs_kernel(
    begin: Places,
    end: Places,
    block_stratum: Places,
    event: NDArray[np.int8],
    weight: NDArray[np.float64],
    grade: NDArray[np.int64],
    first: NDArray[np.int64],
    late: NDArray[np.int64],
    highest: int,
    early: NDArray[np.float64],
    after: NDArray[np.float64],
) -> None:
    """Per row the weight of who is graded below, above, alike: who it precedes, who precedes it.

    `early` is of the rows that fail against those at risk then who do not (back through time),
    `after` of each row against those who failed while it was at risk (forward).
    """
    tree = np.zeros(highest + 1)
    gone = 0
    for k in range(begin.size - 1, -1, -1):
        if k + 1 < begin.size and block_stratum[k] != block_stratum[k + 1]:
            tree[:] = 0.0
            while gone < late.size and first[late[gone]] > k:
                gone += 1
        while gone < late.size and first[late[gone]] > k:
            _put(tree, grade[late[gone]], -weight[late[gone]])
            gone += 1
        for row in range(begin[k], end[k]):
            if event[row] == 0 and (first.size == 0 or first[row] <= k):
                _put(tree, grade[row], weight[row])
        for row in range(begin[k], end[k]):
            if event[row] == 1:
                _count(tree, grade[row], highest, 1.0, early[row])
        for row in range(begin[k], end[k]):
            if event[row] == 1:
                _put(tree, grade[row], weight[row])
    tree[:] = 0.0
    come = late.size - 1
    for k in range(begin.size):
        if k > 0 and block_stratum[k] != block_stratum[k - 1]:
            tree[:] = 0.0
        while come >= 0 and first[late[come]] <= k:
            _count(tree, grade[late[come]], highest, -1.0, after[late[come]])
            come -= 1
        for row in range(begin[k], end[k]):
            if event[row] == 1:
                _count(tree, grade[row], highest, 1.0, after[row])
        for row in range(begin[k], end[k]):
            if event[row] == 1:
                _put(tree, grade[row], weight[row])
        for row in range(begin[k], end[k]):
            if event[row] == 0 and (first.size == 0 or first[row] <= k):
                _count(tree, grade[row], highest, 1.0, after[row])


def _grades(design: CoxDesign, beta: NDArray[np.float64]) -> NDArray[np.int64]:
    """The rows' log hazards as places in their order, equal ones alike."""
    hazard = design.x @ beta
    order = np.argsort(hazard, kind="stable")
    grade = np.empty(hazard.size, dtype=np.int64)
    grade[order] = np.cumsum(np.r_[0, np.diff(hazard[order]) > _SAME])
    return grade


def estimate_concordance(fit: Cox) -> Concordance:
    """Harrell's concordance of a Cox fit, within strata, with late entry and weights as fitted.

    A pair compares who fails with who is still at risk then and does not fail on that day. The
    standard error is the infinitesimal jackknife over rows. ValueError where the fit did not
    settle. Source: Harrell, Califf, Pryor, Lee, Rosati (1982); Therneau, Watson (2015).
    """
    model = model_of(fit)
    design = model.design
    grade = _grades(design, model.beta)
    weight = design.weight if design.weight.size == grade.size else np.ones(grade.size)
    early, after = np.zeros((grade.size, 3)), np.zeros((grade.size, 3))
    _pairs_kernel(
        design.begin,
        design.end,
        design.block_stratum,
        design.event,
        weight,
        grade,
        design.first,
        design.late,
        int(grade.max()) + 1,
        early,
        after,
    )
    concordant, discordant, tied = weight @ early
    pairs = concordant + discordant + tied
    if not pairs > 0:
        return Concordance(
            value=math.nan, standard_error=math.nan, concordant=0.0, discordant=0.0, tied=0.0
        )
    value = (concordant + tied / 2) / pairs
    # who precedes a row and is graded above it is ranked right
    own = early + after[:, [1, 0, 2]]
    influence = (own[:, 0] + own[:, 2] / 2 - value * own.sum(axis=1)) * weight / pairs
    return Concordance(
        value=float(value),
        standard_error=float(np.sqrt(influence @ influence)),
        concordant=float(concordant),
        discordant=float(discordant),
        tied=float(tied),
    )
