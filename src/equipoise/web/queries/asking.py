"""What the data leave open over the whole trial: shown first, then asked as queries."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from equipoise.capture.queries import QueryDeed
from equipoise.capture.roles import Verb
from equipoise.store.actions.ask_questions import ask_questions
from equipoise.store.actions.record_seen_deviations import count_turns, record_seen_deviations
from equipoise.store.deed import Deed
from equipoise.store.read_deviations import count_changes, read_deviation_changes
from equipoise.store.read_questions import read_questions
from equipoise.store.refusals import NotAllowedError
from equipoise.web.queries.words import form_titles
from equipoise.web.shell.access import page
from equipoise.web.shell.places import entry_address
from equipoise.web.shell.visitor import Visitor

_MOST = 300  # rows of a page


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question that would be asked, asked again or closed, with the page of its entry."""

    deed: QueryDeed
    title: str
    address: str


@page(Verb.OPEN_QUERY, post=Verb.OPEN_QUERY)
def queries_ask(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """What the program would ask now; sent, it is asked."""
    if visitor.sites(Verb.OPEN_QUERY) is not None:
        raise NotAllowedError(
            _("The program asks over all sites: this is for who may ask at all of them.")
        )
    if request.method == "POST":
        _ask_and_record(request, visitor.deed(request))
        return redirect("queries")
    deeds = read_questions()
    counts = Counter(deed.verb for deed in deeds)
    noted = count_changes(read_deviation_changes(now=datetime.now(UTC)))
    titles = form_titles()
    context = {
        "rows": [tell_asked(deed, titles=titles) for deed in deeds[:_MOST]],
        "count": len(deeds),
        "opened": counts[Verb.OPEN_QUERY],
        "reopened": counts[Verb.REOPEN_QUERY],
        "closed": counts[Verb.CLOSE_QUERY],
        "deviations": noted,
        "is_anything": bool(deeds) or any(noted.values()),
    }
    return render(request, "queries/asking.html", context)


def _ask_and_record(request: HttpRequest, deed: Deed) -> None:
    """The program asks its queries and records its deviations; the person is told how many."""
    done = ask_questions(deed=deed)
    count = sum(int(str(each.answer["queries"])) for each in done)
    told = _("The program opened, reopened or closed %(count)d queries.")
    messages.success(request, told % {"count": count})
    noted = count_turns(record_seen_deviations(deed=deed))
    told = _("Deviations: %(recorded)d recorded, %(changed)d changed, %(gone)d seen no more.")
    messages.success(request, told % noted)


def tell_asked(deed: QueryDeed, *, titles: dict[str, str]) -> Asked:
    """A row of the list."""
    subject, form, *key = deed.key.entry.split("/")
    return Asked(
        deed=deed,
        title=" · ".join((titles.get(form, form), *key)),
        address=entry_address(subject, form, *key),
    )
