"""Deviations that the program sees over the whole trial, held against those it recorded."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

import polars as pl

from equipoise.capture.deviations import Deviation, list_deviations
from equipoise.capture.lifecycle import FormState
from equipoise.capture.roles import is_owed_by_site
from equipoise.capture.schedule import Held, Owed, PlannedVisit, build_schedule
from equipoise.derive.datasets import derive_datasets
from equipoise.derive.dose_deviations import list_dose_deviations
from equipoise.protocol.model import Protocol
from equipoise.store import models
from equipoise.store.circumstances import circumstances_of, read_held
from equipoise.store.protocol_read import read_approved, read_version
from equipoise.store.read_arms import find_arms
from equipoise.store.read_entries import read_frames
from equipoise.store.tables import Plain, plain


class Turn(StrEnum):
    """What becomes of a deviation of the program."""

    RECORDED = "recorded"
    CHANGED = "changed"
    GONE = "gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A deviation to record, to bring up to date or to mark as gone; `number` is None for a new."""

    subject: str
    turn: Turn
    code: str
    number: int | None
    values: Mapping[str, Plain]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """Where a subject stands: the day at the site, the arm and the day of randomisation there."""

    today: date
    arm: str | None
    randomised_date: date | None


def read_deviation_changes(*, now: datetime) -> tuple[Change, ...]:
    """What recording now would write; nothing is written."""
    return compare_deviations(find_deviations(now=now), now=now)


def count_changes(changes: Collection[Change]) -> dict[str, int]:
    """How many would be recorded, changed, and seen no more."""
    counts = Counter(change.turn for change in changes)
    return {turn.value: counts[turn] for turn in Turn}


def find_deviations(*, now: datetime) -> list[Deviation]:
    """Every deviation of windows, visits, arms and doses that the entries show at an instant.

    Each subject is held to the version in force at the site, as on its page.
    """
    by_version: dict[str, dict[str, Stand]] = defaultdict(dict)
    subjects = list(models.Subject.objects.order_by("number").values_list("number", "site_id"))
    approved, arms = read_approved({site for _, site in subjects}), find_arms()
    for subject, site in subjects:
        zone, (arm, at) = approved[site].zone, arms.get(subject, (None, None))
        by_version[approved[site].at(now)][subject] = Stand(
            today=now.astimezone(zone).date(),
            arm=arm,
            randomised_date=at.astimezone(zone).date() if at else None,
        )
    return [
        each
        for fingerprint, stands in sorted(by_version.items())
        for each in _find(read_version(fingerprint), stands=stands)
    ]


def _find(protocol: Protocol, *, stands: Mapping[str, Stand]) -> list[Deviation]:
    held = read_held(list(stands), protocol)
    told = [
        each
        for subject, stand in stands.items()
        for each in list_deviations(
            _plan(protocol, held=held[subject], stand=stand),
            protocol,
            entries=held[subject],
            subject=subject,
            arm=stand.arm,
        )
    ]
    return [*told, *_find_doses(protocol, held=held, stands=stands)]


def _plan(protocol: Protocol, *, held: list[Held], stand: Stand) -> tuple[PlannedVisit, ...]:
    """The visits of a subject; what nobody at a site may enter, no site has missed."""
    given = circumstances_of(held, today=stand.today, arm=stand.arm)
    ours = {form.form for form in protocol.form if is_owed_by_site(form)}
    return tuple(
        replace(
            visit,
            cells=tuple(
                cell if cell.form in ours else replace(cell, owed=Owed.OFFERED)
                for cell in visit.cells
            ),
        )
        for visit in build_schedule(held, protocol, given=given)
    )


def _find_doses(
    protocol: Protocol, *, held: Mapping[str, list[Held]], stands: Mapping[str, Stand]
) -> list[Deviation]:
    """Those of SBRT, once a lesion has all its fractions or the time for them is over (D1.3).

    Before, a lesion in treatment has "too few" fractions. What rests on a draft waits.
    """
    if protocol.radiotherapy is None:
        return []
    limit = timedelta(days=protocol.radiotherapy.complete_max_days)
    over = [
        subject
        for subject, stand in stands.items()
        if stand.randomised_date is not None and stand.today > stand.randomised_date + limit
    ]
    drafts = {
        each.entry.entry for own in held.values() for each in own if each.state is FormState.DRAFT
    }
    derived = derive_datasets(read_frames(protocol).frames, protocol)
    is_settled = pl.col("complete").fill_null(value=False) | pl.col("subject").is_in(over)
    told = list_dose_deviations(derived.dose.filter(is_settled), adherence=derived.adherence)
    return [
        each for each in told if each.subject in stands and not drafts.intersection(each.entries)
    ]


def compare_deviations(
    found: Collection[Deviation], *, now: datetime, without: Collection[str] = ()
) -> tuple[Change, ...]:
    """What brings the rows of the program to what it sees; the subjects `without` wait.

    How a deviation is classified, and what was done, stands until what is seen is another thing.
    """
    rows = {
        (row.subject_id, row.code): row
        for row in models.Deviation.objects.exclude(code="").order_by("number")
    }
    seen = {(each.subject, code_of(each)): each for each in found}
    changes = [
        change
        for key, each in seen.items()
        if (change := _bring(each, row=rows.get(key))) is not None
    ]
    changes += [
        Change(
            subject=row.subject_id,
            turn=Turn.GONE,
            code=row.code,
            number=row.number,
            values={"gone_date": plain(now.date())},
        )
        for key, row in rows.items()
        if key not in seen and row.gone_date is None
    ]
    return tuple(change for change in changes if change.subject not in without)


def code_of(deviation: Deviation) -> str:
    """The rule that saw it and what it is about: with the subject, its identity."""
    return f"{deviation.category.value}:{deviation.about}"


def _bring(seen: Deviation, *, row: models.Deviation | None) -> Change | None:
    """The row of what is seen, made or brought up to date; None where it tells so already."""
    told: dict[str, Plain] = {
        "text": seen.words,
        "occurred_date": plain(seen.deviation_date),
        "severity": seen.weight.value,
        "gone_date": None,
    }
    code = code_of(seen)
    if row is None:
        told |= {"subject": seen.subject, "category": seen.category.value, "code": code}
        turn, number = Turn.RECORDED, None
    elif (row.text, row.occurred_date, row.gone_date) == (seen.words, seen.deviation_date, None):
        return None
    else:
        turn, number = Turn.CHANGED, row.number
    return Change(subject=seen.subject, turn=turn, code=code, number=number, values=told)
