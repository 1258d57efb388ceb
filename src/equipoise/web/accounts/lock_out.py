"""The page of a locked log-in: until when, and what to do meanwhile."""

from typing import Any

from axes.helpers import get_client_ip_address
from axes.models import AccessAttempt
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from equipoise.store.access_log import Access
from equipoise.web.shell.access_record import record
from equipoise.web.shell.kept import FIELD


def typed_username(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """The user name that a try counts for, however it was written."""
    typed = (credentials or {}).get("username") or request.POST.get("login", "")
    return str(typed).strip().lower()


def lock_out_page(
    request: HttpRequest, _response: HttpResponse | None, credentials: dict[str, Any] | None
) -> HttpResponse:
    """Until when the log-in is locked; what was typed before waits on."""
    username = typed_username(request, credentials)
    record(Access.LOCK_OUT, username=username, request=request)
    tries = AccessAttempt.objects.filter(
        username=username, ip_address=get_client_ip_address(request)
    )
    last = tries.order_by("-attempt_time").values_list("attempt_time", flat=True).first()
    context = {
        "until": last + settings.AXES_COOLOFF_TIME if last else None,
        "limit": settings.AXES_FAILURE_LIMIT,
        "minutes": int(settings.AXES_COOLOFF_TIME.total_seconds() // 60),
        FIELD: request.POST.get(FIELD, ""),
        "redirect_field_value": request.POST.get("next", ""),
    }
    return render(request, "accounts/locked_out.html", context, status=429)
