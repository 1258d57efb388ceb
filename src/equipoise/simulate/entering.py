"""When a rehearsed trial is typed in: each entry on a day by which its site knows what it says."""

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import polars as pl

from equipoise.capture.folder_write import written_form
from equipoise.protocol.form_model import Form, ItemType
from equipoise.protocol.model import Protocol
from equipoise.protocol.scope import companions
from equipoise.simulate.rehearsal import Rehearsal
from equipoise.vocab.ids import build_entry_id

_LATEST = 3  # days after the visit on which a form is typed at the latest


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What is typed into an entry on a day; `is_new` false where more has become known of it."""

    subject: str
    form: str
    key: tuple[str, ...]
    values: Mapping[str, str]
    day: date
    is_new: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Randomised:
    """A subject with the days of its consent and randomisation, its strata and its arm."""

    subject: str
    site: str
    consent_day: date
    day: date
    strata: Mapping[str, str]
    arm: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entering:
    """A trial as it is entered: the subjects in the order of randomisation, what is typed when."""

    subjects: tuple[Randomised, ...]
    typed: tuple[Typed, ...]


def plan_entering(rehearsal: Rehearsal, protocol: Protocol) -> Entering:
    """One rehearsed trial as its sites type it, in the order of days.

    What is dated up to randomisation is typed by then. A later date inside an entry (an end, a
    stop) is typed when it has come.
    """
    subjects = tuple(_list_subjects(rehearsal, protocol))
    of = {each.subject: each for each in subjects}
    treated = dict(rehearsal.frames["rt_rx"].group_by("subject").agg(pl.max("planned_date")).rows())
    typed = [
        step
        for form in protocol.form
        if form.form != protocol.randomisation.form
        for row, text in _rows(rehearsal, form)
        for step in _type(form, row, text, of[row["subject"]], treated.get(row["subject"]))
    ]
    return Entering(subjects=subjects, typed=tuple(sorted(typed, key=lambda step: step.day)))


def _list_subjects(rehearsal: Rehearsal, protocol: Protocol) -> Iterator[Randomised]:
    """The subjects in the order of randomisation, which is that of the rehearsal."""
    said = protocol.randomisation
    rows = zip(
        rehearsal.frames[said.form].iter_rows(named=True),
        rehearsal.frames["icf"].iter_rows(named=True),
        rehearsal.allocations["arm"].to_list(),
        strict=True,
    )
    for row, consent, arm in rows:
        yield Randomised(
            subject=row["subject"],
            site=row["subject"].partition("-")[0],
            consent_day=consent["consent_date"],
            day=row[said.date_item],
            strata={factor.name: row[factor.item] for factor in protocol.stratum},
            arm=arm,
        )


def _rows(rehearsal: Rehearsal, form: Form) -> Iterator[tuple[dict[str, Any], dict[str, str]]]:
    """Each entry as typed values, and as the texts that are entered."""
    frame = rehearsal.frames[form.form]
    texts = written_form(frame, form=form).drop("replicate", "subject")
    for row, text in zip(frame.iter_rows(named=True), texts.iter_rows(named=True), strict=True):
        yield row, {name: value for name, value in text.items() if value is not None}


def _type(
    form: Form, row: dict[str, Any], text: dict[str, str], of: Randomised, treated: date | None
) -> Iterator[Typed]:
    key = tuple(str(row[name]) for name in form.key)
    entry = build_entry_id(subject=of.subject, form=form.form, key=key)
    delay = timedelta(days=zlib.crc32(entry.encode()) % (_LATEST + 1))
    happened = max(_day_of(form, row) or _undated(form, row, of, treated), of.consent_day)
    day = happened + delay
    later: dict[str, date] = {}
    if happened <= of.day:
        day = min(day, of.day)
    else:
        later = {name: on for name, on in _dates(form, row) if on > day}
    first = {name: value for name, value in text.items() if name not in later}
    yield Typed(subject=of.subject, form=form.form, key=key, values=first, day=day)
    if later:
        last = max(later.values()) + delay
        yield Typed(
            subject=of.subject, form=form.form, key=key, values=text, day=last, is_new=False
        )


def _undated(form: Form, row: dict[str, Any], of: Randomised, treated: date | None) -> date:
    """The day on which what has no date of its own is known: the last in it up to randomisation.

    What belongs to a treatment is known when that was planned.
    """
    if form.reveals_arm and treated is not None:
        return treated
    return max((on for _, on in _dates(form, row) if on <= of.day), default=of.consent_day)


def _day_of(form: Form, row: dict[str, Any]) -> date | None:
    dates = dict(_dates(form, row, every=True))
    return dates.get(form.date_item)


def _dates(form: Form, row: dict[str, Any], *, every: bool = False) -> Iterator[tuple[str, date]]:
    """The dates of an entry, a partial one by its first day; without its own unless `every`."""
    for item in form.entered_items:
        if item.type in (ItemType.DATE, ItemType.PARTIAL_DATE):
            is_partial = item.type is ItemType.PARTIAL_DATE
            on = row[companions(item.name)[0] if is_partial else item.name]
            if on is not None and (every or item.name != form.date_item):
                yield item.name, on
