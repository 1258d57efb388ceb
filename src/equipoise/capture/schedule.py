"""The grid of a subject: visits by forms, what is owed when, and what of it is done.

The arm is an argument (who may not know it passes None, and sees what both arms share), and so is
the day of progression: nothing here derives.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from equipoise.capture.entry import FormEntry
from equipoise.capture.lifecycle import FormState
from equipoise.protocol.endpoint_model import Anchor, Pick
from equipoise.protocol.form_model import Form
from equipoise.protocol.model import Protocol, Visit
from equipoise.vocab.ids import EntryId

VISIT_ITEM = "visit"
_UNFINISHED = (FormState.NOT_STARTED, FormState.DRAFT)


class Owed(StrEnum):
    """How a form stands at a visit."""

    AHEAD = "ahead"  # its window has not opened, or is not yet known
    DUE = "due"  # its window is open, nothing entered
    STARTED = "started"  # a draft, its window not yet over
    OVERDUE = "overdue"  # its window is over, nothing complete
    DONE = "done"
    OFFERED = "offered"  # entered where there is something to enter
    NOT_EXPECTED = "not_expected"  # after death, end of study or progression


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The days on which a visit may be: all three count."""

    opens_date: date
    planned_date: date
    closes_date: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """An entry and how far it has come."""

    entry: FormEntry
    state: FormState


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What the grid of a subject hangs on beside its entries.

    `arm` None: not randomised, or not for this reader; `ended_date`: death or end of study.
    """

    as_of_date: date
    arm: str | None = None
    progressed_date: date | None = None
    ended_date: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A form at a visit; `state` is that of the entry that is least far."""

    form: str
    owed: Owed
    state: FormState
    entries: tuple[EntryId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedVisit:
    """A visit of the subject: its window (None: not known yet), its cells in order of forms."""

    visit: Visit
    window: Window | None
    cells: tuple[Cell, ...]


def build_schedule(
    entries: Collection[Held], protocol: Protocol, *, given: Circumstances
) -> tuple[PlannedVisit, ...]:
    """The visits of one subject, in the order of the protocol, with what is owed at each."""
    origins = anchor_dates([held.entry for held in entries], protocol)
    return tuple(
        _plan(visit, entries, protocol, origins=origins, given=given)
        for visit in protocol.schedule.visit
        if not visit.arm or given.arm in visit.arm
    )


def forms_at_any_time(protocol: Protocol, *, arm: str | None) -> tuple[Form, ...]:
    """The forms that may be entered at any time for a subject of this arm."""
    forms = (protocol.form_named(name) for name in protocol.schedule.anytime)
    return tuple(form for form in forms if not form.arm or arm in form.arm)


def anchor_dates(entries: Collection[FormEntry], protocol: Protocol) -> dict[str, date]:
    """The anchors of a subject that its entries date by themselves.

    An anchor of a derived frame, of a lesion, or with a filter is not among them.
    """
    forms = {form.form for form in protocol.form}
    dates: dict[str, date] = {}
    for anchor in protocol.anchor:
        plain = all(source.frame in forms and not source.where for source in anchor.source)
        found = _anchor_days(anchor, entries) if plain and not anchor.by_lesion else []
        if found:
            dates[anchor.id] = min(found) if anchor.pick is Pick.FIRST else max(found)
    return dates


def window_of(visit: Visit, protocol: Protocol, *, origins: Mapping[str, date]) -> Window | None:
    """The window of a visit, or None while its origin has no date."""
    start = origins.get(visit.origin or protocol.schedule.origin)
    if start is None:
        return None
    planned = start + timedelta(days=visit.day)
    return Window(
        opens_date=planned - timedelta(days=visit.before_days),
        planned_date=planned,
        closes_date=planned + timedelta(days=visit.after_days),
    )


def entries_at(
    entries: Collection[Held], protocol: Protocol, *, visit: Visit, form: str
) -> list[Held]:
    """The entries of a form that belong to a visit: those that name it, or of its only visit."""
    own = [held for held in entries if held.entry.form == form]
    key = protocol.form_named(form).key
    if VISIT_ITEM in key:
        place = key.index(VISIT_ITEM)
        return [held for held in own if held.entry.key[place] == visit.code]
    return own


def entry_date(entry: FormEntry, protocol: Protocol) -> date | None:
    """The day that an entry is about; None where it has none, or only a partial one."""
    value = entry.values.get(protocol.form_named(entry.form).date_item)
    return value if isinstance(value, date) else None


def _anchor_days(anchor: Anchor, entries: Collection[FormEntry]) -> list[date]:
    values = (
        entry.values.get(source.date)
        for source in anchor.source
        for entry in entries
        if entry.form == source.frame
    )
    return [value for value in values if isinstance(value, date)]


def _plan(
    visit: Visit,
    entries: Collection[Held],
    protocol: Protocol,
    *,
    origins: Mapping[str, date],
    given: Circumstances,
) -> PlannedVisit:
    window = window_of(visit, protocol, origins=origins)
    return PlannedVisit(
        visit=visit,
        window=window,
        cells=tuple(_cells(visit, window, entries, protocol, given=given)),
    )


def _cells(
    visit: Visit,
    window: Window | None,
    entries: Collection[Held],
    protocol: Protocol,
    *,
    given: Circumstances,
) -> Iterator[Cell]:
    for name in visit.form:
        form = protocol.form_named(name)
        if form.arm and given.arm not in form.arm:
            continue
        held = entries_at(entries, protocol, visit=visit, form=name)
        state = min((each.state for each in held), key=list(FormState).index, default=None)
        yield Cell(
            form=name,
            owed=_owed(visit, window, state, given=given, limits=_limits(protocol, name)),
            state=state or FormState.NOT_STARTED,
            entries=tuple(each.entry.entry for each in held),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Limits:
    offered: bool
    until_progression: bool


def _limits(protocol: Protocol, form: str) -> _Limits:
    schedule = protocol.schedule
    return _Limits(
        offered=form in schedule.anytime, until_progression=form in schedule.until_progression
    )


def _owed(
    visit: Visit,
    window: Window | None,
    state: FormState | None,
    *,
    given: Circumstances,
    limits: _Limits,
) -> Owed:
    if state is not None and state not in _UNFINISHED:
        return Owed.DONE
    over = window is not None and window.closes_date < given.as_of_date
    if state is FormState.DRAFT:
        return Owed.OVERDUE if over else Owed.STARTED
    if _is_past(window, given, limits):
        return Owed.NOT_EXPECTED
    return Owed.OFFERED if limits.offered else _owed_today(visit, window, given.as_of_date)


def _owed_today(visit: Visit, window: Window | None, today: date) -> Owed:
    if window is None:  # before the origin is known, only what leads to it is due
        return Owed.DUE if visit.day <= 0 and not visit.origin else Owed.AHEAD
    if window.closes_date < today:
        return Owed.OVERDUE
    return Owed.DUE if window.opens_date <= today else Owed.AHEAD


def _is_past(window: Window | None, given: Circumstances, limits: _Limits) -> bool:
    """The subject left before the window was over, or progressed before it opened."""
    if given.ended_date is not None and (window is None or given.ended_date < window.closes_date):
        return True
    progressed = given.progressed_date if limits.until_progression else None
    return progressed is not None and window is not None and progressed < window.opens_date
