"""How far a subject has come: screening, eligible, randomised, off study."""

from enum import StrEnum

from django.db.models import Case, Count, Exists, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from equipoise.capture.blinding import Telling
from equipoise.capture.lifecycle import FormState
from equipoise.capture.queries import QueryState
from equipoise.capture.signature import Meaning
from equipoise.store.models import Allocation, FormEntry, Query, Signature, Subject
from equipoise.store.read_telling import queries_in

_DONE = [state for state in FormState if state not in (FormState.NOT_STARTED, FormState.DRAFT)]


class Status(StrEnum):
    """How far a subject has come; the first that holds, from below."""

    SCREENING = "screening"
    ELIGIBLE = "eligible"  # signed, and not randomised yet
    RANDOMISED = "randomised"
    OFF_STUDY = "off_study"
    DIED = "died"


def with_status(subjects: QuerySet[Subject]) -> QuerySet[Subject]:
    """The subjects with `status` and `is_randomised`: what everybody may know, never the arm."""
    allocated = Exists(Allocation.objects.filter(subject=OuterRef("number")))
    signed = Exists(
        Signature.objects.filter(
            subject=OuterRef("number"), meaning=Meaning.ELIGIBILITY, is_valid=True
        )
    )
    return subjects.annotate(
        is_randomised=allocated,
        is_signed=signed,
        status=Case(
            When(_has("dth"), then=Value(Status.DIED.value)),
            When(_has("eos"), then=Value(Status.OFF_STUDY.value)),
            When(allocated, then=Value(Status.RANDOMISED.value)),
            When(signed, then=Value(Status.ELIGIBLE.value)),
            default=Value(Status.SCREENING.value),
        ),
    )


def with_open_queries(
    subjects: QuerySet[Subject], *, forms: list[str], hidden: Telling
) -> QuerySet[Subject]:
    """The subjects with `open_queries`, the queries on these forms that are not closed."""
    own = Query.objects.filter(subject=OuterRef("number"), form__in=forms)
    own = own.exclude(queries_in(hidden))
    live = own.filter(~Q(state=QueryState.CLOSED)).order_by().values("subject")
    counted = live.annotate(count=Count("pk")).values("count")
    return subjects.annotate(open_queries=Coalesce(Subquery(counted), Value(0)))


def _has(form: str) -> Exists:
    return Exists(FormEntry.objects.filter(subject=OuterRef("number"), form=form, state__in=_DONE))
