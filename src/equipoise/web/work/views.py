"""The work list, the subjects, enrolment, and the schedule of a subject."""

from datetime import UTC, datetime

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from equipoise.capture.roles import Verb
from equipoise.store.actions.enrol import enrol
from equipoise.store.protocol_read import read_leading
from equipoise.web.shell.access import page
from equipoise.web.shell.sight import hidden_from
from equipoise.web.shell.visitor import Visitor
from equipoise.web.work.grid import build_casebook, list_visit, plan_visits
from equipoise.web.work.one_subject import (
    head_of,
    helper_of,
    list_queries,
    list_recorded,
    next_visit,
    read_subject,
)
from equipoise.web.work.reader import arms_for, forms_for, sites_for, subjects_for
from equipoise.web.work.status import Status, with_open_queries, with_status
from equipoise.web.work.work_list import read_piles

PAGE_ROWS = 50


@page(Verb.READ_FORMS)
def work_page(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """What is to be done by the visitor's roles, pile by pile; one pile is open."""
    subjects = subjects_for(visitor)
    site = request.GET.get("site", "")
    if site:
        subjects = subjects.filter(site=site)
    piles = read_piles(visitor, subjects=subjects, now=datetime.now(UTC))
    asked = request.GET.get("list", "")
    chosen = next((p for p in piles if p.name == asked), None)
    chosen = chosen or next((p for p in piles if p.count), piles[0])
    context = {
        "piles": piles,
        "pile": chosen,
        "rows": Paginator(chosen.rows, PAGE_ROWS).get_page(request.GET.get("page")),
        "site": site,
        "sites": sites_for(visitor),
        "asked": _query(request),
    }
    return render(request, "work/work_list.html", context)


@page(Verb.READ_FORMS)
def subjects_page(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The subjects of the visitor's sites, found by number, site and status."""
    forms = list(
        forms_for(visitor, read_leading(now=datetime.now(UTC)), verb=Verb.READ_FORMS, site="")
    )
    hidden = hidden_from(visitor)
    found = with_open_queries(with_status(subjects_for(visitor)), forms=forms, hidden=hidden)
    text, site, status = (request.GET.get(n, "").strip() for n in ("number", "site", "status"))
    if text:
        found = found.filter(number__contains=text[:40])
    if site:
        found = found.filter(site=site)
    if status in set(Status):
        found = found.filter(Q(status=status))
    arms = arms_for(visitor)
    rows = Paginator(found.order_by("number"), PAGE_ROWS).get_page(request.GET.get("page"))
    for row in rows:
        row.arm = (arms or {}).get(row.number, "")  # type: ignore[attr-defined]
    context = {
        "rows": rows,
        "sees_arms": arms is not None,
        "number": text,
        "site": site,
        "status": status,
        "statuses": list(Status),
        "sites": sites_for(visitor),
        "may_enrol": visitor.may(Verb.ENROL),
        "asked": _query(request),
    }
    return render(request, "work/subjects.html", context)


@page(Verb.ENROL, post=Verb.ENROL)
def enrol_page(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """A new subject in screening: the site gives its next number."""
    sites = sites_for(visitor, verb=Verb.ENROL)
    if request.method != "POST":
        return render(request, "work/enrol.html", {"sites": [s for s in sites if s.is_open]})
    site = request.POST.get("site", "")
    if site not in {each.code for each in sites}:
        message = _("Choose one of your sites.")
        context = {"sites": [s for s in sites if s.is_open], "wrong": message}
        return render(request, "work/enrol.html", context, status=422)
    number = str(enrol(site, deed=visitor.deed(request)).answer["subject"])
    messages.success(
        request,
        _("Enrolled: %(subject)s. Start with the forms of screening.") % {"subject": number},
    )
    return redirect("subject", subject=number)


@page(Verb.READ_FORMS)
def subject_page(request: HttpRequest, visitor: Visitor, *, subject: str) -> HttpResponse:
    """The schedule of a subject as a grid, what is open, and what is next."""
    one = read_subject(visitor, subject=subject)
    book = build_casebook(one)
    context = head_of(one) | {
        "book": book,
        "queries": list_queries(one),
        "recorded": list_recorded(one),
        "next": next_visit(book.planned, today=one.today),
        "tab": "schedule",
    }
    return render(request, "work/subject.html", context)


@page(Verb.READ_FORMS)
def visit_page(request: HttpRequest, visitor: Visitor, *, subject: str, visit: str) -> HttpResponse:
    """One visit of a subject: its window, and every entry of every form of it."""
    one = read_subject(visitor, subject=subject)
    planned = next((v for v in plan_visits(one) if v.visit.code == visit), None)
    if planned is None:
        raise Http404
    context = {
        "visit": planned,
        "forms": list_visit(one, planned),
        "tab": "schedule",
        "helper": helper_of(one, planned),
    }
    return render(request, "work/visit.html", head_of(one) | context)


def _query(request: HttpRequest) -> str:
    """What was asked, for the links to other pages of the list."""
    asked = request.GET.copy()
    asked.pop("page", None)
    return asked.urlencode()
