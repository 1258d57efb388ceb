"""Enter many forms at once: an import, a rehearsed trial; a line for each, as if typed."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from django.db import transaction

from equipoise.capture.edit_checks import check_frames
from equipoise.capture.entry import FormEntry
from equipoise.capture.lifecycle import Confirmation
from equipoise.capture.roles import Verb
from equipoise.capture.signature import Meaning
from equipoise.protocol.model import Protocol
from equipoise.store.deed import Decision, Deed, Done
from equipoise.store.entry_place import written_entry
from equipoise.store.entry_saving import Saving, decide_new, perform_saving, request_saving
from equipoise.store.gate import Request
from equipoise.store.gate_for_many import FindStanding, perform_new
from equipoise.store.ledger import take_trial_lock
from equipoise.store.models import FormEntry as Row
from equipoise.store.models import Signature
from equipoise.store.protocol_read import Approved, read_approved
from equipoise.store.read_entries import frame_written, read_written
from equipoise.store.site_day import sites_of
from equipoise.vocab.finding import Finding, Severity

Found = Mapping[str, tuple[Finding, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """A new entry, and who enters it when."""

    saving: Saving
    deed: Deed


def enter_forms(
    savings: Sequence[Saving], *, protocol: Protocol, deed: Deed, comment: str
) -> list[Done]:
    """The new entries, all or none; each complete, or a draft where something hard is in it.

    The checks run once over all of them, in `protocol`; `comment` confirms what is only odd. The
    request id of each is that of the deed with its place behind.
    """
    with transaction.atomic():
        take_trial_lock()
        typed = [
            Typed(saving=saving, deed=replace(deed, request_id=_number(deed.request_id, number)))
            for number, saving in enumerate(savings, start=1)
        ]
        return enter_checked(typed, found=_check(savings, protocol), comment=comment)


def enter_checked(
    typed: Sequence[Typed],
    *,
    found: Found,
    comment: str,
    find_standing: FindStanding | None = None,
) -> list[Done]:
    """The new entries, all or none, each by its own deed; `found` is what speaks against each.

    Where nothing that stands hangs on them, they go through the gate together, which may be given
    a `find_standing` (see `perform_new`).
    """
    with transaction.atomic():
        take_trial_lock()
        asked = [_settle(each, found.get(each.saving.place.entry, ()), comment) for each in typed]
        subjects = {each.saving.place.subject for each in typed}
        if _is_signed(subjects) or _is_there(typed):
            return [
                perform_saving(verb, saving=each.saving, deed=each.deed, findings=told)
                for verb, each, told in asked
            ]
        sites = sites_of(subjects)
        approved = read_approved(set(sites.values()))
        at_sites = {subject: approved[site] for subject, site in sites.items()}
        decided = [_decide(verb, each, at_sites) for verb, each, _ in asked]
        return perform_new(decided, find_standing=find_standing)


def _number(request_id: str, number: int) -> str:
    return f"{request_id}-{number}" if request_id else ""


def _is_signed(subjects: set[str]) -> bool:
    """Whether a new entry drops a signature on eligibility."""
    signed = Signature.objects.filter(subject__in=subjects, is_valid=True)
    return signed.filter(subject__allocation__isnull=True, meaning=Meaning.ELIGIBILITY).exists()


def _is_there(typed: Sequence[Typed]) -> bool:
    """Whether one of the entries was saved before, or stands twice among them."""
    keys = {each.saving.place.row_key for each in typed}
    rows = Row.objects.filter(subject__in={subject for subject, _, _ in keys})
    return len(keys) < len(typed) or not keys.isdisjoint(
        rows.values_list("subject_id", "form", "key")
    )


def _decide(verb: Verb, typed: Typed, approved: Mapping[str, Approved]) -> tuple[Request, Decision]:
    """The new entry under the version in force at the site of its subject, when it was typed."""
    request = request_saving(verb, saving=typed.saving, deed=typed.deed)
    fingerprint = approved[typed.saving.place.subject].at(typed.deed.at)
    return request, decide_new(verb, saving=typed.saving, fingerprint=fingerprint)


def _check(savings: Sequence[Saving], protocol: Protocol) -> Found:
    new = [_entry(saving, protocol) for saving in savings]
    names = {entry.entry for entry in new}  # sent again, they stand already
    read = frame_written([*(e for e in read_written() if e.entry not in names), *new], protocol)
    found: dict[str, dict[tuple[str, str], Finding]] = defaultdict(dict)
    for finding in (*read.findings, *check_frames(read.frames, protocol)):
        found[finding.entry].setdefault((finding.code, finding.item), finding)
    return {entry: tuple(told.values()) for entry, told in found.items()}


def _entry(saving: Saving, protocol: Protocol) -> FormEntry:
    key = protocol.form_named(saving.place.form).key
    values = {**saving.values, **dict(zip(key, saving.place.key, strict=True))}
    return written_entry(saving.place, values=values)


def _settle(
    typed: Typed, found: tuple[Finding, ...], comment: str
) -> tuple[Verb, Typed, tuple[Finding, ...]]:
    """A draft where something hard is in it; else complete, with what is odd confirmed."""
    if any(finding.severity is Severity.HARD for finding in found):
        return Verb.SAVE_FORM, typed, found
    confirmed = tuple(
        Confirmation(code=f.code, item=f.item, found=f.found, comment=comment) for f in found
    )
    saving = replace(typed.saving, confirmations=confirmed)
    return Verb.COMPLETE_FORM, replace(typed, saving=saving), found
