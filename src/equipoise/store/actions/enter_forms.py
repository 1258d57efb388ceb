"""Enter many forms at once: an import, a rehearsed trial; a line for each, as if typed."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from django.db import transaction

from equipoise.capture.edit_checks import check_frames
from equipoise.capture.entry import FormEntry
from equipoise.capture.lifecycle import Confirmation
from equipoise.capture.roles import Verb
from equipoise.protocol.model import Protocol
from equipoise.store.deed import Deed, Done
from equipoise.store.entry_place import written_entry
from equipoise.store.entry_saving import Saving, perform_saving
from equipoise.store.ledger import take_trial_lock
from equipoise.store.read_entries import frame_written, read_written
from equipoise.vocab.finding import Finding, Severity

Found = dict[str, tuple[Finding, ...]]


def enter_forms(
    savings: Sequence[Saving], *, protocol: Protocol, deed: Deed, comment: str
) -> list[Done]:
    """The new entries, all or none; each complete, or a draft where something hard is in it.

    The checks run once over all of them, in `protocol`; `comment` confirms what is only odd. The
    request id of each is that of the deed with its place behind.
    """
    with transaction.atomic():
        take_trial_lock()
        found = _check(savings, protocol)
        return [
            _enter(saving, found.get(saving.place.entry, ()), deed, comment, number)
            for number, saving in enumerate(savings, start=1)
        ]


def _check(savings: Sequence[Saving], protocol: Protocol) -> Found:
    written = [*read_written(), *(_entry(saving, protocol) for saving in savings)]
    read = frame_written(written, protocol)
    found: dict[str, dict[tuple[str, str], Finding]] = defaultdict(dict)
    for finding in (*read.findings, *check_frames(read.frames, protocol)):
        found[finding.entry].setdefault((finding.code, finding.item), finding)
    return {entry: tuple(told.values()) for entry, told in found.items()}


def _entry(saving: Saving, protocol: Protocol) -> FormEntry:
    key = protocol.form_named(saving.place.form).key
    values = {**saving.values, **dict(zip(key, saving.place.key, strict=True))}
    return written_entry(saving.place, values=values)


def _enter(
    saving: Saving, found: tuple[Finding, ...], deed: Deed, comment: str, number: int
) -> Done:
    hard = any(finding.severity is Severity.HARD for finding in found)
    confirmed = tuple(
        Confirmation(code=f.code, item=f.item, found=f.found, comment=comment) for f in found
    )
    asked = replace(saving, confirmations=() if hard else confirmed)
    request_id = f"{deed.request_id}-{number}" if deed.request_id else ""
    return perform_saving(
        Verb.SAVE_FORM if hard else Verb.COMPLETE_FORM,
        saving=asked,
        deed=replace(deed, request_id=request_id),
        findings=found,
    )
