"""Where an entry stands, and its row."""

from dataclasses import dataclass
from functools import lru_cache

from equipoise.capture.entry import FormEntry as Entry
from equipoise.capture.lifecycle import FormState
from equipoise.capture.validate import ValidatedEntry, validate
from equipoise.store.deed import Put
from equipoise.store.models import FormEntry, Verification
from equipoise.store.protocol_read import read_version
from equipoise.store.refusals import FindingsError, StaleVersionError, UnknownError
from equipoise.vocab.finding import Finding, Severity
from equipoise.vocab.ids import EntryId, FormName, SubjectId, build_entry_id


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryPlace:
    """The subject, the form and the values of its key items as text."""

    subject: str
    form: str
    key: tuple[str, ...] = ()

    @property
    def row_key(self) -> tuple[str, str, str]:
        """The key of the row in the table of entries."""
        return (self.subject, self.form, ".".join(self.key))

    @property
    def entry(self) -> EntryId:
        """The identity of the entry, unique within the trial."""
        return build_entry_id(subject=self.subject, form=self.form, key=self.key)


def find_entry(place: EntryPlace) -> FormEntry | None:
    """The row of the entry, or None where it was never saved."""
    subject, form, key = place.row_key
    if "\0" in key:  # no text of the database holds it
        return None
    return FormEntry.objects.filter(subject_id=subject, form=form, key=key).first()


def require_entry(place: EntryPlace) -> FormEntry:
    """The row of an entry that is there; UnknownError when it was never saved or taken back."""
    row = find_entry(place)
    if row is None or row.state == FormState.NOT_STARTED:
        raise UnknownError(f"there is no entry {place.entry}: save it first")
    return row


def require_version(row: FormEntry | None, *, seen: int, place: EntryPlace) -> None:
    """StaleVersionError when the entry is not the one that the person saw."""
    stands = row.version if row is not None else 0
    if stands != seen:
        raise StaleVersionError(
            f"{place.entry} was saved by someone else meanwhile (version {stands}, you saw {seen}):"
            " compare both and save again"
        )


def canonical_place(place: EntryPlace, *, fingerprint: str) -> EntryPlace:
    """The place with its key as frames write it; FindingsError when it is no key of the form."""
    key = _canonical_key(place.form, place.key, fingerprint=fingerprint)
    if key is None:
        raise FindingsError(_hard(_read_key(place, fingerprint=fingerprint)))
    return EntryPlace(subject=place.subject, form=place.form, key=key)


@lru_cache(maxsize=4096)  # a version never changes, and its keys are few
def _canonical_key(form: str, key: tuple[str, ...], *, fingerprint: str) -> tuple[str, ...] | None:
    """The key as frames write it, of whatever subject; None where it is no key of the form."""
    names = read_version(fingerprint).form_named(form).key
    if len(names) != len(key):
        raise UnknownError(f"the form '{form}' is found by {', '.join(names) or 'no key'}")
    if not names:
        return ()
    place = EntryPlace(subject="any", form=form, key=key)
    read = _read_key(place, fingerprint=fingerprint)
    return None if _hard(read) else tuple(str(read.values[item]) for item in names)


def _read_key(place: EntryPlace, *, fingerprint: str) -> ValidatedEntry:
    protocol = read_version(fingerprint)
    form = protocol.form_named(place.form)
    raw = {"subject": place.subject, **dict(zip(form.key, place.key, strict=True))}
    return validate(form, raw=raw, protocol=protocol)


def _hard(read: ValidatedEntry) -> tuple[Finding, ...]:
    return tuple(f for f in read.findings if f.severity is Severity.HARD)


def written_entry(place: EntryPlace, *, values: dict[str, str]) -> Entry:
    """The entry as it is written, for digests."""
    return Entry(
        subject=SubjectId(place.subject), form=FormName(place.form), key=place.key, values=values
    )


def place_of(row: FormEntry) -> EntryPlace:
    """Where a row stands."""
    key = tuple(row.key.split(".")) if row.key else ()
    return EntryPlace(subject=row.subject_id, form=row.form, key=key)


def drop_verification(place: EntryPlace) -> tuple[Put, ...]:
    """What takes the verification of an entry back, where one is valid."""
    subject, form, key = place.row_key
    found = Verification.objects.filter(subject_id=subject, form=form, key=key, is_valid=True)
    if not found.exists():
        return ()
    return (Put(table="verification", key=place.row_key, values={"is_valid": False}),)
