"""From derived rows to a sample: the rows of an endpoint, the arms and the strata of subjects."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from equipoise.analysis.replay import Replay
from equipoise.analysis.sample import Sample
from equipoise.protocol.model import Protocol
from equipoise.randomise.plan import plan_of

DAYS_PER_MONTH = 30.4375  # D2.2
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """The members of the arms to analyse: the place of each one's arm, its stratum and site.

    `factors` are what the strata combine; `has_site` whether the sites are known.
    """

    arms: tuple[str, ...]
    reference: str
    members: Mapping[str, tuple[int, str, str]]
    factors: tuple[str, ...]
    has_site: bool


def read_roster(members: pl.DataFrame, *, protocol: Protocol, arms: tuple[str, ...]) -> Roster:
    """The members of these arms, as an analysis knows them."""
    names = [stratum.name for stratum in protocol.stratum if stratum.name in members.columns]
    place = {arm: code for code, arm in enumerate(arms)}
    rows = zip(
        members["subject"].to_list(),
        members["arm"].to_list(),
        _name_strata(members, protocol, names=names),
        _sites(members),
        strict=True,
    )
    return Roster(
        arms=arms,
        reference=protocol.reference_arm.code,
        members={one: (place[arm], words, site) for one, arm, words, site in rows if arm in place},
        factors=tuple(s.label for s in protocol.stratum if s.name in names),
        has_site="site" in members.columns,
    )


def gather_times(times: pl.DataFrame, *, roster: Roster) -> Sample:
    """The rows of these times whose subject is on the roster, in months.

    `times` has row, subject, days, cause, and may have left_days and right_days, count and
    exposure_days. Rows stand in order of their id: the order in which they came never matters.
    """
    known = roster.members
    subjects, ids = times["subject"].to_list(), times["row"].to_list()
    kept = sorted((at for at, one in enumerate(subjects) if one in known), key=ids.__getitem__)
    own = [known[subjects[at]] for at in kept]
    strata, stratum = _code([words for _, words, _ in own])
    rows = _Columns(times=times, kept=np.array(kept, dtype=np.int64))
    return Sample(
        reference=roster.reference,
        arms=roster.arms,
        arm=np.array([arm for arm, _, _ in own], dtype=np.int64),
        time=rows.read("days", pl.Float64()) / DAYS_PER_MONTH,
        cause=rows.read("cause", pl.Int64()),
        stratum=stratum,
        strata=strata,
        factors=roster.factors,
        subject=np.array([subjects[at] for at in kept], dtype=np.str_),
        rows=tuple(ids[at] for at in kept),
        left=rows.read_months("left_days"),
        right=rows.read_months("right_days"),
        count=rows.read("count", pl.Int64()) if "count" in times.columns else None,
        exposure=rows.read_months("exposure_days"),
        site=np.array([site for _, _, site in own], dtype=np.str_) if roster.has_site else None,
    )


def read_days(dates: pl.Series) -> NDArray[np.float64]:
    """The dates as days since 1970; NaN where there is none."""
    values = dates.to_numpy()
    return np.where(np.isnat(values), np.nan, values.astype(np.int64))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Columns:
    """The columns of times as arrays, of the rows that are kept, in their order."""

    times: pl.DataFrame
    kept: NDArray[np.int64]

    def read(self, name: str, kind: pl.DataType) -> NDArray[Any]:
        """The values of a column."""
        values: NDArray[Any] = self.times[name].cast(kind).to_numpy()
        return values[self.kept]

    def read_months(self, name: str) -> NDArray[np.float64] | None:
        """Days as months, infinite where there are none; None without the column."""
        if name not in self.times.columns:
            return None
        days = self.read(name, pl.Float64())
        return np.where(np.isnan(days), np.inf, days) / DAYS_PER_MONTH


def _sites(members: pl.DataFrame) -> list[str]:
    """The site of each member; empty where it is not known."""
    if "site" not in members.columns:
        return [""] * members.height
    return [site or "" for site in members["site"].to_list()]


def order_arms(protocol: Protocol, *, asked: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The arms to analyse, the reference first; all of them when none is asked for."""
    codes = sorted(protocol.arm, key=lambda arm: arm.role != "reference")
    return tuple(arm.code for arm in codes if not asked or arm.code in asked)


def _name_strata(members: pl.DataFrame, protocol: Protocol, *, names: list[str]) -> list[str]:
    """Each member's combination of levels, under the labels by which a reader knows them."""
    if not names:
        return ["all"] * members.height
    labels = {
        s.name: {lv.value: f"{s.label}: {lv.label}" for lv in s.level} for s in protocol.stratum
    }
    levels = [
        [UNKNOWN if one is None else labels[name].get(one, one) for one in members[name].to_list()]
        for name in names
    ]
    return [", ".join(map(str, combined)) for combined in zip(*levels, strict=True)]


def _code(words: Sequence[str]) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """The words that occur in sorted order, and the place of each row's among them."""
    found = tuple(sorted(set(words)))
    place = {word: code for code, word in enumerate(found)}
    return found, np.array([place[word] for word in words], dtype=np.int64)


def prepare_replay(subjects: pl.DataFrame, *, protocol: Protocol) -> Replay:
    """The replay of those allocated: `allocated_place` is their order, the strata their levels."""
    plan = plan_of(protocol)
    given = subjects.filter(pl.col("allocated_arm").is_not_null()).sort("allocated_place")
    levels = [
        np.unique(given[name].cast(pl.String).fill_null("").to_list(), return_inverse=True)[1]
        for name in plan.factors
    ]
    table = np.stack(levels, axis=1) if levels else np.zeros((given.height, 0), dtype=np.int64)
    return Replay(
        plan=plan,
        subjects=np.array(given["subject"].to_list(), dtype=np.str_),
        levels=table.astype(np.int64),
    )
