"""The one decorator of pages: who may, at which site, and what becomes of a refusal."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseNotAllowed
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from equipoise.capture.roles import Verb
from equipoise.protocol.form_model import Form
from equipoise.store.models import Site, Subject
from equipoise.store.protocol_read import read_form
from equipoise.store.refusals import TextRefusedError, UnknownError
from equipoise.web.shell.kept import forget_kept
from equipoise.web.shell.log_in_again import ask_to_log_in
from equipoise.web.shell.refusals import REFUSALS, render_not_allowed, render_refusal
from equipoise.web.shell.second_factor import ask_for_second_factor, lacks_second_factor
from equipoise.web.shell.sight import hidden_from
from equipoise.web.shell.visitor import Visitor, find_visitor

View = Callable[..., HttpResponseBase]


class Anyone(Enum):
    """What needs no role, only an account."""

    ANYONE = "anyone"


ANYONE = Anyone.ANYONE
Needed = Verb | Anyone


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What a page needs to be read, and what to be sent; None where it cannot be sent."""

    get: Needed
    post: Needed | None


def page(verb: Needed, *, post: Needed | None = None) -> Callable[[View], View]:
    """Makes a view `(request, visitor, **place)` a page that needs `verb`, and `post` for a POST.

    Of the place in the address, `subject`, `site` and `form` are held against the roles: what is
    not at a site of the visitor is not found (404), nor is what would tell him the arm: a form, or
    by its `key` an entry of one.
    Whoever may not at all reads who may (403). Without a session a POST is kept through the
    log-in. What an action refuses becomes a page or a fragment that says what to do.
    """
    rule = Rule(get=verb, post=post)

    def wrap(view: View) -> View:
        @wraps(view)
        def answer(request: HttpRequest, **place: Any) -> HttpResponseBase:
            return _answer(view, request=request, rule=rule, place=place)

        guarded: View = never_cache(answer)
        guarded.rule = rule  # type: ignore[attr-defined]  # the walk of all pages reads it
        return guarded

    return wrap


def _answer(
    view: View, *, request: HttpRequest, rule: Rule, place: dict[str, Any]
) -> HttpResponseBase:
    is_read = request.method in {"GET", "HEAD"}
    needed = rule.get if is_read else rule.post
    if needed is None or not (is_read or request.method == "POST"):
        return HttpResponseNotAllowed(["GET", "POST"] if rule.post else ["GET"])
    visitor = find_visitor(request)
    if visitor is None or lacks_second_factor(request):
        return ask_to_log_in(request) if visitor is None else ask_for_second_factor(request)
    if _holds_nul(request, place):
        return render_refusal(request, refusal=TextRefusedError(_("A text holds a NUL: mend it.")))
    request.visitor = visitor  # type: ignore[attr-defined]  # for the frame of the page
    with timezone.override(visitor.zone):
        if isinstance(needed, Verb) and not _may_here(visitor, verb=needed, place=place):
            return render_not_allowed(request, verb=needed)
        try:
            response = view(request, visitor, **place)
        except REFUSALS as refusal:
            return render_refusal(request, refusal=refusal)
    if not is_read:
        forget_kept(request)
    return response


def _holds_nul(request: HttpRequest, place: dict[str, Any]) -> bool:
    """Whether a text holds what PostgreSQL cannot keep; no page of ours sends it."""
    lists = [*request.GET.lists(), *request.POST.lists(), ("", [str(v) for v in place.values()])]
    return any("\0" in text for name, values in lists for text in (name, *values))


def _may_here(visitor: Visitor, *, verb: Verb, place: dict[str, Any]) -> bool:
    """Whether the visitor may do this here; Http404 where the place is not for his eyes."""
    if not visitor.may(verb):
        return False
    site = _site_of(place)
    form = _form_of(place, site=site)
    key = tuple(place.get("key", "").split("."))
    if form is not None and hidden_from(visitor).has_entry(form.form, key=key):
        raise Http404
    if not visitor.may(verb, site=site):
        raise Http404
    return visitor.may(verb, site=site, form=form)


def _site_of(place: dict[str, Any]) -> str:
    if "subject" in place:
        subject = Subject.objects.filter(number=place["subject"]).first()
        site = subject.site_id if subject else ""
    elif "site" in place:
        site = place["site"] if Site.objects.filter(code=place["site"]).exists() else ""
    else:
        return ""
    if not site:
        raise Http404
    return str(site)


def _form_of(place: dict[str, Any], *, site: str) -> Form | None:
    if "form" not in place or not site:
        return None
    try:
        return read_form(place["form"], site=site, now=datetime.now(UTC))
    except UnknownError as unknown:
        raise Http404 from unknown
