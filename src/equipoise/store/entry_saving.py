"""What saving an entry decides: its new values and state, and what a change drops."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any

from equipoise.capture.lifecycle import Confirmation, Drop, FormState, step, what_blocks
from equipoise.capture.one_entry import check_entry
from equipoise.capture.roles import Verb
from equipoise.capture.signature import Meaning
from equipoise.protocol.form_model import Form
from equipoise.protocol.model import Protocol
from equipoise.store.deed import Decision, Deed, Done, Place, Put
from equipoise.store.entry_place import (
    EntryPlace,
    canonical_place,
    drop_verification,
    find_entry,
    require_version,
)
from equipoise.store.gate import Request, perform
from equipoise.store.models import FormEntry, Signature
from equipoise.store.protocol_read import fingerprint_at, read_reach, read_version
from equipoise.store.read_entries import frame_written, read_written
from equipoise.store.refusals import ClosedError, FindingsError, UnknownError
from equipoise.store.site_day import day_at, site_of
from equipoise.store.tables import ITEMS, Plain
from equipoise.vocab.finding import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Saving:
    """What a person typed into an entry, and which version of it was on the screen.

    Items that are not in `values` stay as they are; an empty text takes the value away. `seen` is
    0 for an entry that was not there.
    """

    place: EntryPlace
    values: Mapping[str, str]
    seen: int
    confirmations: tuple[Confirmation, ...] = field(default=())


def perform_saving(
    verb: Verb, *, saving: Saving, deed: Deed, findings: tuple[Finding, ...] | None = None
) -> Done:
    """The saving as a deed; it answers with the version and state of the entry.

    `findings` are what speaks against the entry, where the caller has looked already.
    """
    request = request_saving(verb, saving=saving, deed=deed)
    return perform(
        verb,
        deed=deed,
        place=request.place,
        asked=request.asked,
        decide=lambda now: decide_saving(verb, saving=saving, now=now, findings=findings),
    )


def request_saving(verb: Verb, *, saving: Saving, deed: Deed) -> Request:
    """The saving as it is asked of the gate."""
    place = saving.place
    asked = {
        "entry": place.entry,
        "values": dict(saving.values),
        "seen": saving.seen,
        "confirmations": [asdict(each) for each in saving.confirmations],
    }
    where = Place(subject=place.subject, form=place.form)
    return Request(verb=verb, deed=deed, place=where, asked=asked)


def decide_saving(
    verb: Verb, *, saving: Saving, now: datetime, findings: tuple[Finding, ...] | None = None
) -> Decision:
    """The rows of a saving; each refusal says what to do."""
    fingerprint = _version_for(find_entry(saving.place), saving.place)
    protocol = read_version(fingerprint)
    form = form_of(saving.place.form, protocol=protocol)
    place = canonical_place(saving.place, fingerprint=fingerprint)
    row = find_entry(place)
    require_version(row, seen=saving.seen, place=place)
    moved = step(FormState(row.state) if row else FormState.NOT_STARTED, verb=verb, form=form)
    values = _merge(row, saving=saving, place=place, form=form)
    if moved.state is FormState.COMPLETE:
        day = day_at(site_of(place.subject), now=now)
        found = (
            findings_of(place, values=values, fingerprint=fingerprint, on=day)
            if findings is None
            else findings
        )
        blocking = what_blocks(found, confirmations=saving.confirmations)
        if blocking:
            raise FindingsError(blocking)
    told = _put(saving, place=place, values=values, state=moved.state, fingerprint=fingerprint)
    return Decision(
        puts=(told, *drops_of(row, place=place, drops=moved.drops)),
        answer=_answer(saving, place=place, state=moved.state),
        protocol=fingerprint,
    )


def decide_new(verb: Verb, *, saving: Saving, fingerprint: str) -> Decision:
    """The row of an entry that was never saved, its findings looked at.

    The subject has no signature on its eligibility that a new entry would drop.
    """
    form = form_of(saving.place.form, protocol=read_version(fingerprint))
    place = canonical_place(saving.place, fingerprint=fingerprint)
    state = step(FormState.NOT_STARTED, verb=verb, form=form).state
    values = _merge(None, saving=saving, place=place, form=form)
    put = _put(saving, place=place, values=values, state=state, fingerprint=fingerprint)
    answer = _answer(saving, place=place, state=state)
    return Decision(puts=(put,), answer=answer, protocol=fingerprint)


def _put(
    saving: Saving, *, place: EntryPlace, values: dict[str, str], state: FormState, fingerprint: str
) -> Put:
    told: dict[str, Plain] = {f"{ITEMS}{name}": text or None for name, text in values.items()}
    told |= {"version": saving.seen + 1, "state": state.value, "protocol": fingerprint}
    told |= {"signature": None, "confirmations": _confirmed(saving)}
    return Put(table="form_entry", key=place.row_key, values=told)


def _answer(saving: Saving, *, place: EntryPlace, state: FormState) -> dict[str, Plain]:
    return {"version": saving.seen + 1, "state": state.value, "entry": place.entry}


def _version_for(row: FormEntry | None, place: EntryPlace) -> str:
    """An entry keeps the version it was entered under; a new one takes that of its site."""
    if row is not None and row.state != FormState.NOT_STARTED:
        return row.protocol_id
    return fingerprint_at(site_of(place.subject))


def form_of(name: str, *, protocol: Protocol) -> Form:
    """The form to enter; ClosedError for the one that randomising itself writes."""
    if name == protocol.randomisation.form:
        raise ClosedError("this form is written by randomising; correct a stratum on record")
    for form in protocol.form:
        if form.form == name:
            return form
    raise UnknownError(f"the protocol of this entry has no form '{name}'")


def _merge(
    row: FormEntry | None, *, saving: Saving, place: EntryPlace, form: Form
) -> dict[str, str]:
    """The values after the saving, "" where one is taken away; the key stands among them."""
    known = {item.name for item in form.entered_items}
    strange = sorted(set(saving.values) - known)
    if strange:
        raise UnknownError(f"nobody enters {', '.join(strange)} in the form '{form.form}'")
    before = row.values if row is not None else {}
    typed = {name: text.strip() for name, text in saving.values.items()}
    return {**before, **typed, **dict(zip(form.key, place.key, strict=True))}


def findings_of(
    place: EntryPlace, *, values: dict[str, str], fingerprint: str, on: date
) -> tuple[Finding, ...]:
    """What speaks against an entry with these values: in its cells, and beside the other forms."""
    reach = read_reach(fingerprint, form=place.form)
    others = [
        entry
        for entry in read_written(subject=place.subject)
        if entry.form in reach.forms and entry.entry != place.entry
    ]
    frames = frame_written(others, reach.protocol).frames
    raw = {"subject": place.subject, **values}
    return check_entry(reach, raw=raw, others=frames, as_of_date=on).findings


def _confirmed(saving: Saving) -> list[Any]:
    return [asdict(each) for each in saving.confirmations]


def drops_of(
    row: FormEntry | None, *, place: EntryPlace, drops: frozenset[Drop]
) -> tuple[Put, ...]:
    """The rows that say what no longer holds: verification, signature, signed eligibility."""
    puts: tuple[Put, ...] = ()
    if Drop.VERIFICATION in drops:
        puts += drop_verification(place)
    numbers = Signature.objects.filter(
        subject_id=place.subject,
        meaning=Meaning.ELIGIBILITY,
        is_valid=True,
        subject__allocation__isnull=True,  # once randomised, it stands as what was signed then
    ).values_list("number", flat=True)
    dropped = set(numbers)
    if row is not None and row.signature is not None and Drop.SIGNATURE in drops:
        dropped.add(row.signature)
    return puts + tuple(
        Put(table="signature", key=(str(number),), values={"is_valid": False})
        for number in sorted(dropped)
    )
