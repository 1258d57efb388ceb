"""Entries read: as they stand, or as they stood at a line of the ledger."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from equipoise.capture.entry import FormEntry
from equipoise.capture.frames import Frames, empty_frame
from equipoise.capture.frames import entries as entries_of
from equipoise.capture.lifecycle import FormState
from equipoise.capture.validate import validate_rows
from equipoise.protocol.model import Protocol
from equipoise.store import models
from equipoise.store.ledger import read_lines
from equipoise.store.replay import Rows, replay
from equipoise.store.tables import ITEMS
from equipoise.vocab.finding import Finding
from equipoise.vocab.ids import FormName, SubjectId


@dataclass(frozen=True, slots=True, kw_only=True)
class FramesRead:
    """The entries of every form as far as their values are sound, and what was found in them."""

    frames: Frames
    findings: tuple[Finding, ...]


def read_written(*, upto: int | None = None, subject: str = "") -> Iterator[FormEntry]:
    """The entries with their values as texts, as they were written, by subject, form and key.

    `upto` is the ledger line of a data cut; without it, as they stand. What was taken back is
    not there.
    """
    return map(_entry, _rows_now(subject) if upto is None else _rows_at(upto, subject))


def written_in(stood: Rows) -> Iterator[FormEntry]:
    """The entries in the rows of a replay, as `read_written` tells them."""
    return map(_entry, _told(stood, ""))


_Row = tuple[tuple[str, str, str], Mapping[str, str], str]


def _entry(row: _Row) -> FormEntry:
    (owner, form, key), values, protocol = row
    return FormEntry(
        subject=SubjectId(owner),
        form=FormName(form),
        key=tuple(key.split(".")) if key else (),
        values=values,
        protocol=protocol,
    )


def _rows_now(subject: str) -> Iterator[_Row]:
    found = models.FormEntry.objects.exclude(state=FormState.NOT_STARTED)
    if subject:
        found = found.filter(subject=subject)
    columns = found.order_by("subject", "form", "key").values_list(
        "subject", "form", "key", "values", "protocol"
    )
    for owner, form, key, values, protocol in columns.iterator(chunk_size=5000):
        yield (owner, form, key), values, protocol


def _rows_at(upto: int, subject: str) -> Iterator[_Row]:
    lines = read_lines(upto=upto, subject=subject or None)
    return _told(replay(lines, only=frozenset({"form_entry"}))["form_entry"], subject)


def _told(stood: Rows, subject: str) -> Iterator[_Row]:
    for key, row in sorted(stood.items()):
        if row["state"] != FormState.NOT_STARTED and subject in {"", key[0]}:
            items = (name for name in row if name.startswith(ITEMS))
            values = {name.removeprefix(ITEMS): str(row[name]) for name in items}
            yield (key[0], key[1], key[2]), values, str(row["protocol"])


def read_frames(protocol: Protocol, *, upto: int | None = None, subject: str = "") -> FramesRead:
    """The entries as the frames that derivation and reports eat, by one version of the protocol."""
    return frame_written(read_written(upto=upto, subject=subject), protocol)


def frame_written(
    written: Iterable[FormEntry], protocol: Protocol, *, only: Collection[str] | None = None
) -> FramesRead:
    """Frames of entries whose values are texts; what is not sound is told and left out.

    `only` names the forms that are asked for; all where it is not given.
    """
    forms = [form for form in protocol.form if only is None or form.form in only]
    rows: dict[str, list[dict[str, object]]] = {form.form: [] for form in forms}
    for entry in written:
        if entry.form in rows:
            rows[entry.form].append({"subject": entry.subject, **entry.values})
    frames: dict[str, pl.DataFrame] = {}
    findings: list[Finding] = []
    for form in forms:
        if not rows[form.form]:
            frames[form.form] = empty_frame(form)
            continue
        names = ["subject", *(item.name for item in form.entered_items)]
        raw = pl.DataFrame(rows[form.form], schema=dict.fromkeys(names, pl.String()))
        read = validate_rows(form, raw=raw, protocol=protocol, where=form.form)
        frames[form.form] = read.frame
        findings += read.findings
    return FramesRead(frames=frames, findings=tuple(findings))


def read_entries(
    protocol: Protocol, *, upto: int | None = None, subject: str = ""
) -> Iterator[FormEntry]:
    """The entries with typed values: the currency of the program, as from a folder."""
    written = list(read_written(upto=upto, subject=subject))
    versions = {entry.entry: entry.protocol for entry in written}
    for entry in entries_of(frame_written(written, protocol).frames, protocol):
        yield FormEntry(
            subject=entry.subject,
            form=entry.form,
            key=entry.key,
            values=entry.values,
            protocol=versions[entry.entry],
        )
