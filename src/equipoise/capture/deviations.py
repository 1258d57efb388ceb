"""Deviations from the protocol that the program records by itself: windows and arms (D7.2, DEV).

Those of dose and timing of SBRT are told by `derive/dose_deviations.py`, from what is derived.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from equipoise.capture.lifecycle import FormState
from equipoise.capture.schedule import (
    VISIT_ITEM,
    Held,
    Owed,
    PlannedVisit,
    Window,
    entries_at,
    entry_date,
)
from equipoise.protocol.model import Protocol


class Category(StrEnum):
    """What a deviation is about."""

    WINDOW = "window"
    MISSED = "missed"
    DOSE = "dose"
    ARM = "arm"


class Weight(StrEnum):
    """How much a deviation weighs (D7.2)."""

    MINOR = "minor"
    MAJOR = "major"
    IMPORTANT = "important"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """A deviation from the protocol: what it is about, how much it weighs, when, and in words.

    `subject`, `category` and `about` (a visit, a lesion, a form) are its identity: it is recorded
    once, however often it is looked for. `entries` are the entries that show it.
    """

    subject: str
    category: Category
    about: str
    weight: Weight
    deviation_date: date | None
    words: str
    entries: tuple[str, ...] = ()


def list_deviations(
    visits: Collection[PlannedVisit],
    protocol: Protocol,
    *,
    entries: Collection[Held],
    subject: str,
    arm: str | None,
) -> tuple[Deviation, ...]:
    """The deviations of one subject, visit by visit, then the forms of another arm."""
    told: list[Deviation] = []
    for planned in visits:
        told += _outside(planned, protocol, entries=entries, subject=subject)
        told += _missed(planned, subject=subject)
    return (*told, *_other_arm(protocol, entries=entries, subject=subject, arm=arm))


def _outside(
    planned: PlannedVisit, protocol: Protocol, *, entries: Collection[Held], subject: str
) -> Iterator[Deviation]:
    """One deviation a visit that has an entry dated outside its window: the furthest counts."""
    if planned.window is None:
        return
    dated = [
        (each.entry.entry, day)
        for name in planned.visit.form
        if name not in protocol.schedule.anytime or VISIT_ITEM in protocol.form_named(name).key
        for each in entries_at(entries, protocol, visit=planned.visit, form=name)
        if each.state not in (FormState.NOT_STARTED, FormState.DRAFT)
        and (day := entry_date(each.entry, protocol)) is not None
    ]
    out = [(entry, day) for entry, day in dated if days_outside(day, window=planned.window) > 0]
    if not out:
        return
    _, furthest = max(out, key=lambda each: days_outside(each[1], window=planned.window))
    days = days_outside(furthest, window=planned.window)
    side = "before" if furthest < planned.window.opens_date else "after"
    yield Deviation(
        subject=subject,
        category=Category.WINDOW,
        about=planned.visit.code,
        weight=Weight.MINOR,
        deviation_date=furthest,
        words=f"{planned.visit.label}: {furthest}, {days} days {side} its window "
        f"({planned.window.opens_date} to {planned.window.closes_date})",
        entries=tuple(entry for entry, _ in out),
    )


def days_outside(day: date, *, window: Window | None) -> int:
    """How many days lie between a day and a window; 0 inside it."""
    if window is None:
        return 0
    return max((window.opens_date - day).days, (day - window.closes_date).days, 0)


def _missed(planned: PlannedVisit, *, subject: str) -> Iterator[Deviation]:
    """A visit of which nothing was entered at all, once its window is over."""
    owed = [cell for cell in planned.cells if cell.owed is not Owed.OFFERED]
    late = [cell for cell in owed if cell.owed is Owed.OVERDUE]
    if planned.window is None or not late or any(cell.entries for cell in planned.cells):
        return
    yield Deviation(
        subject=subject,
        category=Category.MISSED,
        about=planned.visit.code,
        weight=Weight.MAJOR if planned.visit.imaging else Weight.MINOR,
        deviation_date=planned.window.closes_date,
        words=f"{planned.visit.label}: no entry, though its window "
        f"({planned.window.opens_date} to {planned.window.closes_date}) is over",
    )


def _other_arm(
    protocol: Protocol, *, entries: Collection[Held], subject: str, arm: str | None
) -> Iterator[Deviation]:
    """One deviation a form that is not of the subject's arm (D7.2: SBRT in the control arm)."""
    for form in protocol.form if arm is not None else ():
        own = [held.entry for held in entries if held.entry.form == form.form]
        if form.arm and arm not in form.arm and own:
            days = [day for each in own if (day := entry_date(each, protocol)) is not None]
            yield Deviation(
                subject=subject,
                category=Category.ARM,
                about=form.form,
                weight=Weight.IMPORTANT,
                deviation_date=min(days, default=None),
                words=f"{form.title}: entered for a subject of arm {arm}, whose protocol has none",
                entries=tuple(each.entry for each in own),
            )
