"""Entries of systemic therapy, of what follows it, and of surgery."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from equipoise.protocol.scenario_model import Agent
from equipoise.simulate.cohort import (
    NEVER,
    Flags,
    Floats,
    Ints,
    between,
    draw_uniform,
    wait,
    whole_days,
)
from equipoise.simulate.entries.columns import (
    People,
    build_rows,
    constant,
    date_column,
    lesion_column,
    name_column,
    number_records,
    only_where,
)
from equipoise.simulate.entries.screening import nephrectomy_day
from equipoise.simulate.purpose import Purpose
from equipoise.simulate.setting import Setting
from equipoise.simulate.treatment import REASONS, Treatment, draw_treatment
from equipoise.simulate.trial_course import Course

GIVEN, REDUCED, HELD, STOPPED = range(4)
ACTIONS = ("given", "reduced", "held", "stopped")
REDUCED_TO = 0.75
HOLD = REASONS.index("sbrt")
TOXICITY = REASONS.index("toxicity")
_TYPES = ("systemic", "rt", "ablation")
_WHY = ("progression", "toxicity", "choice", "symptoms")


@dataclass(frozen=True, slots=True, kw_only=True)
class Segments:
    """Stretches of one agent, shape (subjects, stretches): days, what happened, why, dose."""

    start: Ints
    stop: Ints
    action: Ints
    reason: Ints
    part: Floats


def write_systemic(setting: Setting, *, course: Course, people: People) -> dict[str, pl.DataFrame]:
    """The forms of systemic therapy, later therapy and surgery by name."""
    treatment = draw_treatment(setting, course=course)
    return {
        "ex_sys": _write_exposure(setting, course, people, treatment),
        "subseq": _write_later(setting, course, people, treatment),
        "surg": _write_surgery(course, people),
    }


def _write_exposure(
    setting: Setting, course: Course, people: People, treatment: Treatment
) -> pl.DataFrame:
    """One record for each stretch of each agent, in the order of regimen, agent and day."""
    parts = []
    for place, regimen in enumerate(setting.operations.systemic.regimen):
        takes = treatment.started & (treatment.regimen == place)
        for order, agent in enumerate(regimen.agent):
            parts.append(_write_agent(course, people, treatment, takes=takes, agent=agent))
            parts[-1] = parts[-1].with_columns(
                regimen=pl.lit(regimen.code), agent=pl.lit(agent.agent), order=pl.lit(order)
            )
    if not parts:
        return build_rows(people, rows=np.zeros(0, dtype=np.int64), columns={})
    table = pl.concat(parts).sort("row", "order", "start_date")
    record = number_records(table["row"].to_numpy())
    return table.with_columns(record=pl.Series(record)).drop("row", "order")


def _write_agent(
    course: Course, people: People, treatment: Treatment, *, takes: Flags, agent: Agent
) -> pl.DataFrame:
    segments = _cut_segments(treatment, agent=agent)
    shown = takes[:, None] & (segments.start <= segments.stop)
    shown &= segments.start <= course.fate.stop[:, None]
    rows, place = np.nonzero(shown)
    stop = segments.stop[rows, place]
    at_death = np.where(course.fate.dies, course.fate.stop, NEVER)[rows]
    known = np.minimum(stop, at_death) <= course.fate.stop[rows]
    cut = stop > course.fate.stop[rows]
    action = segments.action[rows, place]
    lowered = segments.part[rows, place] == REDUCED_TO
    goes_on = cut & (action == STOPPED)
    action = np.where(goes_on, np.where(lowered, REDUCED, GIVEN), action)
    reason = np.where(action == GIVEN, 0, segments.reason[rows, place])
    reason = np.where(action == REDUCED, TOXICITY, reason)
    columns = {
        "row": pl.Series(rows),
        "planned_dose_mg": pl.Series(np.full(rows.size, agent.dose_mg)),
        "dose_mg": pl.Series(segments.part[rows, place] * agent.dose_mg),
        "start_date": date_column(people, rows=rows, day=segments.start[rows, place]),
        "stop_date": date_column(
            people, rows=rows, day=np.where(known, np.minimum(stop, at_death), NEVER)
        ),
        "action": name_column(ACTIONS, place=action),
        "reason": name_column(REASONS, place=reason),
    }
    return build_rows(people, rows=rows, columns=columns)


def _cut_segments(treatment: Treatment, *, agent: Agent) -> Segments:
    """Before the hold, the hold, after it, and at a reduced dose; the last says why it ends."""
    start, stop = treatment.start, treatment.stop
    stop = np.minimum(stop, start + agent.stop_after_days - 1) if agent.stop_after_days else stop
    planned = stop < treatment.stop
    held = (treatment.hold_from > start) & (treatment.hold_from <= stop) & agent.kinase_inhibitor
    hold_from = np.where(held, treatment.hold_from, start)
    hold_to = np.where(held, np.minimum(treatment.hold_to, stop), start - 1)
    may_reduce = (treatment.reduced > hold_to + 1) & agent.kinase_inhibitor
    reduced = np.where(may_reduce, treatment.reduced, NEVER)
    starts = np.stack([start, hold_from, hold_to + 1, reduced], axis=1)
    stops = np.stack([hold_from - 1, hold_to, np.minimum(reduced - 1, stop), stop], axis=1)
    shape = starts.shape
    action = np.broadcast_to(np.array([GIVEN, HELD, GIVEN, REDUCED]), shape)
    reason = np.broadcast_to(np.array([0, HOLD, 0, TOXICITY]), shape)
    ends = (stops == stop[:, None]) & (stop < NEVER)[:, None] & (starts <= stops)
    ends &= ~planned[:, None] & (action != HELD)
    return Segments(
        start=starts,
        stop=stops,
        action=np.where(ends, STOPPED, action),
        reason=np.where(ends, treatment.reason[:, None], reason),
        part=np.broadcast_to(np.array([1.0, 0.0, 1.0, REDUCED_TO]), shape),
    )


def _write_later(
    setting: Setting, course: Course, people: People, treatment: Treatment
) -> pl.DataFrame:
    """Ablation before progression, a switch, next lines and radiotherapy after progression."""
    systemic = setting.operations.systemic
    uniform = draw_uniform(course.cohort, purpose=Purpose.NEXT_LINE, count=13)
    day = _later_days(setting, course, treatment, uniform)
    order = np.argsort(day, axis=1, kind="stable")
    sorted_day = np.take_along_axis(day, order, axis=1)
    rows, rank = np.nonzero(sorted_day <= course.fate.stop[:, None])
    kind = order[rows, rank]
    ablated = np.where(uniform[rows, 9] < 0.5, 1, 2)
    agents = np.floor(uniform[rows, 9 + np.clip(kind, 1, 3)] * len(systemic.next_agents))
    is_systemic = np.isin(kind, (1, 2, 3))
    columns = {
        "record": pl.Series(number_records(rows)),
        "type": name_column(
            _TYPES, place=np.where(is_systemic, 0, np.where(kind == 0, ablated, 1))
        ),
        "agent": only_where(
            is_systemic, values=name_column(systemic.next_agents, place=agents.astype(np.int64))
        ),
        "start_date": date_column(people, rows=rows, day=sorted_day[rows, rank]),
        "reason": name_column(_WHY, place=np.array([2, 1, 0, 0, 3])[kind]),
        "protocol_defined": constant(value=False, rows=rows),
        "against_rcc": constant(value=True, rows=rows),
        "lesion": only_where(kind == 0, values=lesion_column(course.contamination.lesion[rows])),
    }
    return build_rows(people, rows=rows, columns=columns)


def _later_days(setting: Setting, course: Course, treatment: Treatment, uniform: Floats) -> Ints:
    """Days of ablation, switch, second line, third line, late radiotherapy; `NEVER` without."""
    systemic = setting.operations.systemic
    decided = course.watch.decided
    ablation = np.where(course.contamination.day < decided, course.contamination.day, NEVER)
    switch = treatment.switch + between(uniform[:, 0], low=14, high=28)
    switch = np.where(switch < decided, switch, NEVER)
    line = decided + between(uniform[:, 1], low=14, high=42)
    line = np.where((decided < NEVER) & (uniform[:, 2] < systemic.next_line), line, NEVER)
    more = line + 60 + whole_days(wait(uniform[:, 3], rate=1.0 / 240.0))
    more = np.where((line < NEVER) & (uniform[:, 4] < systemic.second_next_line), more, NEVER)
    late = decided + whole_days(wait(uniform[:, 6], rate=1.0 / 180.0))
    late = np.where((decided < NEVER) & (uniform[:, 7] < systemic.late_radiotherapy), late, NEVER)
    days = np.stack([ablation, switch, line, more, late], axis=1)
    return np.asarray(np.minimum(days, NEVER), dtype=np.int64)


def _write_surgery(course: Course, people: People) -> pl.DataFrame:
    """The planned nephrectomy, where the subject lives to see it (R14: never a new therapy)."""
    day = nephrectomy_day(course)
    rows = np.nonzero(course.baseline.nephrectomy_planned & (day <= course.fate.stop))[0]
    columns = {
        "record": constant(1, rows=rows),
        "type": constant("nephrectomy", rows=rows),
        "surgery_date": date_column(people, rows=rows, day=day[rows]),
        "planned": constant(value=True, rows=rows),
    }
    return build_rows(people, rows=rows, columns=columns)
