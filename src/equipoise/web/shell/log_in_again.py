"""What a request without a session is answered: a log-in that loses nothing typed."""

from typing import Any

from allauth.account.forms import LoginForm
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode

from equipoise.web.shell.kept import FIELD, Kept, fields_of, seal_kept
from equipoise.web.shell.session_end import ENDED


def ask_to_log_in(request: HttpRequest) -> HttpResponse:
    """A GET goes to the log-in and comes back; a POST waits in the log-in page; htmx gets a notice.

    The notice leaves the page as it is: the log-in opens beside it, and what was typed stays.
    """
    if request.headers.get("HX-Request"):
        response = render(request, "shell/session_ended_fragment.html", status=401)
        response["HX-Retarget"] = "#notices"
        response["HX-Reswap"] = "innerHTML show:top"
        return response
    if request.method != "POST":
        query = urlencode({"next": request.get_full_path()})
        return redirect(f"{reverse('account_login')}?{query}")
    return render(request, "account/login.html", _waiting(request), status=401)


def _waiting(request: HttpRequest) -> dict[str, Any]:
    owner = request.session.get(ENDED, "")
    kept = Kept(path=request.get_full_path(), fields=fields_of(request), owner=owner)
    return {
        "form": LoginForm(request=request, initial={"login": owner}),
        FIELD: seal_kept(kept),
        "ended": owner,
        "idle_minutes": settings.SESSION_IDLE_SECONDS // 60,
        "redirect_field_value": reverse("resume"),
        "had_files": bool(request.FILES),
    }
