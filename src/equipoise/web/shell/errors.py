"""Pages for what goes wrong before or beside a view: each says what to do."""

from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader
from django.urls import reverse
from django.utils.translation import gettext as _

from equipoise.web.shell.kept import Kept, fields_of, tell_typed
from equipoise.web.shell.refusals import render_stop


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """400: what the browser sent cannot be read."""
    return render_stop(
        request, status=400, lines=[_("What the browser sent could not be read: try again.")]
    )


def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """403 without a verb."""
    return render_stop(
        request, status=403, lines=[_("This is not for your role: ask the administrator.")]
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """404: nothing there, or nothing at a site of yours."""
    lines = [
        _("There is no such page, or it belongs to a site that is not yours."),
        _("Check the address, or start from the first page."),
    ]
    return render_stop(request, status=404, lines=lines)


def server_error(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """500: told without database and session, as these may be what is broken."""
    return HttpResponse(loader.render_to_string("shell/500.html"), status=500)


def page_too_old(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    """403 for a token that is missing or forged; sent by a page of ours, it may be sent again.

    A page opened before a log-in in another window carries an old token. The browser tells in
    Origin which site sent the form, and no other site can forge that: then what was typed waits
    for one more click. From anywhere else nothing is offered.
    """
    if not _came_from_here(request):
        told = [
            _("The request did not come from a page of this site and was not carried out."),
            _("Open the page here and send it again; if this comes back, allow cookies."),
        ]
        return render_stop(request, status=403, lines=told)
    if request.path == reverse("account_login"):
        lines = [_("This log-in page was too old: open it again.")]
        return render_stop(request, status=403, lines=lines)
    kept = Kept(path=request.get_full_path(), fields=fields_of(request))
    return render(
        request,
        "shell/send_again.html",
        {"kept": kept, "typed": tell_typed(kept.fields), "is_old": True},
        status=403,
    )


def _came_from_here(request: HttpRequest) -> bool:
    origin = urlsplit(request.headers.get("Origin", ""))
    return origin.netloc == request.get_host() and origin.scheme == request.scheme
