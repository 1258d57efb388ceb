"""The likelihood of log T = line + scale z, with what a climb and a sandwich need of it."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from equipoise.numerics.intervals.interval_times import IntervalTimes
from equipoise.numerics.models.latent_distributions import (
    SPREAD,
    Latent,
    chance_between,
    density_at,
)
from equipoise.numerics.models.uneven_climb import Slopes

Values = NDArray[np.float64]
_BLOCK = 16_384  # rows at once, so that big data need little more memory than they are


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsOfAKind:
    """Rows of one kind: known times, or above one log time (`high` None) and not above another.

    A weight may be below 0.
    """

    known: bool
    row: NDArray[np.int32]
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


def _log(times: Values) -> Values:
    with np.errstate(divide="ignore"):
        return np.log(times)


def _kinds(times: IntervalTimes) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which times are known, and which have no end."""
    return times.left == times.right, np.isinf(times.right)


def order_by_kind(times: IntervalTimes) -> NDArray[np.int32]:
    """The rows with known times, those with times beyond a bound, those between two, (n,)."""
    known, endless = _kinds(times)
    parts = [np.flatnonzero(here) for here in (known, endless, ~(known | endless))]
    return np.concatenate(parts, dtype=np.int32)


def _alike(column: NDArray[Any]) -> NDArray[Any]:
    """The column; if it is long and its numbers are all alike, a view of one of them."""
    if column.size <= _BLOCK or (column != column[0]).any():
        return column
    return np.broadcast_to(column[0], column.shape)


def rows_by_kind(
    times: IntervalTimes, *, order: NDArray[np.int32], x: Values, stratum: NDArray[np.int64]
) -> tuple[RowsOfAKind, ...]:
    """Known times, times beyond a bound, those between two, and late entries.

    Of these last the chance to come so far is taken off. `x` (n, p) holds a column of ones and
    the covariates in this `order`, by kind; the parts are views of it, but for late entries.
    """
    known, endless = (int(np.count_nonzero(here)) for here in _kinds(times))
    kinds: tuple[tuple[slice | NDArray[np.intp], Values, Values | None, float], ...] = (
        (slice(known), times.left, None, 1.0),
        (slice(known, known + endless), times.left, None, 1.0),
        (slice(known + endless, None), times.left, times.right, 1.0),
        (np.flatnonzero(times.entry[order] > 0), times.entry, None, -1.0),
    )
    return tuple(
        RowsOfAKind(
            known=kind == 0,
            row=order[own],
            low=_log(low[order[own]]),
            high=None if high is None else _log(high[order[own]]),
            weight=_alike(sign * times.weight[order[own]]),
            x=x[own],
            stratum=_alike(stratum[order[own]]),
        )
        for kind, (own, low, high, sign) in enumerate(kinds)
        if order[own].size
    )


@njit(cache=True)
def _chain_kernel(
    known: int,
    columns: int,
    x: Values,
    weight: Values,
    stratum: NDArray[np.int64],
    inverse: Values,
    a: Values,
    low: Values,
    low_slope: Values,
    b: Values,
    high: Values,
    high_slope: Values,
    score: Values,
    information: Values,
    along: Values,
) -> None:
    """Adds up the slopes along line and log scale, by the chain rule from those along z.

    z is (log t - line) / scale: `a` of a known time, with the `low` slope and bend `low_slope` of
    its log density; else `a` and `b` of the bounds, as in `Chance`. `score` and `information` are
    of the line's columns, then of the scales, none where it is held. `along` (n, 2)
    takes each row's slopes where it is wanted. Source: Kalbfleisch, Prentice (2002) 3.4.
    """
    q, scales = columns, score.size - columns
    for i in range(weight.size):
        own = stratum[i] if inverse.size > 1 else 0
        inv, w = inverse[own], weight[i]
        from_a = a[i] if math.isfinite(a[i]) else 0.0
        if known == 1:
            line, scale = low[i], from_a * low[i]
            line_line, line_scale = low_slope[i], low_slope[i] * from_a
            scale_scale = line_scale * from_a
        else:
            from_b = b[i] if math.isfinite(b[i]) else 0.0
            line, scale = high[i] - low[i], from_b * high[i] - from_a * low[i]
            bend_a, bend_b = low[i] * low_slope[i], high[i] * high_slope[i]
            line_line = bend_b - bend_a - line**2
            line_scale = bend_b * from_b - bend_a * from_a - line * scale
            scale_scale = bend_b * from_b**2 - bend_a * from_a**2 - scale**2
        slope, bend = -w * line * inv, -w * line_line * inv**2
        slope_scale, cross = -w * scale, -w * (line_scale + line) * inv
        if known == 1:
            slope_scale -= w
        if along.size > 0:
            along[i, 0], along[i, 1] = slope / w, slope_scale / w
        for j in range(q):
            score[j] += slope * x[i, j]
            for k in range(j + 1):
                information[j, k] += bend * x[i, j] * x[i, k]
            if scales > 0:
                information[q + own, j] += cross * x[i, j]
        if scales > 0:
            score[q + own] += slope_scale
            information[q + own, q + own] -= w * (scale_scale + scale)


