"""What the rules say of an entry beside the other entries of its subject, as they stand.

The rules see only what their form can reach; what was worked out once for the same texts is kept,
as a page asks for the same entry again and again while a person types.
"""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache

import polars as pl

from equipoise.capture.blinding import Telling
from equipoise.capture.frames import empty_frame
from equipoise.capture.lifecycle import FormState
from equipoise.capture.one_entry import CheckedEntry, Reach, check_entry
from equipoise.capture.validate import validate_rows
from equipoise.store.entry_place import EntryPlace
from equipoise.store.models import FormEntry
from equipoise.store.protocol_read import read_reach, read_version
from equipoise.store.read_telling import entries_in, read_telling

Cells = tuple[tuple[str, str], ...]  # the texts of an entry by item, `subject` among them
Others = tuple[tuple[str, tuple[Cells, ...]], ...]  # the entries of each form
KEPT_CHARACTERS = 20_000  # what is longer is worked out anew, and fills no memory


def check_place(
    place: EntryPlace,
    *,
    values: Mapping[str, str],
    fingerprint: str,
    today: date,
    hidden: bool = False,
) -> CheckedEntry:
    """What the rules say of the entry with these values.

    `hidden`: for the eyes of who sees no arms, so entries that tell them are not read.
    """
    reach = read_reach(fingerprint, form=place.form)
    written = {name: text for name, text in values.items() if text}
    cells = _cells(place.subject, written)
    others = _read_others(place, reach=reach, hidden=hidden)
    long = sum(len(text) for text in written.values()) > KEPT_CHARACTERS
    check = _check.__wrapped__ if long else _check
    return check(fingerprint, place.form, cells, others, today)


def _read_others(place: EntryPlace, *, reach: Reach, hidden: bool) -> Others:
    forms = [f.form for f in reach.protocol.form if f.form in reach.forms]
    rows = (
        FormEntry.objects.filter(subject_id=place.subject, form__in=forms)
        .exclude(state=FormState.NOT_STARTED)
        .exclude(entries_in(read_telling() if hidden else Telling()))
        .exclude(form=place.form, key=place.row_key[2])
        .order_by("form", "key")
        .values_list("form", "values")
    )
    found: dict[str, list[Cells]] = {}
    for form, values in rows:
        found.setdefault(form, []).append(_cells(place.subject, values))
    return tuple((form, tuple(entries)) for form, entries in found.items())


def _cells(subject: str, values: Mapping[str, str]) -> Cells:
    return (("subject", subject), *sorted(values.items()))


@lru_cache(maxsize=512)
def _check(fingerprint: str, form: str, cells: Cells, others: Others, today: date) -> CheckedEntry:
    frames = {name: _frame(fingerprint, name, entries) for name, entries in others}
    reach = read_reach(fingerprint, form=form)
    return check_entry(reach, raw=dict(cells), others=frames, as_of_date=today)


@lru_cache(maxsize=1024)
def _frame(fingerprint: str, name: str, entries: tuple[Cells, ...]) -> pl.DataFrame:
    """The sound entries of a form as a frame; items that its version no longer has are left out."""
    protocol = read_version(fingerprint)
    form = protocol.form_named(name)
    names = ["subject", *(item.name for item in form.entered_items)]
    rows = [{n: text for n, text in cells if n in names} for cells in entries]
    if not rows:
        return empty_frame(form)
    raw = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String()))
    return validate_rows(form, raw=raw, protocol=protocol, where=name).frame
