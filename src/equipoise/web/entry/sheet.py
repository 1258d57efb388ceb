"""All that the page of an entry knows: where it stands, what is in it, and what may be done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime

from django.http import Http404

from equipoise.capture.lifecycle import FormState, steps_from
from equipoise.capture.one_entry import CheckedEntry
from equipoise.capture.queries import QueryState
from equipoise.capture.roles import Verb, sees_arms
from equipoise.protocol.form_model import Form
from equipoise.protocol.model import Protocol
from equipoise.store.entry_check import check_place
from equipoise.store.entry_place import EntryPlace, find_entry
from equipoise.store.models import FormEntry, Query
from equipoise.store.protocol_read import fingerprint_at, read_version
from equipoise.store.read_telling import queries_in, read_telling
from equipoise.store.site_day import site_and_day
from equipoise.web.form_builder import Filled
from equipoise.web.shell.visitor import Visitor


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """An entry and its page. `version` is 0 for one that was never saved.

    `deeds` are what this visitor may do with it in its state; `is_new` where the key is not chosen
    yet.
    """

    place: EntryPlace
    site: str
    form: Form
    protocol: Protocol
    fingerprint: str
    today: date
    sees_arms: bool
    state: FormState = FormState.NOT_STARTED
    version: int = 0
    values: Mapping[str, str] = field(default_factory=dict)
    comments: Mapping[tuple[str, str], str] = field(default_factory=dict)
    queries: Mapping[str, Sequence[Query]] = field(default_factory=dict)
    deeds: tuple[Verb, ...] = ()

    @property
    def is_new(self) -> bool:
        """Whether the key is still to be typed."""
        return len(self.place.key) != len(self.form.key)

    @property
    def is_there(self) -> bool:
        """Whether the entry was saved, and not taken back."""
        return self.state is not FormState.NOT_STARTED

    @property
    def is_open(self) -> bool:
        """Whether the visitor may type into it."""
        return bool({Verb.SAVE_FORM, Verb.CHANGE_FORM} & set(self.deeds))

    @property
    def key_texts(self) -> dict[str, str]:
        """The values of the key items, where the key is known."""
        return dict(zip(self.form.key, self.place.key, strict=False))


def read_sheet(visitor: Visitor, *, subject: str, form: str, key: str = "") -> Sheet:
    """The page of an entry; without a key, of a new one. Http404 where the form has no such key."""
    place = EntryPlace(subject=subject, form=form, key=tuple(key.split(".")) if key else ())
    row = find_entry(place)
    now = datetime.now(UTC)
    site, today = site_and_day(subject, now=now)
    is_there = row is not None and row.state != FormState.NOT_STARTED
    fingerprint = row.protocol_id if row is not None and is_there else fingerprint_at(site, now=now)
    protocol = read_version(fingerprint)
    found = next((each for each in protocol.form if each.form == form), None)
    if found is None or len(place.key) not in {0, len(found.key)}:
        raise Http404
    sheet = Sheet(
        place=place,
        site=site,
        form=found,
        protocol=protocol,
        fingerprint=fingerprint,
        today=today,
        sees_arms=any(sees_arms(grant.role) for grant in visitor.grants),
    )
    sheet = _with_row(sheet, row) if row is not None else sheet
    return replace(sheet, deeds=_deeds(sheet, visitor))


def with_texts(sheet: Sheet, texts: Mapping[str, str]) -> Sheet:
    """The sheet of a new entry with texts that are proposed and not yet saved."""
    return replace(sheet, values={**sheet.values, **texts})


def check_sheet(sheet: Sheet, *, texts: Mapping[str, str]) -> CheckedEntry:
    """What the rules say of these texts in place of what is saved."""
    return check_place(
        sheet.place,
        values={**texts, **sheet.key_texts},
        fingerprint=sheet.fingerprint,
        today=sheet.today,
        hidden=not sheet.sees_arms,
    )


def fill(sheet: Sheet, *, texts: Mapping[str, str], checked: CheckedEntry) -> Filled:
    """The entry as the form builder draws it."""
    return Filled(
        form=sheet.form,
        protocol=sheet.protocol,
        texts={**texts, **sheet.key_texts},
        checked=checked,
        comments=sheet.comments,
        queries=sheet.queries,
        is_key_fixed=not sheet.is_new,
    )


def _with_row(sheet: Sheet, row: FormEntry) -> Sheet:
    subject, form, key = sheet.place.row_key
    queries: dict[str, list[Query]] = {}
    asked = Query.objects.filter(subject_id=subject, form=form, key=key)
    asked = asked if sheet.sees_arms else asked.exclude(queries_in(read_telling()))
    for query in asked.exclude(state=QueryState.CLOSED).order_by("number"):
        queries.setdefault(query.item, []).append(query)
    return replace(
        sheet,
        state=FormState(row.state),
        version=row.version,
        values=row.values,
        comments={(c["code"], c["item"]): c["comment"] for c in row.confirmations},
        queries=queries,
    )


def _deeds(sheet: Sheet, visitor: Visitor) -> tuple[Verb, ...]:
    """What the visitor may do now; the form that randomising writes is entered by nobody."""
    if sheet.form.form == sheet.protocol.randomisation.form:
        return ()
    return tuple(
        verb
        for verb in steps_from(sheet.state, form=sheet.form)
        if visitor.may(verb, site=sheet.site, form=sheet.form)
    )
