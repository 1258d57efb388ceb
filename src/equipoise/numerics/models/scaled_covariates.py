"""Covariates centred and scaled for a climb, those without information of their own left out."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from equipoise.numerics.checks import check_covariates


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaledCovariates:
    """The columns `kept` of the `columns` given, each (x - centre) / size.

    `table` (n, before + kept) has `before` columns of ones in front of them.
    """

    table: NDArray[np.float64]
    kept: NDArray[np.intp]
    columns: int
    centre: NDArray[np.float64]
    size: NDArray[np.float64]


def _are_apart(table: NDArray[np.float64]) -> bool:
    """True where the products of the columns tell at once that each has much of its own."""
    n, p = table.shape
    products = np.full((p + 1, p + 1), float(n))
    products[1:, 1:], products[0, 1:] = table.T @ table, table.sum(axis=0)
    products[1:, 0] = products[0, 1:]
    size = np.sqrt(np.diag(products))
    if not (size > 0).all():
        return False
    try:
        left = np.diag(np.linalg.cholesky(products / np.outer(size, size)))
    except np.linalg.LinAlgError:
        return False
    return bool(left.min() > 1e-3)


def _own_columns(table: NDArray[np.float64]) -> NDArray[np.intp]:
    """The columns that are no sum of those before them and a constant, from the left."""
    if _are_apart(table):
        return np.arange(table.shape[1])
    kept: list[int] = []
    basis = np.ones((table.shape[0], 1)) / math.sqrt(table.shape[0])
    for column in range(table.shape[1]):
        whole = table[:, column]
        rest = whole - basis @ (basis.T @ whole)
        rest = rest - basis @ (basis.T @ rest)
        size = float(np.linalg.norm(rest))
        if size > 1e-9 * max(float(np.linalg.norm(whole)), 1e-300):
            kept.append(column)
            basis = np.c_[basis, rest / size]
    return np.array(kept, dtype=np.intp)


def scale_covariates(covariates: ArrayLike | None, *, n: int, before: int = 0) -> ScaledCovariates:
    """The covariates (n,) or (n, p) that are no sum of others and a constant; None is no column.

    The table has `before` columns of ones in front.
    """
    table = np.empty((n, 0)) if covariates is None else check_covariates(covariates, n=n)
    kept = _own_columns(table)
    own = np.ones((n, before + kept.size))
    scaled = own[:, before:]
    for place, column in enumerate(kept):  # in place, to need no second copy
        scaled[:, place] = table[:, column]
    centre = scaled.mean(axis=0)
    scaled -= centre
    size = np.sqrt(np.einsum("ij,ij->j", scaled, scaled) / n)
    scaled /= size
    return ScaledCovariates(table=own, kept=kept, columns=table.shape[1], centre=centre, size=size)


def unscaling(scaled: ScaledCovariates, *, before: int, after: int) -> NDArray[np.float64]:
    """The matrix that gives parameters per unit of each covariate; a missing one has row NaN.

    The parameters are `before` others, of which the first is the intercept (0: there is none),
    those of the columns kept, and `after` others.
    """
    q = scaled.kept.size
    matrix = np.zeros((before + scaled.columns + after, before + q + after))
    matrix[:before, :before] = np.eye(before)
    matrix[before + scaled.columns :, before + q :] = np.eye(after)
    matrix[before : before + scaled.columns] = np.nan
    matrix[before + scaled.kept] = 0.0
    matrix[before + scaled.kept, before + np.arange(q)] = 1.0 / scaled.size
    if before:
        matrix[0, before : before + q] = -scaled.centre / scaled.size
    return matrix


def missing_words(scaled: ScaledCovariates) -> str:
    """Which covariates are left out, in words; empty where none is."""
    missing = [str(column) for column in range(scaled.columns) if column not in scaled.kept]
    return f"no information of its own in covariate {', '.join(missing)}" if missing else ""
