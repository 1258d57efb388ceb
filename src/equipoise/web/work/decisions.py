"""What waits for a decision: queries, verification, signature, freezing; counted by subject."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Q, QuerySet

from equipoise.capture.lifecycle import FormState, steps_from
from equipoise.capture.queries import QueryState
from equipoise.capture.roles import Verb
from equipoise.protocol.form_model import Form
from equipoise.protocol.model import Protocol
from equipoise.store.models import FormEntry, Query, Subject
from equipoise.web.shell.places import entry_address
from equipoise.web.shell.visitor import Visitor
from equipoise.web.work.reader import forms_for

_TO_ANSWER = (QueryState.OPEN, QueryState.REOPENED)


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryTask:
    """A query that waits for an answer, or answered for being closed."""

    number: int
    subject: str
    site: str
    form: str
    item: str
    text: str
    answer: str
    state: str
    opened_at: datetime
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectTask:
    """So many entries of a subject wait for the same deed."""

    subject: str
    site: str
    count: int


def list_query_tasks(
    subjects: QuerySet[Subject], *, visitor: Visitor, protocol: Protocol
) -> list[QueryTask]:
    """The queries that the visitor is to answer, or to close once answered; the oldest first.

    `protocol` names the forms; a query on a form that the visitor may not answer or read is not
    there.
    """
    states = [
        *(_TO_ANSWER if visitor.may(Verb.ANSWER_QUERY) else ()),
        *((QueryState.ANSWERED,) if visitor.may(Verb.CLOSE_QUERY) else ()),
    ]
    verb = Verb.ANSWER_QUERY if visitor.may(Verb.ANSWER_QUERY) else Verb.READ_FORMS
    forms = forms_for(visitor, protocol, verb=verb, site="")
    rows = Query.objects.filter(subject__in=subjects, state__in=states, form__in=list(forms))
    found = rows.annotate(site=F("subject__site_id")).order_by("opened_at", "number")
    return [_tell(row, site=row.site, form=forms[row.form]) for row in found]


def _tell(row: Query, *, site: str, form: Form) -> QueryTask:
    labels = {item.name: item.label for item in form.item}
    return QueryTask(
        number=row.number,
        subject=row.subject_id,
        site=site,
        form=form.title,
        item=labels.get(row.item, row.item),
        text=row.text,
        answer=row.answer,
        state=row.state,
        opened_at=row.opened_at,
        address=entry_address(row.subject_id, row.form, row.key),
    )


def list_deed_tasks(
    subjects: QuerySet[Subject], *, visitor: Visitor, protocol: Protocol, verb: Verb
) -> list[SubjectTask]:
    """The subjects with entries on which the visitor may do this now, and how many of each.

    In which states of a form a deed is next stands in `capture/lifecycle.py`.
    """
    forms = forms_for(visitor, protocol, verb=verb, site="")
    waiting = Q(pk__in=[])
    for state in FormState:
        names = [n for n, form in forms.items() if is_next(verb, state=state, form=form)]
        waiting |= Q(state=state, form__in=names)
    sites = visitor.sites(verb)
    rows = FormEntry.objects.filter(waiting, subject__in=subjects)
    if sites is not None:
        rows = rows.filter(subject__site__in=sites)
    counted = rows.values("subject_id", site=F("subject__site_id")).annotate(count=Count("pk"))
    return [
        SubjectTask(subject=row["subject_id"], site=row["site"], count=row["count"])
        for row in counted.order_by("subject_id")
    ]


def is_next(verb: Verb, *, state: FormState, form: Form) -> bool:
    """Whether the deed is the next one of a form in this state; of what was undone, nothing is."""
    return verb in steps_from(state, form=form)
