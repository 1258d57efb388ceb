"""The casebook of a subject: every entry with its state, and what vouches for it or did."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from equipoise.capture.blinding import Telling
from equipoise.capture.lifecycle import FormState, steps_from
from equipoise.capture.roles import Verb
from equipoise.capture.schedule import VISIT_ITEM
from equipoise.protocol.form_model import Form
from equipoise.store.entry_place import EntryPlace, place_of
from equipoise.store.models import FormEntry, Query, Signature, Verification
from equipoise.store.protocol_read import read_version
from equipoise.store.read_queries import LIVE
from equipoise.store.read_telling import entries_in, queries_in


@dataclass(frozen=True, slots=True, kw_only=True)
class CasebookRow:
    """An entry: its form, state, version, and the deeds that its state allows.

    `verification` and `signature` are the newest ones on it, `fell` tells which of them a later
    change dropped. A signature on many entries falls for those that changed, and holds for the
    others (`is_covered`): it is bound to the digest of each. `open_queries` are not closed.
    """

    place: EntryPlace
    form: Form
    visit: str
    state: FormState
    version: int
    deeds: tuple[Verb, ...]
    verification: Verification | None
    signature: Signature | None
    is_covered: bool
    open_queries: int

    @property
    def fell(self) -> tuple[str, ...]:
        """What a later change of the entry has dropped."""
        is_whole = self.state not in (FormState.DRAFT, FormState.NOT_STARTED)
        is_verified = self.verification is not None and self.verification.is_valid and is_whole
        told = (
            ("verification", self.verification is not None and not is_verified),
            ("signature", self.signature is not None and not self.is_covered),
        )
        return tuple(name for name, has_fallen in told if has_fallen)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A signature, and how many of the entries that it covers stand as they were signed."""

    signature: Signature
    still: int


def read_casebook(subject: str, *, hidden: Telling) -> list[CasebookRow]:
    """The entries of a subject in the order of the protocol's forms, without what is hidden."""
    entries = FormEntry.objects.filter(subject=subject).exclude(state=FormState.NOT_STARTED)
    rows = list(entries.exclude(entries_in(hidden)))
    verified = {(v.form, v.key): v for v in Verification.objects.filter(subject=subject)}
    signed = {
        entry: signature
        for signature in Signature.objects.filter(subject=subject, about={}).order_by("number")
        for entry in signature.covers
    }
    live = Query.objects.filter(subject=subject, state__in=LIVE).exclude(queries_in(hidden))
    asked = list(live.values_list("form", "key"))
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


def read_signatures(subject: str) -> list[Signed]:
    """Every signature on the subject, the newest first."""
    still = Counter(FormEntry.objects.filter(subject=subject).values_list("signature", flat=True))
    rows = Signature.objects.filter(subject=subject).order_by("-number")
    return [Signed(signature=row, still=still[row.number]) for row in rows]


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
        is_covered=signature is not None and row.signature == signature.number,
        open_queries=open_queries,
    )
