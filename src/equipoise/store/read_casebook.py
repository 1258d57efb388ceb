"""The casebook of a subject: every entry with its state, and what vouches for it or did."""

from collections.abc import Collection
from dataclasses import dataclass

from equipoise.capture.lifecycle import FormState, steps_from
from equipoise.capture.roles import Verb
from equipoise.capture.schedule import VISIT_ITEM
from equipoise.protocol.form_model import Form
from equipoise.store.entry_place import EntryPlace, place_of
from equipoise.store.models import FormEntry, Query, Signature, Verification
from equipoise.store.protocol_read import read_version
from equipoise.store.read_queries import LIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class CasebookRow:
    """An entry: its form, state, version, and the deeds that its state allows.

    `verification` and `signature` are the newest ones on it, `fell` tells which of them a later
    change dropped; `open_queries` counts those that are not closed.
    """

    place: EntryPlace
    form: Form
    visit: str
    state: FormState
    version: int
    deeds: tuple[Verb, ...]
    verification: Verification | None
    signature: Signature | None
    open_queries: int

    @property
    def fell(self) -> tuple[str, ...]:
        """What a later change of the entry has dropped."""
        marks = (("verification", self.verification), ("signature", self.signature))
        return tuple(name for name, mark in marks if mark is not None and not self.holds(mark))

    def holds(self, mark: Verification | Signature) -> bool:
        """Whether this vouches for the entry as it stands."""
        return mark.is_valid and self.state not in (FormState.DRAFT, FormState.NOT_STARTED)


def read_casebook(subject: str, *, hidden: Collection[str]) -> list[CasebookRow]:
    """The entries of a subject in the order of the protocol's forms, hidden forms left out."""
    entries = FormEntry.objects.filter(subject=subject).exclude(state=FormState.NOT_STARTED)
    rows = list(entries.exclude(form__in=hidden))
    verified = {(v.form, v.key): v for v in Verification.objects.filter(subject=subject)}
    signed = {
        entry: signature
        for signature in Signature.objects.filter(subject=subject, about={}).order_by("number")
        for entry in signature.covers
    }
    asked = list(Query.objects.filter(subject=subject, state__in=LIVE).values_list("form", "key"))
    order = _order_of({row.protocol_id for row in rows})
    rows.sort(key=lambda row: (order.get(row.form, len(order)), row.key))
    return [
        _row(
            row,
            verification=verified.get((row.form, row.key)),
            signature=signed.get(place_of(row).entry),
            open_queries=asked.count((row.form, row.key)),
        )
        for row in rows
    ]


def read_signatures(subject: str) -> list[Signature]:
    """Every signature on the subject, the newest first."""
    return list(Signature.objects.filter(subject=subject).order_by("-number"))


def _order_of(versions: Collection[str]) -> dict[str, int]:
    names = [form.form for version in sorted(versions) for form in read_version(version).form]
    return {name: number for number, name in enumerate(dict.fromkeys(names))}


def _row(
    row: FormEntry,
    *,
    verification: Verification | None,
    signature: Signature | None,
    open_queries: int,
) -> CasebookRow:
    form = read_version(row.protocol_id).form_named(row.form)
    place = place_of(row)
    visit = place.key[form.key.index(VISIT_ITEM)] if VISIT_ITEM in form.key else ""
    state = FormState(row.state)
    return CasebookRow(
        place=place,
        form=form,
        visit=visit,
        state=state,
        version=row.version,
        deeds=steps_from(state, form=form),
        verification=verification,
        signature=signature,
        open_queries=open_queries,
    )
