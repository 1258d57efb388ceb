"""Lesions with their responses, the helper of a scan, SBRT, adverse events, the time line."""

from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe

from equipoise.capture.roles import Verb
from equipoise.capture.schedule import PlannedVisit
from equipoise.web.lesions.derived import read_derived
from equipoise.web.lesions.events import list_events
from equipoise.web.lesions.happenings import list_happenings
from equipoise.web.lesions.response_table import build_response_table
from equipoise.web.lesions.sbrt import list_lesion_doses
from equipoise.web.lesions.scan_check import FORM, Typed, check_scan, read_lesions
from equipoise.web.shell.access import page
from equipoise.web.shell.places import entry_address
from equipoise.web.shell.visitor import Visitor
from equipoise.web.work.grid import OneSubject, plan_visits
from equipoise.web.work.one_subject import head_of, read_subject


@page(Verb.READ_FORMS)
def lesions_page(request: HttpRequest, visitor: Visitor, *, subject: str) -> HttpResponse:
    """The lesions by assessment, sums, nadir, responses derived and entered, and a figure."""
    one = read_subject(visitor, subject=subject)
    derived = read_derived(one)
    story = derived.story
    context = {
        "tab": "lesions",
        "table": build_response_table(story, investigator=derived.investigator) if story else None,
        "figure": mark_safe(derived.sums),  # noqa: S308 - drawn here, every word escaped
        "scans": _scans(one),
    }
    return render(request, "lesions/lesions.html", head_of(one) | context)


@page(Verb.READ_FORMS)
def timeline_page(request: HttpRequest, visitor: Visitor, *, subject: str) -> HttpResponse:
    """The time line of the subject as a figure and in words."""
    one = read_subject(visitor, subject=subject)
    derived = read_derived(one)
    context = {
        "tab": "timeline",
        "figure": mark_safe(derived.timeline),  # noqa: S308 - drawn here, every word escaped
        "happenings": list_happenings(derived.story) if derived.story else [],
    }
    return render(request, "lesions/timeline.html", head_of(one) | context)


@page(Verb.READ_FORMS)
def scan_page(request: HttpRequest, visitor: Visitor, *, subject: str, visit: str) -> HttpResponse:
    """The helper of a scan: sizes typed, what they come to; nothing is saved."""
    one = read_subject(visitor, subject=subject)
    planned = next((each for each in _scans(one) if each.visit.code == visit), None)
    if planned is None:
        raise Http404
    on = _day_of(request, one, planned)
    lesions = read_lesions(one, visit=visit, typed=_read_typed(request), on=on)
    context = {
        "tab": "lesions",
        "visit": planned,
        "on": on,
        "lesions": lesions,
        "statuses": one.protocol.code_list.get("lesion_status", {}),
        "check": check_scan(one, visit=visit, lesions=lesions, on=on),
        "entry": entry_address(subject, FORM) if FORM in one.sight.enters else "",
    }
    part = "lesions/scan_told.html" if request.headers.get("HX-Request") else "lesions/scan.html"
    return render(request, part, head_of(one) | context)


@page(Verb.READ_FORMS)
def sbrt_page(
    request: HttpRequest,
    visitor: Visitor,
    *,
    subject: str,
    form: str,  # noqa: ARG001
) -> HttpResponse:
    """SBRT by lesion: prescribed, given, gaps, doses to organs against their limits."""
    one = read_subject(visitor, subject=subject)
    context = {"tab": "sbrt", "lesions": list_lesion_doses(read_derived(one))}
    return render(request, "lesions/sbrt.html", head_of(one) | context)


@page(Verb.READ_FORMS)
def events_page(request: HttpRequest, visitor: Visitor, *, subject: str, form: str) -> HttpResponse:
    """The adverse events of the subject."""
    one = read_subject(visitor, subject=subject)
    rows = list_events(read_derived(one).frames, one.protocol, subject=subject)
    new = entry_address(subject, form) if form in one.sight.enters else ""
    return render(
        request, "lesions/events.html", head_of(one) | {"tab": "events", "rows": rows, "new": new}
    )


def _scans(one: OneSubject) -> list[PlannedVisit]:
    """The visits at which lesions are measured again."""
    return [v for v in plan_visits(one) if FORM in v.visit.form and FORM in one.sight.reads]


def _day_of(request: HttpRequest, one: OneSubject, planned: PlannedVisit) -> date:
    """The day of the scan: as typed, as entered, as planned, else today."""
    try:
        return date.fromisoformat(request.GET.get("scan_date", ""))
    except ValueError:
        own = [h.entry for h in one.held if h.entry.form == FORM]
        days = [e.values.get("scan_date") for e in own if e.key[:1] == (planned.visit.code,)]
        known = [day for day in days if isinstance(day, date)]
        return min(known, default=planned.window.planned_date if planned.window else one.today)


def _read_typed(request: HttpRequest) -> dict[str, Typed] | None:
    """What was typed by lesion; None when the page is opened."""
    asked: Any = request.GET
    if "typed" not in asked:
        return None
    names = {name.partition(".")[2] for name in asked if name.startswith(("status.", "mm."))}
    return {
        name: Typed(
            status=asked.get(f"status.{name}", "")[:40], mm=asked.get(f"mm.{name}", "").strip()[:20]
        )
        for name in names
    }
