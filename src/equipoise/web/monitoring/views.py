"""How the trial runs, on one page that prints."""

from datetime import UTC, datetime
from functools import partial

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from equipoise.capture.roles import Verb
from equipoise.store.ledger import read_head
from equipoise.store.models import Subject
from equipoise.store.protocol_read import read_leading
from equipoise.store.read_queries import Wanted, count_ages, list_queries
from equipoise.web.monitoring.accrual import list_months, list_sites, planned_by, read_days
from equipoise.web.monitoring.events import list_events
from equipoise.web.monitoring.forms_owed import TIMELY_DAYS, list_owed, list_timely
from equipoise.web.monitoring.outlook import build_outlook
from equipoise.web.monitoring.seen import read_seen
from equipoise.web.shell.access import page
from equipoise.web.shell.sight import may_see_arms, sight_of
from equipoise.web.shell.visitor import Visitor
from equipoise.web.work.reader import sites_for


@page(Verb.READ_MONITORING)
def monitoring(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Accrual, queries, forms, events and timeliness of the visitor's sites; never an arm."""
    now = datetime.now(UTC)
    protocol = read_leading(now=now)
    sight = sight_of(visitor, verb=Verb.READ_MONITORING)
    sites = sites_for(visitor, verb=Verb.READ_MONITORING)
    subjects = Subject.objects.filter(site__in=sites)
    hidden = sight.hidden
    by_site, head = read_days(subjects, sites=sites), read_head()
    days = [day for own in by_site.values() for day in own]
    seen = partial(read_seen, subjects, days=by_site, hidden=hidden, protocol=protocol)
    context = {
        "now": now,
        "head": head,
        "is_whole": sight.sites is None,
        "sites": list_sites(subjects, sites=sites),
        "months": list_months(days, protocol=protocol, now=now),
        "randomised": len(days),
        "planned": protocol.randomisation.planned_subjects,
        "expected": planned_by(now.date(), protocol=protocol, first_date=min(days)) if days else 0,
        "outlook": sight.sites is None
        and build_outlook(seen(today=now.date()), protocol=protocol, seed=head.number),
        "ages": count_ages(list_queries(Wanted(), sight=sight, now=now)),
        "owed": list_owed(subjects, hidden=hidden, now=now),
        "events": list_events(subjects, hidden=hidden),
        "timely": list_timely(subjects, sites=sites, hidden=hidden, now=now),
        "timely_days": TIMELY_DAYS,
        "tells_arms": may_see_arms(visitor),
    }
    return render(request, "monitoring/monitoring.html", context)
