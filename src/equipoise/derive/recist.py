"""RECIST 1.1 response of each assessment (Eisenhauer 2009; D3.2-3.5)."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from equipoise.derive.dates import NEVER, as_dates, as_days
from equipoise.derive.new_lesions import summarise_new_lesions
from equipoise.derive.schemas import KEY, VISIT_KEY
from equipoise.derive.segments import (
    Flags,
    Numbers,
    any_before,
    any_so_far,
    is_first,
    number_runs,
    smallest_before,
)
from equipoise.derive.targets import LesionScans, Sums, add_targets, read_lesion_scans

RESPONSES = ("CR", "PR", "SD", "PD", "NE", "NON-CR/NON-PD", "NED")
CR, PR, SD, PD, NE, NON_CR_NON_PD, NED = range(7)
NO_LESION = -1


def derive_responses(
    series: pl.DataFrame,
    *,
    visits: pl.DataFrame,
    new_lesions: pl.DataFrame,
    assessed: pl.DataFrame,
) -> pl.DataFrame:
    """The response of each assessment after baseline.

    `series` holds the lesions at `visits`; `assessed` names the subjects (key) with a baseline
    assessment, disease-free ones included. Returns the visits with: baseline_sum, sum_tenths,
    nadir_tenths (before this visit), target_response, non_target_response, new_lesion, response,
    and what explains a progression: `target_growth`, `other_target_growth`, `index_non_target`,
    `other_non_target`, the new lesions of the visit, dates, entries.
    """
    scans = read_lesion_scans(series, visits=visits)
    rows = _with_context(visits, new_lesions=new_lesions, assessed=assessed)
    has_baseline = rows["has_baseline"].fill_null(value=False).to_numpy()
    has_new = any_so_far((rows["new_here"] > 0).to_numpy(), group=scans.unit)
    sums = add_targets(scans, rows=scans.target)
    target, other = judge_targets(scans, sums=sums), judge_non_targets(scans)
    first = judge_overall(target, other=other, has_new=has_new, has_baseline=has_baseline)
    returned = find_returned(scans, after=any_before(first == CR, group=scans.unit))
    causes = _explain(scans, grown=target == PD, returned=returned)
    target = np.where(returned.target, PD, target)
    other = np.where(returned.index_non_target | returned.other_non_target, PD, other)
    overall = judge_overall(target, other=other, has_new=has_new, has_baseline=has_baseline)
    found = rows.with_columns(
        **_sizes(scans, sums),
        target_response=to_words(target),
        non_target_response=to_words(other),
        new_lesion=pl.Series(has_new),
        response=to_words(overall),
        **causes,
    )
    return found.join(_entries(series), on="assessment", how="left", maintain_order="left")


def judge_targets(scans: LesionScans, *, sums: Sums) -> Numbers:
    """CR, then PD, NE, PR, SD: PD on partial data, and PD before PR (D3.2)."""
    complete = sums.complete & sums.comparable
    cleared = complete & ~scans.has(scans.target & ~scans.gone)
    shrunk = 10 * sums.available <= 7 * sums.baseline
    return np.select(
        [~scans.has(scans.target), cleared, sums.grown, ~complete, shrunk],
        [NO_LESION, CR, PD, NE, PR],
        default=SD,
    )


def judge_non_targets(scans: LesionScans) -> Numbers:
    """PD where a reader calls it so, NE while any was not judged, CR when all are gone (D3.3)."""
    own = ~scans.target
    return np.select(
        [
            ~scans.has(own),
            scans.has(own & scans.progression),
            scans.has(own & ~scans.evaluable),
            ~scans.has(own & ~scans.gone),
        ],
        [NO_LESION, PD, NE, CR],
        default=NON_CR_NON_PD,
    )


def judge_overall(
    target: Numbers, *, other: Numbers, has_new: Flags, has_baseline: Flags
) -> Numbers:
    """The table of D3.5 (RECIST 1.1, tables 1 and 2).

    Without any target the non-target response stands; without any lesion at baseline there is no
    evidence of disease; without a baseline assessment only a new lesion tells something.
    """
    without_target = np.where(other == NO_LESION, NED, other)
    incomplete = (target == CR) & (other != CR) & (other != NO_LESION)
    return np.select(
        [
            (target == PD) | (other == PD) | has_new,
            ~has_baseline,
            target == NO_LESION,
            incomplete,
        ],
        [
            np.full_like(target, PD),
            np.full_like(target, NE),
            without_target,
            np.full_like(target, PR),
        ],
        default=target,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """What is back after an overall complete response, per assessment (EORTC, D3.4)."""

    target: Flags
    other_target: Flags
    index_non_target: Flags
    other_non_target: Flags


def find_returned(scans: LesionScans, *, after: Flags) -> Returned:
    """The lesions that are there again; `after` says where a complete response came before.

    A target node that swells again is judged by its size alone.
    """
    there = ~scans.gone
    mass = scans.target & there & scans.known & ~scans.node
    shown = ~scans.target & there & scans.evaluable
    return Returned(
        target=after & scans.has(mass),
        other_target=after & scans.has(mass & ~scans.index),
        index_non_target=after & scans.has(shown & scans.index),
        other_non_target=after & scans.has(shown & ~scans.index),
    )


def keep_partial(holds: pl.DataFrame) -> pl.DataFrame:
    """The assessments in which a stable sum after a partial response stays PR (EORTC, D3.2).

    It stays until the targets progress against their nadir. A progression that was refuted (R12)
    was none: from the day of the verdict on the response is there again. `holds` are the responses
    as R12 judged them, subject by subject in time order.
    """
    unit = holds.select(pl.struct(KEY).rle_id().cast(pl.Int64))[:, 0].to_numpy()
    target = holds["target_response"]
    grown, stable = target.eq_missing("PD").to_numpy(), target.eq_missing("SD").to_numpy()
    better = (target.eq_missing("PR") | target.eq_missing("CR")).to_numpy()
    refuted = grown & holds.select(~pl.col("counts"))[:, 0].to_numpy()
    verdict = np.where(refuted, as_days(holds["verdict_date"]), -NEVER)
    pending = -smallest_before(-verdict, group=unit) > as_days(holds["first_date"])
    since_any = _responded(better, ended=grown, unit=unit)
    since_counted = _responded(better, ended=grown & ~refuted, unit=unit)
    kept = pl.Series(stable & np.where(pending, since_any, since_counted))
    was_stable = kept & holds["response"].eq_missing("SD")
    return holds.with_columns(
        target_response=pl.when(kept).then(pl.lit("PR")).otherwise("target_response"),
        response=pl.when(was_stable).then(pl.lit("PR")).otherwise("response"),
    )


def _responded(better: Flags, *, ended: Flags, unit: Numbers) -> Flags:
    """Whether there was a response since the subject's last progression."""
    return any_so_far(better, group=number_runs(is_first(unit) | ended))


