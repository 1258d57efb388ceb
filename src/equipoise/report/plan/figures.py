"""The figures of a plan: power by subjects and by effect, the expected course, the bounds."""

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from equipoise.report.figures.drawing import Point
from equipoise.report.figures.lines import Axis, Band, Guide, Line, LinesLook, render_lines
from equipoise.report.figures.plots import Tick, linear_ticks
from equipoise.report.figures.style import month_ticks
from equipoise.report.plan.outlook import LooksTold, Outlook, TruthTold
from equipoise.report.wording import write_percent

Floats = NDArray[np.float64]
_SHARE = Axis(
    name="Power",
    ends=(0.0, 1.0),
    ticks=tuple((place / 5, f"{20 * place}%") for place in range(6)),
)
_STOP, _GO_ON = "#d9e6ef", "#efe6da"


def _ticks(ends: tuple[float, float]) -> tuple[Tick, ...]:
    return tuple(linear_ticks(ends))


def _points(x: object, y: object) -> tuple[Point, ...]:
    pairs = zip(np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64), strict=True)
    return tuple((float(a), float(b)) for a, b in pairs)


def render_power_by_subjects(outlook: Outlook) -> str:
    """A line a truth with an effect: the power of the milestone test by the number of subjects."""
    told = [(look, each) for look, each in enumerate(outlook.truths) if each.has_effect]
    lines = [
        Line(label=each.truth.label, points=_points(each.subjects, each.by_subjects), look=look)
        for look, each in told
    ]
    most = max((each.subjects[-1] for _, each in told), default=1)
    ends, planned = (0.0, float(most)), outlook.size.planned
    look = LinesLook(
        figure_id="power-subjects",
        title="Power by the number of patients",
        description=" ".join(_say_power(each) for _, each in told),
        x=Axis(name="Patients randomised", ends=ends, ticks=_ticks(ends)),
        y=_SHARE,
        guides=(
            Guide(value=outlook.size.rates.power, words="power wanted"),
            Guide(value=planned, words=f"{planned} planned", upright=True),
        ),
    )  # fmt: skip
    return render_lines(lines, look=look)


def _say_power(told: TruthTold) -> str:
    powers = ", ".join(
        f"{write_percent(power, digits=0)} with {count}"
        for count, power in zip(told.subjects, told.by_subjects, strict=True)
    )
    return f"{told.truth.label}: {powers}."


def render_power_by_ratio(outlook: Outlook) -> str:
    """The power of the planned subjects by the true hazard ratio, by both tests."""
    rows = [row for row in outlook.by_ratio if row.milestone_power > 0]
    ratio = [row.hazard_ratio for row in rows]
    lines = [
        Line(label="Log-rank test", look=1, points=_points(ratio, [r.logrank_power for r in rows])),
        Line(label=f"Test at {outlook.at}", look=2,
             points=_points(ratio, [r.milestone_power for r in rows])),
        Line(label="", look=0, joined=False, marked=True,
             points=tuple((each.row.hazard_ratio, each.row.milestone_power)
                          for each in outlook.truths if each.has_effect)),
    ]  # fmt: skip
    ends = (ratio[0], 1.0)
    told = ", ".join(
        f"at {row.hazard_ratio:.2f} {write_percent(row.milestone_power, digits=0)} by the test at "
        f"{outlook.at} and {write_percent(row.logrank_power, digits=0)} by the log-rank test"
        for row in rows[::3]
    )
    look = LinesLook(
        figure_id="power-ratio",
        title="Power by the true hazard ratio",
        description=f"Power of {outlook.size.planned} patients by the true hazard ratio: {told}.",
        x=Axis(name="True hazard ratio", ends=ends, ticks=_ticks(ends)),
        y=_SHARE,
        guides=(Guide(value=outlook.size.rates.power, words="power wanted"),),
        names=130,
    )
    return render_lines(lines, look=look)


def render_course(outlook: Outlook) -> str:
    """Subjects and, for each truth, events by month from the first subject to the analysis."""
    first = outlook.truths[0].course
    lines = [Line(label="Patients randomised", points=_points(first.at, first.all_subjects))]
    lines += [
        Line(label=f"Events: {each.truth.label}", look=look + 1,
             points=_points(each.course.at, each.course.all_events))
        for look, each in enumerate(_apart(outlook))
    ]  # fmt: skip
    end = outlook.size.study_months
    top = float(max(first.all_subjects.max(), 1.0)) * 1.08
    look = LinesLook(
        figure_id="course",
        title="Patients and events expected by month",
        description=_say_course(outlook),
        x=Axis(
            name="Months since the first site opened",
            ends=(0.0, end),
            ticks=tuple((month, f"{month:g}") for month in month_ticks(end) if month <= end),
        ),
        y=Axis(name="Number", ends=(0.0, top), ticks=_ticks((0.0, top))),
        guides=(
            Guide(value=outlook.size.accrual_months, words="last patient", upright=True),
            Guide(value=end, words="analysis", upright=True),
        ),
    )
    return render_lines(lines, look=look)


