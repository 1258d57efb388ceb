"""What was refused, as a page or a fragment that says what to do."""

import re
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from equipoise.capture import lifecycle, queries
from equipoise.capture.roles import Role, Verb, may
from equipoise.protocol.parse import ProtocolRefusedError
from equipoise.store import refusals
from equipoise.web.shell.kept import fields_of, tell_typed
from equipoise.web.shell.tags import in_words

REFUSALS = (
    refusals.RefusedError,
    lifecycle.WrongStateError,
    queries.WrongQueryStateError,
    ProtocolRefusedError,
)
_STATUS: tuple[tuple[type[Exception], int], ...] = (
    (refusals.NotAllowedError, 403),
    (refusals.UnknownError, 404),
    (refusals.StaleVersionError, 409),
    (refusals.AlreadyRandomisedError, 409),
    (refusals.RequestReusedError, 409),
    (refusals.ClosedError, 409),
    (queries.WrongQueryStateError, 409),
    (refusals.TakenError, 409),
    (lifecycle.WrongStateError, 409),
)


def status_of(refusal: Exception) -> int:
    """403, 404, 409 (somebody or something came between) or 422 (what was sent cannot be done)."""
    return next((status for kind, status in _STATUS if isinstance(refusal, kind)), 422)


def kind_of(refusal: type[Exception]) -> str:
    """The kind of a refusal as the catalogue has it: `refused: stale version`."""
    words = re.sub(r"(?<!^)(?=[A-Z])", " ", refusal.__name__.removesuffix("Error"))
    return f"refused: {words.lower()}"


def lines_of(refusal: Exception) -> list[str]:
    """The refusal in its own words; ahead of them its kind, for who reads another language."""
    kind = kind_of(type(refusal))
    told = _(kind)
    return [*([] if told == kind else [told]), *str(refusal).splitlines()]


def render_refusal(request: HttpRequest, *, refusal: Exception) -> HttpResponse:
    """The refusal in its own words; what was typed stands below, so that nothing is lost."""
    return render_stop(request, status=status_of(refusal), lines=lines_of(refusal))


def render_not_allowed(request: HttpRequest, *, verb: Verb) -> HttpResponse:
    """Who may do what this visitor may not."""
    who = ", ".join(in_words(role.value) for role in Role if may(role, verb=verb))
    told = [
        _("Your role may not do this (%(deed)s).") % {"deed": in_words(verb.value)},
        _("These roles may: %(roles)s.") % {"roles": who or _("nobody through the site")},
        _("If one of them is yours, choose it at the top right or ask the administrator for it."),
    ]
    return render_stop(request, status=403, lines=told)


def _host_of(request: HttpRequest) -> str:
    """The host as it was asked for, allowed or not: to be compared only."""
    return str(request.headers.get("Host") or request.META["SERVER_NAME"])


def _page_before(request: HttpRequest) -> str:
    """The page of ours that led here; empty where the browser does not say."""
    told = urlsplit(request.headers.get("Referer", ""))
    address = told.path + (f"?{told.query}" if told.query else "")
    is_ours = told.netloc == _host_of(request) and address != request.get_full_path()
    return address if is_ours and url_has_allowed_host_and_scheme(address, None) else ""


def render_stop(request: HttpRequest, *, status: int, lines: list[str]) -> HttpResponse:
    """A page for a request that was not carried out; a fragment where htmx asked."""
    is_fragment = bool(request.headers.get("HX-Request"))
    template = "shell/stop_fragment.html" if is_fragment else "shell/stop.html"
    context = {"status": status, "lines": lines, "typed": tell_typed(fields_of(request))}
    context["back"] = _page_before(request)
    response = render(request, template, context, status=status)
    if is_fragment:
        response["HX-Retarget"] = "#notices"
        response["HX-Reswap"] = "innerHTML show:top"
    return response
