"""Events counted over all arms together, from complete forms."""

from dataclasses import dataclass

from django.db.models import Count, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from equipoise.capture.blinding import Telling
from equipoise.capture.lifecycle import FormState
from equipoise.store.models import FormEntry, Subject
from equipoise.store.read_telling import entries_in

_KINDS: tuple[tuple[str | Promise, str, dict[str, str]], ...] = (
    (_("Progression, as the investigator told it"), "rs", {"values__overall": "PD"}),
    (_("Death"), "dth", {}),
    (_("End of study"), "eos", {}),
    (_("Adverse event"), "ae", {}),
    (_("Serious adverse event"), "sae", {}),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """Events of a kind, and the subjects that had at least one; never by arm."""

    words: str | Promise
    subjects: int
    events: int


def list_events(subjects: QuerySet[Subject], *, hidden: Telling) -> list[EventRow]:
    """The events of each kind that the reader may know of."""
    done = FormEntry.objects.filter(subject__in=subjects).exclude(
        state__in=(FormState.NOT_STARTED, FormState.DRAFT)
    )
    done = done.exclude(entries_in(hidden))
    rows = []
    for words, form, having in _KINDS:
        if form not in hidden.forms:
            counts = done.filter(form=form, **having).aggregate(
                subjects=Count("subject", distinct=True), events=Count("pk")
            )
            rows.append(EventRow(words=words, **counts))
    return rows
