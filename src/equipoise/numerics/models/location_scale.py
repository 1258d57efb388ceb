"""The likelihood of log T = line + scale z, with what a climb and a sandwich need of it."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from equipoise.numerics.intervals.interval_times import IntervalTimes
from equipoise.numerics.models.latent_distributions import Latent, chance_between, density_at
from equipoise.numerics.models.uneven_climb import Slopes

Values = NDArray[np.float64]
_BLOCK = 16_384  # rows at once, so that big data need little more memory than they are


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsOfAKind:
    """Rows of one kind: known times (`high` None), or between two log times; weight may be < 0."""

    row: NDArray[np.intp]
    low: Values
    high: Values | None
    weight: Values
    x: Values
    stratum: NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class LocationScale:
    """log T = x . line + scale of the stratum times z; no `scales`: the scale is 1."""

    latent: Latent
    parts: tuple[RowsOfAKind, ...]
    rows: int
    columns: int  # of each x: ones, then the covariates, centred and scaled
    scales: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _RowSlopes:
    """Per row of a part: log likelihood, its slopes along line and log scale, and theirs."""

    value: Values
    line: Values
    scale: Values
    line_line: Values
    line_scale: Values
    scale_scale: Values


def _log(times: Values) -> Values:
    with np.errstate(divide="ignore"):
        return np.log(times)


def _with_ones(x: Values, rows: NDArray[np.intp]) -> Values:
    out = np.ones((rows.size, 1 + x.shape[1]))
    out[:, 1:] = x[rows]
    return out


def rows_by_kind(
    times: IntervalTimes, *, x: Values, stratum: NDArray[np.int64]
) -> tuple[RowsOfAKind, ...]:
    """Known times, times between bounds, and late entries (less the chance to come so far).

    `x` (n, p) are the covariates; a column of ones comes before them.
    """
    exact = times.left == times.right
    late = times.entry > 0
    kinds = (
        (exact, times.left, None, times.weight),
        (~exact, times.left, times.right, times.weight),
        (late, times.entry, np.full(late.size, np.inf), -times.weight),
    )
    return tuple(
        RowsOfAKind(
            row=np.flatnonzero(here),
            low=_log(low[here]),
            high=None if high is None else _log(high[here]),
            weight=weight[here],
            x=_with_ones(x, np.flatnonzero(here)),
            stratum=stratum[here],
        )
        for here, low, high, weight in kinds
        if here.any()
    )


def _row_slopes(part: RowsOfAKind, line: Values, log_scale: Values, latent: Latent) -> _RowSlopes:
    """By the chain rule from z = (log t - line) / scale.

    Source: Kalbfleisch, Prentice (2002) 3.4.
    """
    inverse = np.exp(-log_scale)
    a = (part.low - line) * inverse
    if part.high is None:
        at = density_at(a, latent=latent)
        return _RowSlopes(
            value=at.log_density - log_scale - part.low,
            line=-at.slope * inverse,
            scale=-a * at.slope - 1.0,
            line_line=at.bend * inverse**2,
            line_scale=(at.bend * a + at.slope) * inverse,
            scale_scale=(at.bend * a + at.slope) * a,
        )
    b = (part.high - line) * inverse
    found = chance_between(a, high=b, latent=latent)
    a, b = np.where(np.isfinite(a), a, 0.0), np.where(np.isfinite(b), b, 0.0)
    along_line = (found.low - found.high) * inverse
    along_scale = found.low * a - found.high * b
    low, high = found.low * found.low_slope, found.high * found.high_slope
    return _RowSlopes(
        value=found.log_chance,
        line=along_line,
        scale=along_scale,
        line_line=(high - low) * inverse**2 - along_line**2,
        line_scale=(high * b - low * a) * inverse - along_line * (along_scale + 1.0),
        scale_scale=high * b**2 - low * a**2 - along_scale * (along_scale + 1.0),
    )


def _blocks(model: LocationScale) -> Iterator[RowsOfAKind]:
    for part in model.parts:
        for begin in range(0, part.row.size, _BLOCK):
            cut = slice(begin, begin + _BLOCK)
            yield RowsOfAKind(
                row=part.row[cut],
                low=part.low[cut],
                high=None if part.high is None else part.high[cut],
                weight=part.weight[cut],
                x=part.x[cut],
                stratum=part.stratum[cut],
            )


def _slopes_of(model: LocationScale, parameters: Values, block: RowsOfAKind) -> _RowSlopes:
    q = model.columns
    line = block.x[:, :q] @ parameters[:q]
    log_scale = parameters[q:][block.stratum] if model.scales > 1 else parameters[q:].sum()
    return _row_slopes(block, line, log_scale, model.latent)


def sum_slopes(model: LocationScale, *, parameters: Values) -> Slopes:
    """The slopes of the log likelihood over all rows, in blocks."""
    q, scales = model.columns, model.scales
    total, score = 0.0, np.zeros(q + scales)
    information = np.zeros((q + scales, q + scales))
    with np.errstate(over="ignore", invalid="ignore"):  # impossible parameters are told below
        for block in _blocks(model):
            found = _slopes_of(model, parameters, block)
            x, w = block.x[:, :q], block.weight
            total += float(w @ found.value)
            score[:q] += (w * found.line) @ x
            information[:q, :q] -= (x.T * (w * found.line_line)) @ x
            for k in range(scales):
                here = w * (block.stratum == k) if scales > 1 else w
                score[q + k] += here @ found.scale
                information[:q, q + k] -= (here * found.line_scale) @ x
                information[q + k, q + k] -= here @ found.scale_scale
    information[q:, :q] = information[:q, q:].T
    well = math.isfinite(total) and np.isfinite(score).all() and np.isfinite(information).all()
    return Slopes(value=total if well else -math.inf, score=score, information=information)


def row_scores(model: LocationScale, *, parameters: Values) -> Values:
    """Each row's share of the score, weights in, shape (n, parameters)."""
    q = model.columns
    out = np.zeros((model.rows, q + model.scales))
    for block in _blocks(model):
        found = _slopes_of(model, parameters, block)
        out[block.row, :q] += block.x[:, :q] * (block.weight * found.line)[:, None]
        if model.scales:
            own = block.stratum if model.scales > 1 else 0
            out[block.row, q + own] += block.weight * found.scale
    return out


def _middle(times: IntervalTimes) -> Values:
    """A log time for each row to start from: the middle of its bounds, else its left one."""
    bounded = np.isfinite(times.right)
    middle = np.where(bounded, (times.left + np.where(bounded, times.right, 0.0)) / 2, times.left)
    least = float(middle[middle > 0].min()) if (middle > 0).any() else 1.0
    return np.log(np.maximum(middle, least))


def start_of(model: LocationScale, *, times: IntervalTimes) -> Values:
    """The line at the mean log time, level, and the scale at their spread."""
    middle = _middle(times)
    centre = float(np.average(middle, weights=times.weight))
    spread = math.sqrt(float(np.average((middle - centre) ** 2, weights=times.weight)))
    start = np.zeros(model.columns + model.scales)
    start[0] = centre + (0.5 if model.latent is Latent.HAZARD else 0.0)
    start[model.columns :] = math.log(max(spread, 0.1))
    return start
