"""A second factor for everybody, where the site requires it."""

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from equipoise.web.shell.refusals import render_stop


def lacks_second_factor(request: HttpRequest) -> bool:
    """Whether the site requires one and the visitor has none: then he sees no page but the door."""
    return settings.SECOND_FACTOR == "required" and not is_mfa_enabled(request.user)


def ask_for_second_factor(request: HttpRequest) -> HttpResponse:
    """A GET goes to where it is set up; what was sent is not done, and stands on the page."""
    told = _("This site asks everybody for a second factor: set yours up to go on.")
    if request.method in {"GET", "HEAD"} and not request.headers.get("HX-Request"):
        messages.info(request, told)
        return redirect("mfa_activate_totp")
    return render_stop(request, status=403, lines=[told])
