"""The ledger: its lines by subject, verb, person and day; exported; verified against a digest."""

from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from equipoise.capture.roles import Verb
from equipoise.store.ledger import read_head
from equipoise.store.read_ledger import (
    LedgerSight,
    LinesWanted,
    select_lines,
    tell_row,
    tell_rows,
)
from equipoise.store.refusals import RefusedError
from equipoise.store.verify import verify_trial
from equipoise.web.ledger.export import export_csv, export_jsonl
from equipoise.web.ledger.line_words import tell_words
from equipoise.web.shell.access import page
from equipoise.web.shell.sight import hidden_from, may_see_arms
from equipoise.web.shell.visitor import Visitor
from equipoise.web.work.reader import arms_for

_PAGE = 50
_MOST_FINDINGS = 200


@page(Verb.READ_LEDGER)
def ledger(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Fifty lines of those asked for, the newest first, each with its changes."""
    sight = _look(visitor)
    wanted = read_wanted(request.GET)
    pages = Paginator(select_lines(wanted, sight=sight), _PAGE)
    shown = pages.get_page(request.GET.get("page"))
    asked = request.GET.copy()
    asked.pop("page", None)
    context = {
        "lines": [tell_words(tell_row(row, sight=sight)) for row in shown],
        "rows": shown,
        "count": pages.count,
        "wanted": wanted,
        "asked": asked.urlencode(),
        "verbs": list(Verb),
        "head": read_head(),
        "is_of_sites": sight.sites is not None,
    }
    return render(request, "ledger/ledger.html", context)


def _look(visitor: Visitor) -> LedgerSight:
    """What the visitor sees; that he may read arms here is noted in the ledger once a day."""
    with_arms = may_see_arms(visitor)
    if with_arms:
        arms_for(visitor)
    return LedgerSight(
        sites=visitor.sites(Verb.READ_LEDGER),
        hidden=None if with_arms else hidden_from(visitor),
        with_texts=visitor.may(Verb.READ_SEQUENCE),
        zone=visitor.zone,
    )


def read_wanted(asked: QueryDict) -> LinesWanted:
    """The lines that the request asks for; RefusedError for a day that is none."""
    return LinesWanted(
        subject=asked.get("subject", "").strip(),
        verb=asked.get("verb", "").strip(),
        actor=asked.get("actor", "").strip(),
        from_date=read_day(asked.get("from_date", "")),
        to_date=read_day(asked.get("to_date", "")),
    )


def read_day(text: str) -> date | None:
    """A day, None where nothing was typed; RefusedError for anything else."""
    try:
        return date.fromisoformat(text.strip()) if text.strip() else None
    except ValueError as wrong:
        told = _("“%(text)s” is no day: write it as 2026-03-31.") % {"text": text[:40]}
        raise RefusedError(told) from wrong


@page(Verb.READ_LEDGER, post=Verb.READ_LEDGER)
def ledger_verify(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The whole ledger replayed and held against the tables, and against a digest noted before."""
    context: dict[str, Any] = {"head": read_head(), "digest": ""}
    if request.method == "POST":
        digest = request.POST.get("digest", "").strip().lower()
        verified = verify_trial(head=digest)
        sees_all = visitor.sites(Verb.READ_LEDGER) is None
        context |= {
            "digest": digest,
            "verified": verified,
            "findings": verified.findings[:_MOST_FINDINGS] if sees_all else (),
        }
    return render(request, "ledger/verify.html", context)


@page(Verb.READ_LEDGER)
def ledger_csv(request: HttpRequest, visitor: Visitor) -> StreamingHttpResponse:
    """The lines asked for as CSV."""
    return _export(request, visitor, kind="csv")


@page(Verb.READ_LEDGER)
def ledger_jsonl(request: HttpRequest, visitor: Visitor) -> StreamingHttpResponse:
    """The lines asked for as JSON lines."""
    return _export(request, visitor, kind="jsonl")


def _export(request: HttpRequest, visitor: Visitor, *, kind: str) -> StreamingHttpResponse:
    """A file named after the head of the ledger that it was taken at, oldest line first."""
    sight = _look(visitor)
    head = read_head()
    rows = select_lines(read_wanted(request.GET), sight=sight).filter(number__lte=head.number)
    lines = tell_rows(rows.order_by("number"), sight=sight)
    made, mime = (export_csv, "text/csv") if kind == "csv" else (export_jsonl, "application/jsonl")
    answer = StreamingHttpResponse(made(lines), content_type=f"{mime}; charset=utf-8")
    name = f"ledger-{head.number}-{head.digest}.{kind}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
