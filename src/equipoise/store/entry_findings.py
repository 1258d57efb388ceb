"""What speaks against an entry: looked at before the lock of the trial, held under it.

The checks take much longer than writing. They are made on what stands before the lock is taken,
and made again under it only where an entry that they could see was saved meanwhile.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from equipoise.store.entry_check import check_place
from equipoise.store.entry_place import EntryPlace
from equipoise.store.models import FormEntry
from equipoise.store.protocol_read import read_reach
from equipoise.vocab.finding import Finding

Reached = tuple[tuple[str, str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked: whether these values may stand in the entry, by a version, on a day."""

    place: EntryPlace
    values: Mapping[str, str]
    fingerprint: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """The findings to a question, and the versions of the entries that they were made from."""

    question: Question
    reached: Reached
    findings: tuple[Finding, ...]


def look_at(question: Question) -> Looked:
    """The findings to the question as the entries stand."""
    reached = _reached(question)  # read first: what is saved after it shows as another version
    return Looked(question=question, reached=reached, findings=find_in(question))


def still_holds(looked: Looked, *, question: Question) -> bool:
    """Whether the same is asked, of entries that nobody saved since; under the lock, for good."""
    return looked.question == question and looked.reached == _reached(question)


def find_in(question: Question) -> tuple[Finding, ...]:
    """What speaks against an entry with these values: in its cells, and beside the other forms."""
    checked = check_place(
        question.place,
        values=question.values,
        fingerprint=question.fingerprint,
        today=question.on,
    )
    return checked.findings


def _reached(question: Question) -> Reached:
    reach = read_reach(question.fingerprint, form=question.place.form)
    rows = FormEntry.objects.filter(subject=question.place.subject, form__in=reach.forms)
    return tuple(rows.order_by("form", "key").values_list("form", "key", "version"))
