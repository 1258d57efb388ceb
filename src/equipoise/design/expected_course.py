"""How rehearsed trials went: who came when, events by month, scans missed, who left.

Counts of trials by value, which add up whatever the parts: medians and ranges are read off them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from equipoise.analysis.gather import DAYS_PER_MONTH
from equipoise.analysis.trial import choose_convention
from equipoise.derive.schemas import KEY, Endpoints
from equipoise.protocol.model import Protocol

RANDOMISED, EVENTS, DIED, LEFT = "randomised", "events", "died", "left"
LAST_SUBJECT, CUT_DAYS, DUE, MISSED = "last_subject_days", "cut_days", "scans_due", "scans_missed"

# `month` is null for what is told once a trial; `ended`: the value holds for all later months too
COURSE: dict[str, pl.DataType] = {
    "measure": pl.String(),
    "cut": pl.String(),
    "of": pl.String(),
    "month": pl.Int32(),
    "ended": pl.Boolean(),
    "value": pl.Int64(),
    "trials": pl.Int64(),
}
_NAMES = [name for name in COURSE if name != "trials"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """A count over the trials: its median and where 9 in 10 of them lie (5 to 95 percent)."""

    median: int
    low: int
    high: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trials:
    """Rehearsed trials as of a cut, and the day from which their months are counted."""

    derived: Endpoints
    protocol: Protocol
    cut: str
    start: date
    numbers: pl.DataFrame


def count_course(by_cut: Mapping[str, Endpoints], protocol: Protocol) -> pl.DataFrame:
    """How many trials had which value, by measure, cut, endpoint and month (`COURSE`).

    Months are counted from the day on which the first site opens, events as known at the last
    cut of `by_cut`, which holds the same trials as of each cut. The number of subjects of an
    endpoint with an event counts at the cuts that name it.
    """
    start = protocol.operations.accrual.first_site_date
    parts = []
    for cut, derived in by_cut.items():
        numbers = derived.subjects.select("replicate").unique().sort("replicate")
        trials = _Trials(derived=derived, protocol=protocol, cut=cut, start=start, numbers=numbers)
        parts += list(_at_cut(trials))
    return add_courses([*parts, *_over_time(trials)])


def add_courses(parts: list[pl.DataFrame]) -> pl.DataFrame:
    """The counts of the trials of all parts together, in one order."""
    joined = pl.concat([pl.DataFrame(schema=COURSE), *parts])
    return joined.group_by(_NAMES).agg(pl.col("trials").sum()).select(list(COURSE)).sort(_NAMES)


def read_spread(
    course: pl.DataFrame, *, measure: str, cut: str = "", of: str = "", month: int | None = None
) -> Spread | None:
    """Median and range of a measure over the trials; None where it was not counted.

    The least value that at least 50, 5 and 95 percent of the trials do not exceed.
    """
    own = course.filter(measure=measure, cut=cut, of=of)
    if month is not None:
        over = pl.col("ended") & (pl.col("month") < month)
        own = own.filter((pl.col("month") == month) | over)
    if own.is_empty():
        return None
    own = own.group_by("value").agg(pl.col("trials").sum()).sort("value")
    values, trials = own["value"].to_numpy(), own["trials"].to_numpy()
    reached = np.cumsum(trials)
    median, low, high = (
        int(values[np.searchsorted(reached, share * int(reached[-1]) / 100)])
        for share in (50, 5, 95)
    )
    return Spread(median=median, low=low, high=high, total=int(values @ trials))


def last_month(course: pl.DataFrame) -> int:
    """The last month in which anything happened in any trial; 0 where nothing was counted."""
    months = course["month"].drop_nulls()
    return int(months.max()) if len(months) else 0  # type: ignore[arg-type]


def _over_time(trials: _Trials) -> Iterator[pl.DataFrame]:
    """Subjects and events by month, of the time-to-event endpoints."""
    came = trials.derived.subjects.select("replicate", date="randomised_date")
    yield _by_month(trials, came, RANDOMISED, "")
    for endpoint in trials.protocol.endpoint:
        if endpoint.kind == "time_to_event":
            events = _events(trials, endpoint.id).select("replicate", date="end_date")
            yield _by_month(trials, events, EVENTS, endpoint.id)


def _at_cut(trials: _Trials) -> Iterator[pl.DataFrame]:
    """What is told once a trial: days, events, deaths, who left and why, scans."""
    subjects = trials.derived.subjects
    for measure, name in ((LAST_SUBJECT, "randomised_date"), (CUT_DAYS, "cutoff_date")):
        days = (pl.col(name).max() - pl.lit(trials.start)).dt.total_days()
        yield _once(trials, subjects.group_by("replicate").agg(value=days), measure)
    yield _count(trials, subjects.filter(pl.col("death_date").is_not_null()), DIED)
    for reason in sorted(_reasons_to_leave(trials.protocol)):
        yield _count(trials, subjects.filter(pl.col("eos_reason") == reason), LEFT, reason)
    for endpoint in _endpoints_of(trials):
        yield _count(trials, _events(trials, endpoint), EVENTS, endpoint)
    due = _scans_due(trials)
    yield _count(trials, due, DUE)
    yield _count(trials, due.filter(~pl.col("done")), MISSED)


def _reasons_to_leave(protocol: Protocol) -> set[str]:
    """Why a subject may leave before the end: the codes of that form but for death and its end."""
    codes = {
        code
        for form in protocol.form
        if form.form == "eos"
        for item in form.entered_items
        if item.name == "reason"
        for code in item.codes
    }
    return codes - {"death", "completed"}


def _endpoints_of(trials: _Trials) -> list[str]:
    """The time-to-event endpoints that are analysed at the cut."""
    rules = [rule for rule in trials.protocol.cut if rule.id == trials.cut]
    named = {name for rule in rules for name in rule.endpoint}
    return [
        each.id
        for each in trials.protocol.endpoint
        if each.kind == "time_to_event" and (each.id in named or not rules)
    ]


def _events(trials: _Trials, endpoint: str) -> pl.DataFrame:
    """The rows of an endpoint with an event, by its primary convention."""
    convention = choose_convention(trials.protocol.endpoint_named(endpoint), asked="")
    return trials.derived.times.filter(
        (pl.col("endpoint") == endpoint)
        & (pl.col("convention").fill_null("") == convention)
        & (pl.col("cause") == 1)
    )


def _scans_due(trials: _Trials) -> pl.DataFrame:
    """The planned scans of each subject whose window closed in time, and whether they were `done`.

    In time: before progression that counts, death, or the last day known alive. Done is an
    adequate assessment of that visit, or one that starts in its window.
    """
    schedule = trials.protocol.schedule.imaging_visits
    visits = pl.DataFrame(
        {
            "code": [visit.code for visit in schedule],
            "opens": [visit.day - visit.before_days for visit in schedule],
            "closes": [visit.day + visit.after_days for visit in schedule],
        },
        schema={"code": pl.String, "opens": pl.Int64, "closes": pl.Int64},
    )
    counted = trials.derived.progressions.filter("counts")
    first = counted.group_by(KEY).agg(progressed=pl.col("progression_date").min())
    last = pl.min_horizontal("progressed", pl.coalesce("death_date", "last_alive_date"))
    planned = (
        trials.derived.subjects.join(first, on=KEY, how="left")
        .select(
            *KEY, "randomised_date", followed=(last - pl.col("randomised_date")).dt.total_days()
        )
        .join(visits, how="cross")
        .filter(pl.col("closes") < pl.col("followed"))
    )
    made = trials.derived.assessments.filter(pl.col("adequate") & ~pl.col("baseline"))
    seen = planned.join(made.select(*KEY, "visit", "first_date"), on=KEY)
    day = (pl.col("first_date") - pl.col("randomised_date")).dt.total_days()
    own = (pl.col("visit") == pl.col("code")) | day.is_between("opens", "closes")
    done = seen.filter(own).select(*KEY, "code", done=True).unique()
    joined = planned.join(done, on=[*KEY, "code"], how="left")
    return joined.with_columns(pl.col("done").fill_null(value=False))


def _count(trials: _Trials, rows: pl.DataFrame, measure: str, of: str = "") -> pl.DataFrame:
    """How many of these rows each trial has, 0 included."""
    counts = rows.group_by("replicate").agg(value=pl.len().cast(pl.Int64))
    every = trials.numbers.join(counts, on="replicate", how="left")
    return _once(trials, every.with_columns(pl.col("value").fill_null(0)), measure, of)


def _once(trials: _Trials, values: pl.DataFrame, measure: str, of: str = "") -> pl.DataFrame:
    named = {"measure": measure, "cut": trials.cut, "of": of, "month": None, "ended": None}
    return _tell(values.select("value"), named)


def _by_month(trials: _Trials, rows: pl.DataFrame, measure: str, of: str) -> pl.DataFrame:
    """How many had happened by the end of each month, up to the month of the last one."""
    days = (pl.col("date") - pl.lit(trials.start)).dt.total_days()
    month = (days / DAYS_PER_MONTH).floor().cast(pl.Int32) + 1
    happened = rows.select("replicate", month=month).sort("replicate", "month")
    by_trial = dict(happened.group_by("replicate", maintain_order=True).agg("month").iter_rows())
    months, ended, values = [], [], []
    for number in trials.numbers["replicate"]:
        own = np.array(by_trial.get(number) or [0])
        until = np.arange(own[-1] + 1)
        months.append(until)
        ended.append(until == own[-1])
        values.append(np.searchsorted(own, until, side="right") * (number in by_trial))
    frame = pl.DataFrame(
        {
            "month": np.concatenate(months),
            "ended": np.concatenate(ended),
            "value": np.concatenate(values),
        }
    )
    return _tell(frame, {"measure": measure, "cut": "", "of": of})


def _tell(values: pl.DataFrame, named: Mapping[str, object]) -> pl.DataFrame:
    told = values.with_columns(trials=1, **{name: pl.lit(value) for name, value in named.items()})
    typed = told.select(pl.col(name).cast(kind) for name, kind in COURSE.items())
    return typed.group_by(_NAMES).agg(pl.col("trials").sum()).select(list(COURSE))
