"""Entries of subjects as the grid of visits needs them: their states and dates, nothing else.

No frames are made here: a work list looks at all subjects of a trial at once.
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from datetime import date
from typing import Any

from equipoise.capture.entry import FormEntry
from equipoise.capture.lifecycle import FormState
from equipoise.capture.schedule import Circumstances, Held
from equipoise.protocol.form_model import ItemType
from equipoise.protocol.model import Protocol
from equipoise.store import models
from equipoise.vocab.ids import FormName, SubjectId
from equipoise.vocab.partial_date import Imputed, parse_partial_date

_UNFINISHED = (FormState.NOT_STARTED, FormState.DRAFT)
_ENDS = (("dth", "death_date"), ("eos", "eos_date"))
_RESPONSE, _OVERALL, _ASSESSED = "rs", "overall", "assessment_date"
_DATES = (ItemType.DATE, ItemType.PARTIAL_DATE)


def read_held(subjects: Collection[str], protocol: Protocol) -> Mapping[str, list[Held]]:
    """The entries of each subject with their dates; what is no date yet is left out.

    Where a date may be partial, as that of a death, its last day counts: nothing is owed after it.
    One query, whatever the number of subjects.
    """
    found: dict[str, list[Held]] = {subject: [] for subject in subjects}
    rows = models.FormEntry.objects.filter(subject__in=subjects)
    rows = rows.exclude(state=FormState.NOT_STARTED).order_by("subject", "form", "key")
    columns = rows.values_list("subject_id", "form", "key", "values", "state", "protocol_id")
    dated = _dated_items(protocol)
    for subject, form, key, values, state, fingerprint in columns.iterator(chunk_size=5000):
        if form not in dated:
            continue
        entry = FormEntry(
            subject=SubjectId(subject),
            form=FormName(form),
            key=tuple(key.split(".")) if key else (),
            values=dict(_typed(values, dated[form])),
            protocol=fingerprint,
        )
        found[subject].append(Held(entry=entry, state=FormState(state)))
    return found


def circumstances_of(entries: Collection[Held], *, today: date, arm: str | None) -> Circumstances:
    """What the grid hangs on: today, the arm, the end, and progression as the investigator told it.

    The investigator's word counts here, as treatment follows it; the derived progression stands on
    the page of lesions. A draft proves nothing.
    """
    done = [held.entry for held in entries if held.state not in _UNFINISHED]
    ended = [
        day
        for entry in done
        for form, item in _ENDS
        if entry.form == form and (day := _day(entry, item)) is not None
    ]
    progressed = [
        day
        for entry in done
        if entry.form == _RESPONSE
        and entry.values.get(_OVERALL) == "PD"
        and (day := _day(entry, _ASSESSED)) is not None
    ]
    return Circumstances(
        as_of_date=today,
        arm=arm,
        progressed_date=min(progressed, default=None),
        ended_date=min(ended, default=None),
    )


def _day(entry: FormEntry, item: str) -> date | None:
    value = entry.values.get(item)
    return value if isinstance(value, date) else None


def _dated_items(protocol: Protocol) -> Mapping[str, Mapping[str, ItemType]]:
    """The items of each form that the grid reads: its dates, and the overall response."""
    return {
        form.form: {
            item.name: item.type
            for item in form.item
            if item.type in _DATES or (form.form, item.name) == (_RESPONSE, _OVERALL)
        }
        for form in protocol.form
    }


def _typed(values: Mapping[str, Any], items: Mapping[str, ItemType]) -> Iterator[tuple[str, Any]]:
    for name, kind in items.items():
        text = values.get(name)
        if text is None or text.startswith("@"):
            continue
        if kind not in _DATES:
            yield name, text
        else:
            with suppress(ValueError):  # a draft may hold anything
                found = parse_partial_date(text)
                if kind is ItemType.PARTIAL_DATE or found.imputed is Imputed.NONE:
                    yield name, found.latest
