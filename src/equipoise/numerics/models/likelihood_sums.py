"""The likelihood of a regression of shares, counts or values: its sums over blocks of rows."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln, log1p

from equipoise.numerics import likelihood_climb
from equipoise.numerics.checks import check_covariates, check_weights
from equipoise.numerics.likelihood_climb import LikelihoodSums

_BLOCK = 16_384  # rows at a time: the work stays in the cache, and no copy of the data is made
_ALIASED = 1e-12  # share of a column's spread that the columns before it leave
_EDGE = 1e-8  # a risk this near to 1 is at the edge


class Family(Enum):
    """What is regressed, and through which link."""

    LOGISTIC = "logistic"  # log odds of a yes or no
    LOG_BINOMIAL = "log binomial"  # log risk of a yes or no
    POISSON = "poisson"  # log rate of counts; of a yes or no it is the modified Poisson
    NEGATIVE_BINOMIAL = "negative binomial"  # log rate of counts that vary more than Poisson's
    LINEAR = "linear"  # mean; of a yes or no it is the risk


@dataclass(frozen=True, slots=True, kw_only=True)
class RowTerms:
    """What each row gives, all (n,): log likelihood, its slope and information along eta.

    `at_edge`: some row is where the likelihood ends, a risk being 1.
    """

    log_likelihood: NDArray[np.float64]
    slope: NDArray[np.float64]
    information: NDArray[np.float64]
    at_edge: bool = False


Law = Callable[[NDArray[np.float64], NDArray[np.float64]], RowTerms]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Outcomes with covariates as given; `centre` and `scale` (p,) say how blocks are read.

    `kept` holds the blocks where they are few.
    """

    outcome: NDArray[np.float64]
    x: NDArray[np.float64]
    offset: NDArray[np.float64] | None
    weight: NDArray[np.float64] | None
    centre: NDArray[np.float64]
    scale: NDArray[np.float64]
    kept: "tuple[Block, ...]" = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Some rows ready for sums: `z` (b, 1 + p) holds ones, then the covariates scaled.

    Its columns lie whole in memory, which makes the sums faster.
    """

    place: slice
    outcome: NDArray[np.float64]
    z: NDArray[np.float64]
    offset: NDArray[np.float64] | float
    weight: NDArray[np.float64] | float


def _logistic(outcome: NDArray[np.float64], eta: NDArray[np.float64]) -> RowTerms:
    small = np.exp(-np.abs(eta))  # the odds of the less likely of yes and no
    whole = 1.0 + small
    risk = np.where(eta >= 0, 1.0, small) / whole
    value = outcome * eta - np.maximum(eta, 0.0) - log1p(small)
    return RowTerms(log_likelihood=value, slope=outcome - risk, information=small / whole**2)


def _log_binomial(outcome: NDArray[np.float64], eta: NDArray[np.float64]) -> RowTerms:
    rest = -np.expm1(eta)
    value = outcome * eta + np.where(outcome < 1, (1 - outcome) * np.log(rest), 0.0)
    risk = np.exp(eta)
    return RowTerms(
        log_likelihood=np.where(
            rest > 0, value, -np.inf
        ),  # who responds has no risk above 1 either
        slope=(outcome - risk) / rest,
        information=risk / rest,
        at_edge=bool((rest < _EDGE).any()),
    )


def _climb_log_binomial(outcome: NDArray[np.float64], eta: NDArray[np.float64]) -> RowTerms:
    """With the information observed: by the one expected, risks that a step brought near 1 would
    stay there. Who responds has none of it, here next to none, so that no step is endless."""
    terms, risk = _log_binomial(outcome, eta), np.exp(eta)
    observed = np.where(outcome < 1, risk / np.expm1(eta) ** 2, 1e-3 * risk)
    return replace(terms, information=observed)


def at_counts(
    counts: NDArray[np.float64], *, function: Callable[[NDArray[np.float64]], NDArray[np.float64]]
) -> NDArray[np.float64]:
    """A function of each count (n,), worked out once for each value where they are small."""
    most = int(counts.max())
    if most >= counts.size:
        return function(counts)
    return function(np.arange(most + 1.0))[counts.astype(np.intp)]


def _poisson(outcome: NDArray[np.float64], eta: NDArray[np.float64]) -> RowTerms:
    mean = np.exp(eta)
    value = outcome * eta - mean - at_counts(outcome, function=lambda y: gammaln(y + 1))
    return RowTerms(log_likelihood=value, slope=outcome - mean, information=mean)


def _linear(outcome: NDArray[np.float64], eta: NDArray[np.float64]) -> RowTerms:
    gap = outcome - eta
    return RowTerms(log_likelihood=-(gap**2) / 2, slope=gap, information=np.ones_like(gap))


LAWS: dict[Family, Law] = {
    Family.LOGISTIC: _logistic,
    Family.LOG_BINOMIAL: _log_binomial,
    Family.POISSON: _poisson,
    Family.LINEAR: _linear,
}
CLIMBED: dict[Family, Law] = LAWS | {Family.LOG_BINOMIAL: _climb_log_binomial}


def check_outcome(outcome: ArrayLike, *, family: Family) -> NDArray[np.float64]:
    """The outcomes as a flat float64 array; ValueError names the first that the family has not."""
    checked = np.ascontiguousarray(outcome, dtype=np.float64)
    if checked.ndim != 1 or checked.size == 0:
        raise ValueError("outcome must be a flat array with at least one row")
    wrong, wanted = ~np.isfinite(checked), "finite numbers"
    if family in (Family.POISSON, Family.NEGATIVE_BINOMIAL):
        wrong, wanted = wrong | (checked < 0) | (checked != np.floor(checked)), "counts from 0 on"
    elif family is not Family.LINEAR:
        wrong, wanted = wrong | ((checked != 0) & (checked != 1)), "0 or 1"
    if wrong.any():
        row = int(np.argmax(wrong))
        raise ValueError(f"outcome[{row}] is {checked[row]}: outcomes are {wanted}")
    return checked


def _check_offset(offset: ArrayLike, n: int) -> NDArray[np.float64]:
    checked = np.ascontiguousarray(offset, dtype=np.float64)
    if checked.shape != (n,):
        raise ValueError(f"offset has shape {checked.shape}: one value for each of {n} outcomes")
    if not np.isfinite(checked).all():
        row = int(np.argmin(np.isfinite(checked)))
        raise ValueError(f"offset[{row}] is {checked[row]}: the log of a time above 0")
    return checked


def _describe(
    x: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """The mean, the largest absolute value and the standard deviation of each column."""
    centre, largest, spread = np.zeros((3, x.shape[1]))
    parts = [x[start : start + _BLOCK] for start in range(0, x.shape[0], _BLOCK)]
    for part in parts:
        columns = part.T.copy()  # whole columns: faster
        centre += columns.sum(axis=1)
        np.maximum(largest, np.abs(columns, out=columns).max(axis=1), out=largest)
    centre /= x.shape[0]
    for part in parts:
        columns = np.subtract(part.T, centre[:, None], order="C")
        spread += np.square(columns, out=columns).sum(axis=1)
    return centre, largest, np.sqrt(spread / x.shape[0])


def build_rows(
    outcome: NDArray[np.float64],
    *,
    covariates: ArrayLike | None,
    offset: ArrayLike | None = None,
    weight: ArrayLike | None = None,
) -> Rows:
    """Checked rows; without covariates only the intercept is regressed on."""
    n = outcome.size
    x = np.empty((n, 0)) if covariates is None else check_covariates(covariates, n=n)
    centre, largest, spread = _describe(x)
    rows = Rows(
        outcome=outcome,
        x=x,
        offset=None if offset is None else _check_offset(offset, n),
        weight=None if weight is None else check_weights(weight, n=n),
        centre=centre,
        scale=np.where(spread > 1e-12 * largest, spread, 1.0),
    )
    return replace(rows, kept=tuple(read_blocks(rows))) if n <= _BLOCK else rows


def read_blocks(rows: Rows) -> Iterable[Block]:
    """The rows, some thousand at a time."""
    return rows.kept or _cut_blocks(rows)


def _cut_blocks(rows: Rows) -> Iterator[Block]:
    for start in range(0, rows.outcome.size, _BLOCK):
        place = slice(start, min(start + _BLOCK, rows.outcome.size))
        columns = np.ones((rows.centre.size + 1, place.stop - start))
        columns[1:] = rows.x[place].T
        columns[1:] -= rows.centre[:, None]
        columns[1:] /= rows.scale[:, None]
        yield Block(
            place=place,
            outcome=rows.outcome[place],
            z=columns.T,
            offset=0.0 if rows.offset is None else rows.offset[place],
            weight=1.0 if rows.weight is None else rows.weight[place],
        )


def row_terms(block: Block, *, law: Law, beta: NDArray[np.float64]) -> RowTerms:
    """What each row of a block gives at scaled coefficients, unweighted; not finite off limits."""
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        return law(block.outcome, block.z @ beta + block.offset)


def sum_likelihood(rows: Rows, *, law: Law, beta: NDArray[np.float64]) -> LikelihoodSums:
    """Log likelihood, score and information at scaled coefficients `beta` (1 + p,)."""
    blocks = read_blocks(rows)
    return sum_terms(
        ((block, row_terms(block, law=law, beta=beta)) for block in blocks), columns=beta.size
    )


def sum_terms(pairs: Iterable[tuple[Block, RowTerms]], *, columns: int) -> LikelihoodSums:
    """The sums of `sum_likelihood` where the terms of every block are known."""
    value, score, information = 0.0, np.zeros(columns), np.zeros((columns, columns))
    at_edge = False
    with np.errstate(over="ignore", invalid="ignore"):
        for block, terms in pairs:
            value += float(np.sum(block.weight * terms.log_likelihood))
            score += block.z.T @ (block.weight * terms.slope)
            information += (block.z.T * (block.weight * terms.information)) @ block.z
            at_edge |= terms.at_edge
    return LikelihoodSums(
        log_likelihood=value, score=score, information=information, at_edge=at_edge
    )


def told_columns(rows: Rows) -> NDArray[np.intp]:
    """Columns with a spread of their own beside those on their left; 0 is the intercept."""
    gram = np.zeros((rows.centre.size + 1,) * 2)
    for block in read_blocks(rows):
        gram += (block.z.T * block.weight) @ block.z
    return likelihood_climb.told_columns(gram, least=_ALIASED * gram[0, 0])


def unscale(rows: Rows) -> NDArray[np.float64]:
    """The matrix (1 + p, 1 + p) that takes scaled coefficients to those of the units given."""
    back = np.diag(np.append(1.0, 1 / rows.scale))
    back[0, 1:] = -rows.centre / rows.scale
    return back
