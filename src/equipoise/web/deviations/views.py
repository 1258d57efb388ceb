"""Deviations: the list with counts by site, one recorded by hand, one classified."""

from datetime import UTC, datetime

from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from equipoise.capture.deviations import Weight
from equipoise.capture.roles import Verb
from equipoise.store.actions.classify_deviation import classify_deviation
from equipoise.store.actions.record_deviation import record_deviation
from equipoise.store.models import Deviation, Subject
from equipoise.store.protocol_read import read_leading, read_protocol_at
from equipoise.store.site_day import site_of
from equipoise.web.deviations.typed import kinds_of, read_action, read_departure, read_weight
from equipoise.web.shell.access import page
from equipoise.web.shell.visitor import Visitor
from equipoise.web.work.reader import arms_for, sites_for, subjects_for

_ROWS = 100  # of a page


@page(Verb.READ_FORMS)
def deviations(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The deviations at the visitor's sites, by subject, and how many there are at each."""
    rows = _deviations_for(visitor)
    asked = {name: request.GET.get(name, "").strip() for name in ("site", "subject", "severity")}
    if asked["site"]:
        rows = rows.filter(subject__site=asked["site"])
    if asked["subject"]:
        rows = rows.filter(subject=asked["subject"])
    if asked["severity"] in set(Weight):
        rows = rows.filter(severity=asked["severity"])
    shown = Paginator(rows.order_by("subject", "number"), _ROWS).get_page(request.GET.get("page"))
    of_whom = subjects_for(visitor).filter(number=asked["subject"]).first()
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "rows": shown,
        "counts": _count_by_site(rows),
        "wanted": asked,
        "weights": list(Weight),
        "sites": sites_for(visitor),
        "kinds": kinds_of(read_leading(now=datetime.now(UTC))),
        "asked": query.urlencode(),
        "record_for": of_whom if of_whom and _may_record(visitor, of_whom) else None,
    }
    return render(request, "deviations/deviations.html", context)


@page(Verb.READ_FORMS, post=Verb.RECORD_DEVIATION)
def deviation(request: HttpRequest, visitor: Visitor, *, number: int) -> HttpResponse:
    """One deviation; sent, it is classified."""
    row = _deviations_for(visitor).filter(number=number).first()
    if row is None or (request.method == "POST" and not _may_record(visitor, row.subject)):
        raise Http404
    if request.method == "POST":
        weight, action = read_weight(request), read_action(request)
        classify_deviation(number, severity=weight, action=action, deed=visitor.deed(request))
        return redirect("deviation", number=number)
    context = {
        "row": row,
        "kinds": kinds_of(read_leading(now=datetime.now(UTC))),
        "weights": list(Weight),
        "may_record": _may_record(visitor, row.subject),
    }
    return render(request, "deviations/deviation.html", context)


@page(Verb.RECORD_DEVIATION, post=Verb.RECORD_DEVIATION)
def deviation_new(request: HttpRequest, visitor: Visitor, *, subject: str) -> HttpResponse:
    """A deviation recorded by hand."""
    kinds = kinds_of(read_protocol_at(site_of(subject), now=datetime.now(UTC)))
    if request.method == "POST":
        departure = read_departure(request, subject=subject, kinds=kinds)
        done = record_deviation(departure, deed=visitor.deed(request))
        return redirect("deviation", number=done.answer["deviation"])
    context = {"subject": subject, "kinds": kinds, "weights": list(Weight)}
    return render(request, "deviations/deviation_new.html", context)


def _deviations_for(visitor: Visitor) -> QuerySet[Deviation]:
    """The deviations at the visitor's sites; for who may not know arms there are none (404).

    Their words may tell an arm, so that reading them is noted as reading arms.
    """
    if arms_for(visitor) is None:
        raise Http404
    return Deviation.objects.select_related("subject").filter(subject__in=subjects_for(visitor))


def _may_record(visitor: Visitor, subject: Subject) -> bool:
    return visitor.may(Verb.RECORD_DEVIATION, site=subject.site_id)


def _count_by_site(rows: QuerySet[Deviation]) -> list[dict[str, object]]:
    """How many stand at each site, by weight, and how many are seen no more."""
    stands = Q(gone_date=None)
    counts = {each.value: Count("pk", filter=stands & Q(severity=each)) for each in Weight}
    by_site = rows.values("subject__site").order_by("subject__site")
    return [dict(each) for each in by_site.annotate(**counts, gone=Count("pk", filter=~stands))]
