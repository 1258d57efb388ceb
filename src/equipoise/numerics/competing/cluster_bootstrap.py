"""Incidence by lesion with patients as the unit of chance: bootstrap and permutation."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from equipoise.numerics.checks import check_codes, check_labels, check_times, check_weights
from equipoise.numerics.competing.cluster_draws import (
    Clusters,
    Resamples,
    resample_patients,
)
from equipoise.numerics.event_counts import RankedTimes, rank_times
from equipoise.numerics.row_order import order_by_codes


@dataclass(frozen=True, slots=True, kw_only=True)
class Patients:
    """The patient of each row: a label, the group (0 or 1) and the stratum, all shape (n,).

    `weight` weighs the rows: `weigh_by_patient` where the number of lesions tells of the outcome.
    """

    label: ArrayLike
    group: ArrayLike
    stratum: ArrayLike | None = None
    weight: ArrayLike | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Resampling:
    """How often to resample, and from which seed (below 2**64)."""

    seed: int
    replicates: int = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterBootstrap:
    """Incidence in both groups at a time and the difference (group 1 less 0), by resampling.

    Intervals are percentiles of `replicates` resamples of patients within groups. A replicate in
    which a group has no estimate at the time (all followed less long) counts as carried forward.
    `p_value` comes from permuting the groups of patients within strata.
    """

    at: float
    incidence: tuple[float, float]
    lower: tuple[float, float]
    upper: tuple[float, float]
    difference: float
    standard_error: float
    difference_lower: float
    difference_upper: float
    p_value: float
    replicates: int
    patients: tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResampledIncidence:
    """Incidence in one group at a time, with the percentiles of its resamples; NaN if unknown."""

    value: float
    lower: float
    upper: float


def _one_value_each(
    values: NDArray[np.int64], code: NDArray[np.int64], name: str
) -> NDArray[np.int64]:
    """The value of each patient; ValueError where rows of one patient differ."""
    by_patient = np.empty(int(code.max()) + 1, dtype=np.int64)
    by_patient[code] = values
    differing = by_patient[code] != values
    if differing.any():
        raise ValueError(f"{name} differs between rows of one cluster (row {differing.argmax()})")
    return by_patient


def _gather(
    ranked: RankedTimes,
    causes: NDArray[np.int64],
    codes: tuple[NDArray[np.int64], NDArray[np.int64]],
    patients: Patients,
    at: float,
) -> Clusters:
    patient = check_labels(patients.label, name="cluster", n=causes.size)
    group = _one_value_each(codes[0], patient, "group")
    weight = check_weights(patients.weight, n=causes.size)
    kind = (causes - 1) % 3  # cause 1, cause 2, censored
    order = order_by_codes((3 * ranked.rank + kind).astype(np.int32))
    last = int(np.searchsorted(ranked.distinct, at, side="right"))
    order = order[ranked.rank[order] < last]
    return Clusters(
        kind=kind[order],
        patient=patient[order],
        weight=weight[order],
        held=np.bincount(patient, weights=weight, minlength=group.size).astype(np.float64),
        group=group,
        stratum=_one_value_each(codes[1], patient, "stratum"),
    )


def _is_followed(
    ranked: RankedTimes, causes: NDArray[np.int64], own: NDArray[np.bool_], at: float
) -> bool:
    """Whether the rows of a group are followed until the time, or nobody is left without event."""
    end = ranked.rank[own].max()
    last = own & (ranked.rank == end)
    return bool(at <= ranked.distinct[end] or (causes[last] > 0).all())


def _check_resampling(resampling: Resampling) -> None:
    if resampling.replicates < 1 or not 0 <= resampling.seed < 2**64:
        raise ValueError("replicates must be 1 or more and seed from 0 to 2**64 - 1")


def _percentiles(drawn: NDArray[np.float64], *, level: float) -> NDArray[np.float64]:
    """Lower and upper, (2, ...), of the last axis.

    Draw k of B in order is quantile k / (B + 1): a further one falls below it with that chance.
    As np.quantile's "weibull", in half of its time.
    """
    last = drawn.shape[-1] - 1
    place = np.clip(np.array([1 - level, 1 + level]) / 2 * (last + 2) - 1, 0, last)
    below = place.astype(np.int64)
    above = np.minimum(below + 1, last)
    ordered = np.partition(drawn, np.concatenate([below, above]), axis=-1)
    low, high = ordered[..., below], ordered[..., above]
    limits: NDArray[np.float64] = np.moveaxis(low + (place - below) * (high - low), -1, 0)
    return limits


def resample_incidence(
    time: ArrayLike,
    *,
    cause: ArrayLike,
    label: ArrayLike,
    at: float,
    resampling: Resampling,
    level: float = 0.95,
) -> ResampledIncidence:
    """Cumulative incidence at a time in one group, its patients (`label` of each row) resampled.

    As group 0 of `compare_clustered_incidence`, from the same draws.
    """
    times = check_times(time)
    causes = check_codes(cause, name="cause", n=times.size, upper=2)
    _check_resampling(resampling)
    ranked, alike = rank_times(times), np.zeros(times.size, dtype=np.int64)
    patients = Patients(label=label, group=alike)
    clusters = _gather(ranked, causes, (alike, alike), patients, at)
    seed, replicates = resampling.seed, resampling.replicates
    found = resample_patients(clusters, seed=seed, replicates=replicates).incidence[0]
    if not _is_followed(ranked, causes, alike == 0, at):
        found[:] = np.nan
    lower, upper = _percentiles(found[1:], level=level)
    return ResampledIncidence(value=float(found[0]), lower=float(lower), upper=float(upper))


def compare_clustered_incidence(
    time: ArrayLike,
    *,
    cause: ArrayLike,
    patients: Patients,
    at: float,
    resampling: Resampling,
    level: float = 0.95,
) -> ClusterBootstrap:
    """Cumulative incidence at a time in groups 0 and 1, rows (lesions) clustered in patients.

    All rows of a patient share group and stratum, both groups are present (else ValueError).
    Patients are numbered by their sorted labels: the result depends on the data and the seed
    alone, not on the order of rows. p is (1 + permutations at least as far from 0) / (1 +
    replicates). All is NaN where the follow-up of a group ends before the time.
    Source: Field, Welsh (2007), cluster bootstrap; Davison, Hinkley (1997) 2.4, its percentiles;
    Phipson, Smyth (2010), permutation p.
    """
    times = check_times(time)
    causes = check_codes(cause, name="cause", n=times.size, upper=2)
    groups = check_codes(patients.group, name="group", n=times.size, upper=1)
    strata = check_codes(patients.stratum, name="stratum", n=times.size)
    if groups.min() == groups.max():
        raise ValueError("group must hold both 0 and 1")
    _check_resampling(resampling)
    ranked = rank_times(times)
    clusters = _gather(ranked, causes, (groups, strata), patients, at)
    found = resample_patients(clusters, seed=resampling.seed, replicates=resampling.replicates)
    if not all(_is_followed(ranked, causes, groups == group, at) for group in (0, 1)):
        found.incidence[:] = np.nan
    return _summarise(found, at=at, level=level, clusters=clusters)


def _summarise(
    found: Resamples, *, at: float, level: float, clusters: Clusters
) -> ClusterBootstrap:
    first, second = found.incidence
    shuffled, n = found.shuffled, found.shuffled.size
    three = np.stack([first, second, second - first])
    observed, drawn = three[:, 0], three[:, 1:]
    lower, upper = _percentiles(drawn, level=level)
    difference = float(observed[2])
    # a shuffle that repeats the observed allocation must count in spite of rounding
    as_far = int((np.abs(shuffled) >= abs(difference) - 1e-12).sum())
    away, treated = drawn[2] - drawn[2].mean(), int(clusters.group.sum())
    return ClusterBootstrap(
        at=at,
        incidence=(float(observed[0]), float(observed[1])),
        lower=(float(lower[0]), float(lower[1])),
        upper=(float(upper[0]), float(upper[1])),
        difference=difference,
        standard_error=math.sqrt(float(away @ away) / (n - 1)) if n > 1 else math.nan,
        difference_lower=float(lower[2]),
        difference_upper=float(upper[2]),
        p_value=(1 + as_far) / (1 + n) if math.isfinite(difference) else math.nan,
        replicates=n,
        patients=(clusters.group.size - treated, treated),
    )