def to_words(codes: Numbers) -> pl.Series:
    """Responses as they are written; null where there is none."""
    words = pl.Series([*RESPONSES, None], dtype=pl.String)
    return words[np.where(codes == NO_LESION, len(RESPONSES), codes)]


def _with_context(
    visits: pl.DataFrame, *, new_lesions: pl.DataFrame, assessed: pl.DataFrame
) -> pl.DataFrame:
    """The visits with their new lesions, and whether there was a baseline assessment."""
    known = assessed.with_columns(has_baseline=pl.lit(value=True))
    rows = visits.join(known, on=KEY, how="left", maintain_order="left")
    new = summarise_new_lesions(new_lesions)
    joined = rows.join(new, on=VISIT_KEY, how="left", maintain_order="left")
    return joined.with_columns(pl.col("new_here").fill_null(0))


def _entries(series: pl.DataFrame) -> pl.DataFrame:
    """The entries of each assessment by the role of the lesion, in order of the lesions."""
    entry = pl.col("entry")
    return (
        series.filter(entry.is_not_null())
        .group_by("assessment", maintain_order=True)
        .agg(
            target_entries=entry.filter(pl.col("role") == "target"),
            non_target_entries=entry.filter(pl.col("role") == "non_target"),
        )
    )


def _explain(scans: LesionScans, *, grown: Flags, returned: Returned) -> dict[str, pl.Series]:
    """Which lesions a progression rests on, and since when."""
    others = add_targets(scans, rows=scans.target & ~scans.index).grown
    progressed = ~scans.target & scans.progression
    back = returned.index_non_target | returned.other_non_target
    shown = ~scans.target & ~scans.gone & scans.evaluable
    day = np.where(back, scans.first_day(shown), scans.first_day(progressed))
    index, other = scans.has(progressed & scans.index), scans.has(progressed & ~scans.index)
    mass = scans.target & ~scans.gone & scans.known & ~scans.node
    return {
        "back": pl.Series(scans.has(mass)),
        "index_unread": pl.Series(scans.has(~scans.target & scans.index & ~scans.evaluable)),
        "index_shown": pl.Series(scans.has(shown & scans.index)),
        "other_shown": pl.Series(scans.has(shown & ~scans.index)),
        "target_growth": pl.Series(grown | returned.target),
        "other_target_growth": pl.Series((grown & others) | returned.other_target),
        "index_non_target": pl.Series(index | returned.index_non_target),
        "other_non_target": pl.Series(other | returned.other_non_target),
        "target_date": as_dates(scans.first_day(scans.target & scans.entered)),
        "non_target_date": as_dates(day),
    }


def _sizes(scans: LesionScans, sums: Sums) -> dict[str, pl.Series]:
    """The sums in tenths of a millimetre; null where they cannot be told."""
    some = scans.has(scans.target)
    return {
        "available": pl.Series(sums.available),
        "baseline_sum": _known(sums.baseline, where=some & sums.comparable),
        "sum_tenths": _known(sums.available, where=some & sums.complete),
        "nadir_tenths": _known(sums.nadir, where=some & sums.comparable),
    }


def _known(values: Numbers, *, where: Flags) -> pl.Series:
    return pl.Series(values).set(pl.Series(~where), None)
