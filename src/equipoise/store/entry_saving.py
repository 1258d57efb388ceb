"""What saving an entry decides: its new values and state, and what a change drops."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from equipoise.capture.lifecycle import (
    Confirmation,
    Drop,
    FormState,
    WrongStateError,
    step,
    what_blocks,
)
from equipoise.capture.roles import Verb
from equipoise.capture.signature import Meaning
from equipoise.protocol.form_model import Form
from equipoise.protocol.model import Protocol
from equipoise.store.deed import Decision, Deed, Done, Place, Put
from equipoise.store.entry_findings import Looked, Question, find_in, look_at, still_holds
from equipoise.store.entry_place import (
    EntryPlace,
    canonical_place,
    drop_verification,
    find_entry,
    require_version,
)
from equipoise.store.gate import Request, check_request, perform
from equipoise.store.models import FormEntry, Signature
from equipoise.store.program_queries import settle_queries
from equipoise.store.protocol_read import fingerprint_at, read_version
from equipoise.store.refusals import ClosedError, FindingsError, RefusedError, UnknownError
from equipoise.store.site_day import site_and_day, site_of
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
    check_request(request)
    looked = _look_before(verb, saving=saving, at=deed.at) if findings is None else None

    def decide(now: datetime) -> Decision:
        intended = _intend(verb, saving=saving, now=now)
        told: tuple[Finding, ...] = ()
        if intended.state is FormState.COMPLETE:
            told = _findings_now(intended, now, looked) if findings is None else findings
            _require_none_blocks(told, saving)
        return _decision(saving, intended=intended, findings=told)

    return perform(verb, deed=deed, place=request.place, asked=request.asked, decide=decide)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Intended:
    """What the entry shall be, as far as its states and the protocol allow it."""

    place: EntryPlace
    row: FormEntry | None
    fingerprint: str
    state: FormState
    drops: frozenset[Drop]
    values: dict[str, str]


def _intend(verb: Verb, *, saving: Saving, now: datetime) -> _Intended:
    """The entry as it shall be; each refusal says what to do."""
    row = find_entry(saving.place)
    fingerprint = _version_for(row, saving.place, now)
    form = form_of(saving.place.form, protocol=read_version(fingerprint))
    place = canonical_place(saving.place, fingerprint=fingerprint)
    row = row if place == saving.place else find_entry(place)
    require_version(row, seen=saving.seen, place=place)
    moved = step(FormState(row.state) if row else FormState.NOT_STARTED, verb=verb, form=form)
    return _Intended(
        place=place,
        row=row,
        fingerprint=fingerprint,
        state=moved.state,
        drops=moved.drops,
        values=_merge(row, saving=saving, place=place, form=form),
    )


def _question(intended: _Intended, now: datetime) -> Question:
    _, today = site_and_day(intended.place.subject, now=now)
    return Question(
        place=intended.place,
        values=intended.values,
        fingerprint=intended.fingerprint,
        on=today,
    )


def _look_before(verb: Verb, *, saving: Saving, at: datetime) -> Looked | None:
    """The findings before the lock is taken; None where the gate has no need of them."""
    try:
        intended = _intend(verb, saving=saving, now=at)
    except (RefusedError, WrongStateError):
        return None  # told under the lock, to whom may know it
    return look_at(_question(intended, at)) if intended.state is FormState.COMPLETE else None


def _findings_now(intended: _Intended, now: datetime, looked: Looked | None) -> tuple[Finding, ...]:
    question = _question(intended, now)
    if looked is not None and still_holds(looked, question=question):
        return looked.findings
    return find_in(question)


def _require_none_blocks(findings: tuple[Finding, ...], saving: Saving) -> None:
    blocking = what_blocks(findings, confirmations=saving.confirmations)
    if blocking:
        raise FindingsError(blocking)


def _decision(saving: Saving, *, intended: _Intended, findings: tuple[Finding, ...]) -> Decision:
    place, state = intended.place, intended.state
    told = _put(
        saving, place=place, values=intended.values, state=state, fingerprint=intended.fingerprint
    )
    settled: tuple[Put, ...] = ()
    if state is FormState.COMPLETE:
        settled = settle_queries(place, findings=findings, confirmations=saving.confirmations)
    return Decision(
        puts=(told, *drops_of(intended.row, place=place, drops=intended.drops), *settled),
        answer=_answer(saving, place=place, state=state),
        protocol=intended.fingerprint,
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


def _version_for(row: FormEntry | None, place: EntryPlace, now: datetime) -> str:
    """An entry keeps the version it was entered under; a new one takes that of its site."""
    if row is not None and row.state != FormState.NOT_STARTED:
        return row.protocol_id
    return fingerprint_at(site_of(place.subject), now=now)


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
