"""The work list of a visitor: what is owed, asked, and waits for a decision, as lists of rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from equipoise.capture.roles import Verb, is_owed_by_site
from equipoise.capture.schedule import Owed
from equipoise.protocol.form_model import Form
from equipoise.protocol.model import Protocol
from equipoise.store.models import Subject
from equipoise.store.protocol_read import read_leading, read_version
from equipoise.web.shell.visitor import Visitor
from equipoise.web.work.decisions import list_deed_tasks, list_query_tasks
from equipoise.web.work.reader import arms_for, forms_for
from equipoise.web.work.safety import REPORT, list_clocks
from equipoise.web.work.standing import Standing, read_standings
from equipoise.web.work.status import Status, with_status
from equipoise.web.work.visit_tasks import Allowed, VisitTask, list_visit_tasks

Rows = Sequence[Any]
_DEEDS = (
    (Verb.VERIFY, "verify", _("To verify")),
    (Verb.SIGN, "sign", _("To sign")),
    (Verb.FREEZE, "freeze", _("To freeze")),
    (Verb.LOCK, "lock", _("To lock")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkPile:
    """Rows of one kind; `kind` names the table that shows them."""

    name: str
    title: str | Promise
    kind: str
    rows: Rows
    is_urgent: bool = False

    @property
    def count(self) -> int:
        """How many rows there are."""
        return len(self.rows)

    @property
    def template(self) -> str:
        """The table that shows the rows."""
        return f"work/pile_{self.kind}.html"


def read_piles(visitor: Visitor, *, subjects: QuerySet[Subject], now: datetime) -> list[WorkPile]:
    """The piles of the visitor's work in the order of their urgency; only those of his roles."""
    protocol = read_leading(now=now)
    piles = _safety(visitor, subjects, protocol, now)
    piles += _visits(visitor, subjects, now)
    if visitor.may(Verb.ANSWER_QUERY) or visitor.may(Verb.CLOSE_QUERY):
        rows = list_query_tasks(subjects, visitor=visitor, protocol=protocol)
        piles.append(WorkPile(name="queries", title=_("Queries"), kind="queries", rows=rows))
    piles += _screening(visitor, subjects)
    for verb, name, title in _DEEDS:
        if visitor.may(verb):
            tasks = list_deed_tasks(subjects, visitor=visitor, protocol=protocol, verb=verb)
            piles.append(WorkPile(name=name, title=title, kind="deeds", rows=tasks))
    return piles


def _safety(
    visitor: Visitor, subjects: QuerySet[Subject], protocol: Protocol, now: datetime
) -> list[WorkPile]:
    if REPORT not in forms_for(visitor, protocol, verb=Verb.READ_FORMS, site=""):
        return []
    rows = list_clocks(subjects, protocol, now=now)
    return [
        WorkPile(
            name="safety",
            title=_("Serious events"),
            kind="safety",
            rows=rows,
            is_urgent=any(clock.is_overdue or clock.due_at is None for clock in rows),
        )
    ]


def _visits(visitor: Visitor, subjects: QuerySet[Subject], now: datetime) -> list[WorkPile]:
    standings = read_standings(subjects, arms=arms_for(visitor), now=now)
    tasks = list_visit_tasks(standings, allowed=_allowed(visitor, standings))
    told: tuple[tuple[Owed, str | Promise], ...] = (
        (Owed.OVERDUE, _("Overdue")),
        (Owed.DUE, _("Due")),
        (Owed.STARTED, _("Drafts")),
    )
    return [_pile_of(tasks, owed, title) for owed, title in told]


def _pile_of(tasks: list[VisitTask], owed: Owed, title: str | Promise) -> WorkPile:
    rows = [task for task in tasks if task.owed is owed]
    return WorkPile(
        name=owed.value, title=title, kind="visits", rows=rows, is_urgent=owed is Owed.OVERDUE
    )


def _allowed(visitor: Visitor, standings: list[Standing]) -> Allowed:
    """The forms whose entry is the visitor's work: those he enters, else those that sites owe.

    The randomisation form is written by the deed itself, and is nobody's to enter.
    """
    enters = visitor.may(Verb.SAVE_FORM)
    verb = Verb.SAVE_FORM if enters else Verb.READ_FORMS
    found: dict[tuple[str, str], dict[str, Form]] = {}
    for place in {(each.site, each.fingerprint) for each in standings}:
        protocol = read_version(place[1])
        forms = forms_for(visitor, protocol, verb=verb, site=place[0])
        forms.pop(protocol.randomisation.form, None)
        found[place] = {n: form for n, form in forms.items() if enters or is_owed_by_site(form)}
    return found


def _screening(visitor: Visitor, subjects: QuerySet[Subject]) -> list[WorkPile]:
    """Who is in screening, for who signs eligibility; who is eligible, for who randomises."""
    told = (
        (Verb.SIGN_ELIGIBILITY, "eligibility", _("Eligibility to sign"), Status.SCREENING),
        (Verb.RANDOMISE, "randomise", _("To randomise"), Status.ELIGIBLE),
    )
    return [
        WorkPile(
            name=name,
            title=title,
            kind="screening",
            rows=list(with_status(subjects).filter(Q(status=status)).order_by("number")),
        )
        for verb, name, title, status in told
        if visitor.may(verb)
    ]