def _apart(outlook: Outlook) -> tuple[TruthTold, ...]:
    """The assumption, and the truths with the fewest and the most events at the end."""
    others = sorted(outlook.truths[1:], key=lambda each: each.row.events)
    ends = others[:1] + others[1:][-1:]
    return (outlook.truths[0], *ends)


def _say_course(outlook: Outlook) -> str:
    size = outlook.size
    events = "; ".join(
        f"{each.row.events:.0f} events by then under {each.truth.label}" for each in _apart(outlook)
    )
    return (
        f"{size.planned} patients are expected by month {size.accrual_months:.0f}, the analysis at "
        f"month {size.study_months:.0f}: {events}."
    )


def render_bounds(told: LooksTold) -> str:
    """The bounds of z by events: beyond them the trial stops; points tell z and hazard ratio."""
    looks = told.looks
    events, top = looks.events_at, _top(told)
    sides = (1.0, -1.0) if looks.design.plan.two_sided else (1.0,)
    lines, bands = [], []
    for sign in sides:
        bands += list(_bands(told, sign=sign, top=top))
        lines += list(_bound_lines(told, sign=sign))
    ends = (0.0, float(events[-1]) * 1.04)
    low = -top if looks.design.plan.two_sided else min(-1.0, _lowest(told))
    look = LinesLook(
        figure_id="bounds",
        title="Bounds of the test statistic by events",
        description=_say_bounds(told),
        x=Axis(name="Events", ends=ends, ticks=_ticks(ends)),
        y=Axis(name="Test statistic z", ends=(low, top), ticks=_ticks((low, top))),
        guides=(Guide(value=0.0),),
        names=150,
        height=300,
    )
    return render_lines(lines, look=look, bands=bands)


def _top(told: LooksTold) -> float:
    finite = told.looks.upper.z[np.isfinite(told.looks.upper.z)]
    return float(math.ceil(max(3.0, *finite) + 0.6))


def _lowest(told: LooksTold) -> float:
    lower = told.looks.lower
    finite = [] if lower is None else [float(z) for z in lower.z if math.isfinite(z)]
    return math.floor(min(finite, default=0.0) - 0.3)


def _at_bound(told: LooksTold, bounds: Floats, *, sign: float) -> tuple[Point, ...]:
    kept = np.isfinite(bounds)
    return _points(told.looks.events_at[kept], sign * bounds[kept])


def _bands(told: LooksTold, *, sign: float, top: float) -> Iterator[Band]:
    looks = told.looks
    upper = _at_bound(told, looks.upper.z, sign=sign)
    edge = tuple((x, sign * top) for x, _ in upper)
    yield Band(lower=upper, upper=edge, colour=_STOP)
    if looks.lower is not None:
        lower = _at_bound(told, looks.lower.z, sign=sign)
        floor = 0.0 if looks.design.plan.two_sided else min(-1.0, _lowest(told))
        yield Band(lower=tuple((x, floor) for x, _ in lower), upper=lower, colour=_GO_ON)


def _bound_lines(told: LooksTold, *, sign: float) -> Iterator[Line]:
    looks = told.looks
    for name, bounds, look in (("efficacy", looks.upper, 1), ("futility", looks.lower, 2)):
        if bounds is None:
            continue
        kept = np.isfinite(bounds.z)
        ratio = bounds.hazard_ratio[kept]
        words = [
            f"{float(z):.2f}\nHR {hr:.2f}" for z, hr in zip(bounds.z[kept], ratio, strict=True)
        ]
        if name == "futility" and bounds.z[-1] == looks.upper.z[-1]:
            words[-1] = ""
        names = ("Stop for efficacy", "Stop for futility") if sign > 0 else ("Stop for harm", "")
        yield Line(
            label=names[look - 1],
            points=_at_bound(told, bounds.z, sign=sign),
            look=look,
            told=tuple(words) if sign > 0 else (),
            marked=True,
            below=name == "futility",
        )


def _say_bounds(told: LooksTold) -> str:
    looks = told.looks
    said = []
    for place, events in enumerate(looks.events_at):
        z = looks.upper.z[place]
        words = f"at {events:.1f} events "
        words += f"efficacy from z {z:.2f}" if math.isfinite(z) else "no stop for efficacy"
        if looks.lower is not None and math.isfinite(looks.lower.z[place]):
            words += f", futility below {looks.lower.z[place]:.2f}"
        said.append(words)
    return f"Bounds of the test statistic: {'; '.join(said)}."
