"""From derived rows to a sample: the rows of an endpoint, the arms and the strata of subjects."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from equipoise.analysis.replay import Replay
from equipoise.analysis.sample import Sample
from equipoise.protocol.model import Protocol
from equipoise.randomise.plan import plan_of

DAYS_PER_MONTH = 30.4375  # D2.2
UNKNOWN = "unknown"


def gather_times(
    times: pl.DataFrame, *, members: pl.DataFrame, protocol: Protocol, arms: tuple[str, ...]
) -> Sample:
    """The rows of these times whose subject is a member of one of the arms, in months.

    `times` has row, subject, days, cause, and may have left_days and right_days, count and
    exposure_days. Rows stand in order of their id: the order in which they came never matters.
    """
    names = [stratum.name for stratum in protocol.stratum if stratum.name in members.columns]
    sited = ["site"] if "site" in members.columns else []
    wanted = members.filter(pl.col("arm").is_in(arms)).select("subject", "arm", *sited, *names)
    rows = times.join(wanted, on="subject", how="inner").sort("row")
    codes, levels = _code_strata(_label_levels(rows, protocol), names=names)
    place = {arm: code for code, arm in enumerate(arms)}
    return Sample(
        reference=protocol.reference_arm.code,
        arms=arms,
        arm=np.array([place[arm] for arm in rows["arm"]], dtype=np.int64),
        time=rows["days"].cast(pl.Float64).to_numpy() / DAYS_PER_MONTH,
        cause=rows["cause"].cast(pl.Int64).to_numpy(),
        stratum=codes,
        strata=levels,
        factors=tuple(s.label for s in protocol.stratum if s.name in names),
        subject=np.array(rows["subject"].to_list(), dtype=np.str_),
        rows=tuple(rows["row"]),
        left=_in_months(rows, "left_days"),
        right=_in_months(rows, "right_days"),
        count=rows["count"].cast(pl.Int64).to_numpy() if "count" in rows.columns else None,
        exposure=_in_months(rows, "exposure_days"),
        site=np.array(rows["site"].fill_null("").to_list(), dtype=np.str_) if sited else None,
    )


def _in_months(rows: pl.DataFrame, name: str) -> NDArray[np.float64] | None:
    """Days as months, infinite where there are none; None where these times do not have them."""
    if name not in rows.columns:
        return None
    return rows[name].cast(pl.Float64).fill_null(np.inf).to_numpy() / DAYS_PER_MONTH


def order_arms(protocol: Protocol, *, asked: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The arms to analyse, the reference first; all of them when none is asked for."""
    codes = sorted(protocol.arm, key=lambda arm: arm.role != "reference")
    return tuple(arm.code for arm in codes if not asked or arm.code in asked)


def _label_levels(rows: pl.DataFrame, protocol: Protocol) -> pl.DataFrame:
    """The rows with the levels of the strata under their labels, as a reader knows them."""
    labels = {
        s.name: {lv.value: f"{s.label}: {lv.label}" for lv in s.level} for s in protocol.stratum
    }
    return rows.with_columns(
        pl.col(name).replace(known) for name, known in labels.items() if name in rows.columns
    )


def _code_strata(
    rows: pl.DataFrame, *, names: list[str]
) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """A code for each row's combination of levels, and the combinations in sorted order."""
    if not names:
        return np.zeros(rows.height, dtype=np.int64), ("all",)
    words = rows.select(
        pl.concat_str(pl.col(names).cast(pl.String).fill_null(UNKNOWN), separator=", ")
    ).to_series()
    strata = tuple(words.unique().sort())
    place = {name: code for code, name in enumerate(strata)}
    return np.array([place[word] for word in words], dtype=np.int64), strata


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