def _blocks(model: LocationScale) -> Iterator[RowsOfAKind]:
    for part in model.parts:
        if part.row.size <= _BLOCK:
            yield part
            continue
        for begin in range(0, part.row.size, _BLOCK):
            cut = slice(begin, begin + _BLOCK)
            yield RowsOfAKind(
                known=part.known,
                row=part.row[cut],
                low=part.low[cut],
                high=None if part.high is None else part.high[cut],
                weight=np.ascontiguousarray(part.weight[cut]),
                x=part.x[cut],
                stratum=np.ascontiguousarray(part.stratum[cut]),
            )


def _add_up(
    model: LocationScale,
    parameters: Values,
    block: RowsOfAKind,
    sums: tuple[Values, Values],
    along: Values,
) -> float:
    """Adds a block to score and information; returns its log likelihood."""
    q = model.columns
    log_scale = parameters[q:] if model.scales else np.zeros(1)
    inverse, own = np.exp(-log_scale), log_scale[0]
    each = inverse[0]
    if model.scales > 1:
        own, each = log_scale[block.stratum], inverse[block.stratum]
    line = block.x[:, :q] @ parameters[:q]
    a = (block.low - line) * each
    if block.known:
        at = density_at(a, latent=model.latent)
        bounds = (a, at.slope, at.bend, a, a, a)
        value = at.log_density - own - block.low
    else:
        b = np.full(a.size, np.inf) if block.high is None else (block.high - line) * each
        found = chance_between(a, high=None if block.high is None else b, latent=model.latent)
        bounds = (a, found.low, found.low_slope, b, found.high, found.high_slope)
        value = found.log_chance
    _chain_kernel(
        int(block.known), q, block.x, block.weight, block.stratum, inverse, *bounds, *sums, along
    )
    return float(block.weight @ value)


def sum_slopes(model: LocationScale, *, parameters: Values) -> Slopes:
    """The slopes of the log likelihood over all rows, in blocks."""
    total, size = 0.0, model.columns + model.scales
    score, half = np.zeros(size), np.zeros((size, size))
    none = np.zeros((0, 2))
    with np.errstate(over="ignore", invalid="ignore"):  # impossible parameters are told below
        for block in _blocks(model):
            total += _add_up(model, parameters, block, (score, half), none)
    information = half + np.tril(half, -1).T
    well = math.isfinite(total) and np.isfinite(score).all() and np.isfinite(information).all()
    return Slopes(value=total if well else -math.inf, score=score, information=information)


def row_scores(model: LocationScale, *, parameters: Values) -> Values:
    """Each row's share of the score, weights in, shape (n, parameters)."""
    q, size = model.columns, model.columns + model.scales
    out = np.zeros((model.rows, size))
    for block in _blocks(model):
        along = np.zeros((block.row.size, 2))
        _add_up(model, parameters, block, (np.zeros(size), np.zeros((size, size))), along)
        along *= block.weight[:, None]
        out[block.row, :q] += block.x[:, :q] * along[:, :1]
        if model.scales:
            own = block.stratum if model.scales > 1 else 0
            out[block.row, q + own] += along[:, 1]
    return out


def _middle(times: IntervalTimes) -> Values:
    """A log time for each row to start from: the middle of its bounds, else its left one."""
    bounded = np.isfinite(times.right)
    middle = np.where(bounded, (times.left + np.where(bounded, times.right, 0.0)) / 2, times.left)
    least = float(middle[middle > 0].min()) if (middle > 0).any() else 1.0
    return np.log(np.maximum(middle, least))


def start_of(times: IntervalTimes, *, latent: Latent, scales: int) -> Values:
    """The line level, the scale that of the log times; the line is the best for it if in closed
    form: for hazards exp(line / scale) is the sum of t^(1 / scale) over the number of events.
    """
    middle, weight = _middle(times), times.weight
    centre = float(np.average(middle, weights=weight))
    middle -= centre
    spread = math.sqrt(float(np.average(middle**2, weights=weight)))
    scale = max(spread / SPREAD[latent], 0.1) if scales else 1.0
    start = np.full(1 + scales, math.log(scale))
    start[0] = centre
    events = float(weight[np.isfinite(times.right)].sum())
    if latent is Latent.HAZARD and events > 0:
        start[0] += scale * math.log(float(weight @ np.exp(middle / scale)) / events)
    return start
