"""Queries: the list with ages by site, one with all that was said, and the deeds on it."""

from datetime import UTC, datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from equipoise.capture.queries import LIFE, QueryState
from equipoise.capture.roles import Verb
from equipoise.store.actions.query import (
    Question,
    answer_query,
    close_query,
    open_query,
    reopen_query,
)
from equipoise.store.entry_place import EntryPlace, find_entry
from equipoise.store.models import Query
from equipoise.store.read_queries import (
    Wanted,
    count_ages,
    list_queries,
    place_of_query,
    read_said,
)
from equipoise.store.read_telling import queries_in
from equipoise.web.queries.words import form_titles, require_text, tell_entry
from equipoise.web.shell.access import page
from equipoise.web.shell.places import entry_address
from equipoise.web.shell.sight import hidden_from, require_form, sight_of
from equipoise.web.shell.visitor import Visitor

_MOST = 300  # rows of a page
_DEEDS = (Verb.ANSWER_QUERY, Verb.CLOSE_QUERY, Verb.REOPEN_QUERY)


@page(Verb.READ_FORMS)
def queries(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The queries that were asked for, the oldest first, and how old those of each site are."""
    asked = {name: request.GET.get(name, "").strip() for name in ("site", "subject", "form", "by")}
    wanted = Wanted(state=request.GET.get("state", "live"), **asked)
    sight = sight_of(visitor, verb=Verb.READ_FORMS)
    listed = list_queries(wanted, sight=sight, now=datetime.now(UTC))
    titles = form_titles()
    context = {
        "rows": [tell_entry(each, titles=titles) for each in listed[:_MOST]],
        "count": len(listed),
        "ages": count_ages(listed),
        "wanted": wanted,
        "states": list(QueryState),
        "forms": sorted((titles[name], name) for name in titles if name not in sight.hidden.forms),
        "may_ask": visitor.may(Verb.OPEN_QUERY),
        "may_ask_all": visitor.sites(Verb.OPEN_QUERY) is None,
    }
    return render(request, "queries/queries.html", context)


@page(Verb.READ_FORMS)
def query(request: HttpRequest, visitor: Visitor, *, number: int) -> HttpResponse:
    """A query, all that was said in it, and what the visitor may do now."""
    return _draw(request, visitor, _find(visitor, number, verb=Verb.READ_FORMS))


@page(Verb.READ_FORMS, post=Verb.ANSWER_QUERY)
def query_answer(request: HttpRequest, visitor: Visitor, *, number: int) -> HttpResponse:
    """The query answered by the site."""
    if request.method == "POST":
        _find(visitor, number, verb=Verb.ANSWER_QUERY)
        answer_query(number, text=require_text(request), deed=visitor.deed(request))
    return redirect("query", number=number)


@page(Verb.READ_FORMS, post=Verb.CLOSE_QUERY)
def query_close(request: HttpRequest, visitor: Visitor, *, number: int) -> HttpResponse:
    """The query closed by who may ask."""
    if request.method == "POST":
        _find(visitor, number, verb=Verb.CLOSE_QUERY)
        close_query(number, deed=visitor.deed(request))
    return redirect("query", number=number)


@page(Verb.READ_FORMS, post=Verb.REOPEN_QUERY)
def query_reopen(request: HttpRequest, visitor: Visitor, *, number: int) -> HttpResponse:
    """The query asked again, with what is still open."""
    if request.method == "POST":
        _find(visitor, number, verb=Verb.REOPEN_QUERY)
        reopen_query(number, text=require_text(request), deed=visitor.deed(request))
    return redirect("query", number=number)


@page(Verb.OPEN_QUERY, post=Verb.OPEN_QUERY)
def query_open(
    request: HttpRequest, visitor: Visitor, *, subject: str, form: str, key: str = ""
) -> HttpResponse:
    """A new query on an entry, or on one item of it."""
    place = EntryPlace(subject=subject, form=form, key=tuple(key.split(".")) if key else ())
    if find_entry(place) is None:
        raise Http404
    told = require_form(visitor, verb=Verb.OPEN_QUERY, subject=subject, form=form)
    item = (request.POST if request.method == "POST" else request.GET).get("item", "")
    if item and item not in {each.name for each in told.item}:
        raise Http404
    if request.method == "POST":
        question = Question(place=place, item=item, text=require_text(request))
        done = open_query(question, deed=visitor.deed(request))
        return redirect("query", number=done.answer["query"])
    context = {"place": place, "form": told, "item": item, "back": entry_address(*place.row_key)}
    return render(request, "queries/query_open.html", context)


def _find(visitor: Visitor, number: int, *, verb: Verb) -> Query:
    """The query, where the visitor may do this on its form; else there is none for him."""
    seen = Query.objects.exclude(queries_in(hidden_from(visitor))).select_related("subject")
    found = seen.filter(number=number).first()
    if found is None:
        raise Http404
    require_form(visitor, verb=Verb.READ_FORMS, subject=found.subject_id, form=found.form)
    if verb is not Verb.READ_FORMS and not visitor.may(verb, site=found.subject.site_id):
        raise Http404
    return found


def _draw(request: HttpRequest, visitor: Visitor, found: Query) -> HttpResponse:
    place = place_of_query(found)
    form = require_form(visitor, verb=Verb.READ_FORMS, subject=place.subject, form=place.form)
    row = find_entry(place)
    item = next((each for each in form.item if each.name == found.item), None)
    context: dict[str, Any] = {
        "query": found,
        "form": form,
        "item": item,
        "value": row.values.get(found.item, "") if row else "",
        "place": place,
        "said": list(read_said(found)),
        "entry_address": entry_address(*place.row_key),
        "deeds": {
            verb.value
            for verb in _DEEDS
            if (QueryState(found.state), verb) in LIFE
            and visitor.may(verb, site=found.subject.site_id, form=form)
        },
    }
    return render(request, "queries/query.html", context)
