"""Entries of one subject as a table: form | key | date | state."""

from datetime import date, timedelta

from capture.small_trial import protocol
from equipoise.capture.entry import FormEntry
from equipoise.capture.lifecycle import FormState
from equipoise.capture.schedule import Circumstances, Held
from equipoise.vocab.ids import FormName, SubjectId

RANDOMISED = date(2025, 1, 1)


def held(text: str) -> list[Held]:
    """The entries of subject 01-001 and how far each has come."""
    return [_read(line) for line in text.strip().splitlines()]


def circumstances(
    day: int, *, arm: str | None = "A", ended: int | None = None, progressed: int | None = None
) -> Circumstances:
    """The circumstances so many days after randomisation on 2025-01-01."""
    return Circumstances(
        as_of_date=_on(day),
        arm=arm,
        ended_date=None if ended is None else _on(ended),
        progressed_date=None if progressed is None else _on(progressed),
    )


def after(day: int) -> Circumstances:
    """Somebody still in the trial, without progression, so many days after randomisation."""
    return circumstances(day)


def _on(day: int) -> date:
    return RANDOMISED + timedelta(days=day)


def _read(line: str) -> Held:
    form, key, day, state = (cell.strip() for cell in line.split("|"))
    entry = FormEntry(
        subject=SubjectId("01-001"),
        form=FormName(form),
        key=tuple(key.split()),
        values={protocol().form_named(form).date_item: date.fromisoformat(day)} if day else {},
    )
    return Held(entry=entry, state=FormState(state))
