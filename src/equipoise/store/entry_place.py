"""Where an entry stands, and its row."""

from dataclasses import dataclass

from equipoise.capture.entry import FormEntry as Entry
from equipoise.capture.lifecycle import FormState
from equipoise.capture.validate import validate
from equipoise.protocol.model import Protocol
from equipoise.store.deed import Put
from equipoise.store.models import FormEntry, Verification
from equipoise.store.refusals import FindingsError, StaleVersionError, UnknownError
from equipoise.vocab.finding import Severity
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


def canonical_place(place: EntryPlace, protocol: Protocol) -> EntryPlace:
    """The place with its key as frames write it; FindingsError when it is no key of the form."""
    form = protocol.form_named(place.form)
    if len(form.key) != len(place.key):
        raise UnknownError(f"the form '{place.form}' is found by {', '.join(form.key) or 'no key'}")
    if not form.key:
        return place
    raw = {"subject": place.subject, **dict(zip(form.key, place.key, strict=True))}
    read = validate(form, raw=raw, protocol=protocol)
    hard = tuple(f for f in read.findings if f.severity is Severity.HARD)
    if hard:
        raise FindingsError(hard)
    key = tuple(str(read.values[name]) for name in form.key)
    return EntryPlace(subject=place.subject, form=place.form, key=key)


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
